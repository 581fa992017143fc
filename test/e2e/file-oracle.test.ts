// Debian's ansible, asked again about tasks about files. UPDATE_ORACLE=1 writes what it says.
import test from 'ava'
import {ansibleIsHere} from '../support/ansible.ts'
import {fileCases} from '../support/file-cases.ts'
import {askAnsible, type FileResult, record, recorded} from '../support/file-oracle.ts'

const oracle = ansibleIsHere ? test.serial : test.skip
const update = Boolean(process.env['UPDATE_ORACLE'])
const full = process.env['GATEWRIGHT_TEST_FULL'] === '1' || update
/** Each call costs Ansible half a second, three times. */
const size = 30
const chunks = Array.from({length: Math.ceil(fileCases.length / size)}, (_, index) =>
  fileCases.slice(index * size, (index + 1) * size),
)
const said: Record<string, FileResult> = {}

for (const [index, chunk] of chunks.slice(0, full ? chunks.length : 1).entries())
  oracle(`calls of modules about files, part ${index + 1}`, async t => {
    t.timeout(300_000)
    const results = await askAnsible(chunk)
    Object.assign(said, results)
    if (update) record({...recorded(), ...said})
    else t.deepEqual(results, Object.fromEntries(chunk.map(({name}) => [name, recorded()[name] as FileResult])))
  })
