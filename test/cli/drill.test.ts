import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {drillDesk} from '../../src/cli/drill-desk.ts'
import {failedResult} from '../drill/example-result.ts'
import {golden} from '../reporters/golden.ts'
import {run} from './in-process.ts'

const root = join(import.meta.dirname, '../..')
const words = ['drill', join(root, 'playbooks/drill.yml'), '-i', join(root, 'inventory/lab')]

test('--list names the scenarios of each pair and connects to nothing', async t => {
  const {code, stdout, connections} = await run([...words, '--list'])
  t.deepEqual([code, connections], [0, 0])
  golden(t, import.meta.dirname, 'drill list.txt', stdout)
})

test('a scenario that does not exist is told with the nearest that does', async t => {
  const {code, stderr} = await run([...words, '--scenario', 'lan-cabel'])
  t.is(code, 5)
  t.regex(stderr, /playbooks\/drill\.yml:\d+:\d+: the drill has no scenario 'lan-cabel', did you mean 'lan-cable'\?/)
})

test('half a pair is not drilled', async t => {
  const {code, stderr} = await run([...words, '--limit', 'gw1'])
  t.is(code, 5)
  t.regex(stderr, /a drill needs both gateways of lab, take gw2 into the play and --limit/)
})

test('what the inventory has no link or role for is left out', async t => {
  const {stdout} = await run([...words, '--list', '-e', '{drill_links: {lan: lan}}'])
  t.regex(stdout.replaceAll(/\s+/g, ' '), /sync-cable .*left out: the inventory names no such link/)
  t.regex(
    stdout.replaceAll(/\s+/g, ' '),
    /bgp-session .*left out: the inventory says nothing for 'neighbor' of bgp\.silence/,
  )
})

const io = {stdout: {write: () => undefined}, stderr: {write: () => undefined}, env: {}, cwd: tmpdir()}

test('reports are kept under the name of the pair and the time', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-reports-'))
  const files = await drillDesk(io, directory).report({...failedResult, pair: 'a/b'})
  t.deepEqual(readdirSync(directory).toSorted(), [
    'drill-a_b-2026-11-29T020000Z.html',
    'drill-a_b-2026-11-29T020000Z.json',
    'drill-a_b-2026-11-29T020000Z.xml',
  ])
  t.true(files.every(existsSync))
  t.deepEqual(JSON.parse(readFileSync(files.find(file => file.endsWith('.json')) ?? '', 'utf8')), {
    ...failedResult,
    pair: 'a/b',
  })
  rmSync(directory, {recursive: true})
})

test('a hand that fails is told with its words', async t => {
  const desk = drillDesk(io, tmpdir())
  await desk.runHere(['sh', '-c', 'exit 0'])
  await t.throwsAsync(desk.runHere(['sh', '-c', 'echo no such outlet >&2; exit 3']), {
    message: '`sh -c echo no such outlet >&2; exit 3` ended with exit code 3: no such outlet',
  })
  await t.throwsAsync(desk.runHere(['/nowhere/hands', 'cut']), {message: /ENOENT/})
})
