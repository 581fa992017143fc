import {EventEmitter} from 'node:events'
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import type {Event} from '../../src/events.ts'
import {type Connect, TransportError} from '../../src/transport/transport.ts'
import {faultsOf, parseXml} from '../support/junit-shape.ts'
import {inventory, playbook, run} from './in-process.ts'

const onSite = ['-i', inventory]
const temporary = (t: ExecutionContext): string => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-report-'))
  t.teardown(() => rmSync(directory, {recursive: true, force: true}))
  return directory
}
const suitesIn = (file: string) => {
  const root = parseXml(readFileSync(file, 'utf8'))
  return {faults: faultsOf(root), suites: root.children}
}

test('--junit writes a report, in a directory that it makes, and leaves nothing else there', async t => {
  const directory = join(temporary(t), 'deep/er')
  const {code, stderr} = await run(['check', playbook('message'), ...onSite, '--junit', join(directory, 'r.xml')])
  t.is(code, 2)
  t.is(stderr, '')
  t.deepEqual(readdirSync(directory), ['r.xml'])
  const {faults, suites} = suitesIn(join(directory, 'r.xml'))
  t.deepEqual(faults, [])
  t.deepEqual(
    suites.map(({attributes}) => [attributes['name'], attributes['tests'], attributes['failures']]),
    [
      ['gw-a1', '2', '1'],
      ['gw-a2', '2', '1'],
    ],
  )
})

const ends = test.macro({
  async exec(t, _name: string, expected: number, connect: (signals: EventEmitter) => Connect) {
    const file = join(temporary(t), 'r.xml')
    const signals = new EventEmitter()
    const command = ['play', playbook('message'), ...onSite, '--junit', file]
    const {code} = await run(command, {signals, connect: connect(signals)})
    t.is(code, expected)
    const {faults, suites} = suitesIn(file)
    t.deepEqual(faults, [])
    t.deepEqual(
      suites.map(({attributes}) => attributes['errors']),
      ['1', '1'],
    )
    t.notRegex(readFileSync(file, 'utf8'), /correct-horse/)
  },
  title: (_, name) => 'the report is written when ' + name,
})
test(ends, 'no host can be reached', 4, () => async ({host}) => {
  throw new TransportError('unreachable', host, 'no route; the password correct-horse stays here')
})
test(ends, 'the run is interrupted twice', 130, signals => () => {
  setTimeout(() => signals.emit('SIGINT'), 20)
  setTimeout(() => signals.emit('SIGTERM'), 60)
  return new Promise(() => {})
})

test('invalid input is in the report', async t => {
  const directory = temporary(t)
  const bad = join(directory, 'bad.yml')
  writeFileSync(bad, '- name: x\n  hots: all\n')
  const {code} = await run(['check', bad, ...onSite, '--junit', join(directory, 'r.xml')])
  t.is(code, 5)
  const {faults, suites} = suitesIn(join(directory, 'r.xml'))
  t.deepEqual(faults, [])
  t.true(Number(suites[0]?.attributes['errors']) >= 1)
})

test('where no report can be written nothing is connected', async t => {
  const {code, stderr, connections} = await run(['check', playbook('message'), ...onSite, '--junit', '/dev/null/r.xml'])
  t.is(code, 5)
  t.is(connections, 0)
  t.regex(stderr, /--junit \/dev\/null\/r\.xml cannot be written: .*\[unwritable-report\]/)
})

test('--profile is an event of --json, before the summary', async t => {
  const {stdout} = await run(['check', playbook('message'), ...onSite, '--json', '--profile'])
  const events = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Event)
  const [profile, summary] = events.slice(-2)
  t.is(summary?.event, 'summary')
  t.true(summary?.event === 'summary' && (summary.peakMemoryBytes ?? 0) > 2 ** 20)
  t.deepEqual(profile?.event === 'profile' ? profile.profile.hosts.map(({host}) => host) : [], ['gw-a1', 'gw-a2'])
})

test('--profile ends the output; with -v the memory of the engine is told', async t => {
  const {stdout} = await run(['check', playbook('message'), ...onSite, '--profile', '-v'])
  t.regex(stdout, /memory of the engine at its peak: \d+ MiB\nexit code 2: .*\n\nprofile\n/)
  t.regex(stdout, /\n {2}all 2 .*s\n$/)
})
