import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {InvalidInput} from '../../src/diagnostic.ts'
import {load} from '../../src/playbook/load.ts'
import {brokenCases} from '../support/broken-cases.ts'

/** UPDATE_BROKEN=1 writes the outputs anew; read every change as an operator would. */
const update = Boolean(process.env['UPDATE_BROKEN'])

test('there are more than 45 broken sites', t => {
  t.true(brokenCases().length >= 45)
})

for (const {name, directory, options, expected, relativePaths} of brokenCases())
  test(`${name}: every problem is said at once`, async t => {
    const error = await t.throwsAsync(load(options), {instanceOf: InvalidInput})
    const output = `${relativePaths(error?.message ?? '')}\n`
    if (update) writeFileSync(join(directory, 'expected.txt'), output)
    else t.is(output, expected)
    t.notRegex(output, /undefined \[|\[object|NaN|\bat file:/)
  })
