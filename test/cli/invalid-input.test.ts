import test from 'ava'
import type {Event} from '../../src/events.ts'
import {brokenCases} from '../support/broken-cases.ts'
import {inventory, playbook, run} from './in-process.ts'

for (const broken of brokenCases())
  test(`invalid input: ${broken.name}`, async t => {
    const {argv, expected} = broken
    const {code, stdout, stderr, connections} = await run(['play', ...argv])
    t.is(code, 5, stderr)
    t.is(stdout, '')
    t.is(connections, 0)
    const lines = expected.trimEnd().split('\n')
    t.is(
      broken.relativePaths(stderr),
      `${expected.trimEnd()}\n${lines.length} problem${lines.length === 1 ? '' : 's'}; nothing was connected\n`,
    )
  })

test('with --json the problems are events too', async t => {
  const {code, stdout, stderr} = await run(['check', playbook('broken'), '-i', inventory, '--json'])
  t.is(code, 5)
  const events = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Event)
  t.true(events.length >= 2)
  t.true(events.every(({event}) => event === 'diagnostic'))
  t.regex(stderr, /problems; nothing was connected\n$/)
})

test('an exception that nobody expected is reported as a defect', async t => {
  const env = new Proxy(
    {},
    {
      get: () => {
        throw new TypeError('a bug')
      },
    },
  )
  const {code, stderr} = await run(['check', playbook('message'), '-e', 'db_password=hunter22'], {env})
  t.is(code, 1)
  t.regex(stderr, /^gatewright: this is a defect of gatewright .*Please report it/)
  t.regex(stderr, /TypeError: a bug/)
  t.regex(stderr, /-e 'db_password=\*\*\*'/)
  t.notRegex(stderr, /hunter22/)
})
