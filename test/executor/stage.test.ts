// Connections that are lost at any byte of a stage, over the real loop and the real journal on this machine.
import {execFileSync} from 'node:child_process'
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir, userInfo} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test, {type ExecutionContext} from 'ava'
import {Connection} from '../../src/executor/connection.ts'
import {HostFailure} from '../../src/executor/host-failure.ts'
import type {PlanItem} from '../../src/executor/plan.ts'
import {Requests, reconnects} from '../../src/executor/requests.ts'
import {runStage} from '../../src/executor/stage.ts'
import {limitConcurrency} from '../../src/playbook/limit-concurrency.ts'
import type {Step} from '../../src/resources/resource.ts'
import {raw} from '../../src/shell/command.ts'
import {type LineOptions, type LocalSession, localSession} from '../../src/transport/scripted.ts'
import {type Session, TransportError} from '../../src/transport/transport.ts'
import {FakeHost, Told, targetOf} from '../support/fake-host.ts'
import {keptBelow} from '../support/kept-below.ts'

/** Every cut takes minutes; a sample of them meets every frame and every input. */
const full = process.env.GATEWRIGHT_TEST_FULL === '1'
const me = userInfo().username
const group = execFileSync('id', ['-gn'], {encoding: 'utf8'}).trim()

const itemOf = (id: string, realise: readonly Step[]): PlanItem => ({
  id,
  kind: 'thing',
  play: 0,
  become: undefined,
  verdict: 'changed',
  tentative: false,
  changes: [],
  steps: realise.map(({title}) => title),
  realise,
  barrier: false,
  origin: {play: 0, become: undefined, slot: 0, blocks: []},
})

/** More than a pipe holds, so that the step that reads it is under way when the line is cut. */
const contentOf = (name: string, n: number): string => `${name} ${n}\n`.repeat(20_000)

type Work = {readonly directory: string; readonly note: (word: string) => string}
const run = (title: string, command: string): Step => ({do: 'run', title, command: raw(command)})
const reading = (title: string, command: string, content: string): Step => ({
  do: 'run',
  title,
  command: raw(command).reading(content),
})
const write = ({directory, note}: Work, name: string): Step => ({
  do: 'write',
  title: `write ${name}`,
  files: [1, 2].map(n => ({
    path: join(directory, `${name}${n}`),
    content: contentOf(name, n),
    mode: '0600',
    owner: me,
    group,
  })),
  check: raw(note(name)),
})

/** Every way of doing something, two steps in one item. */
const everyWay = (work: Work): PlanItem[] => [
  itemOf('first', [run('one', work.note('one')), write(work, 'two')]),
  itemOf('second', [reading('three', `cat >${work.directory}/three; ${work.note('three')}`, 'words\n'.repeat(30))]),
  itemOf('third', [
    {do: 'wait', title: 'four', command: raw(work.note('four')), timeoutMs: 10_000},
    run('five', work.note('five')),
  ]),
]

type Outcome = {
  readonly failure: HostFailure | undefined
  readonly told: Told
  readonly done: readonly number[]
  /** Words of the steps that were carried out, in order. */
  readonly notes: readonly string[]
  readonly directory: string
  readonly bytes: {readonly before: LocalSession['bytes']; readonly after: LocalSession['bytes']}
  readonly sessions: number
}

/** Carries a stage out; the first connections break as `lines` says, in turn. */
const stage = async (
  t: ExecutionContext,
  items: (work: Work) => PlanItem[],
  lines: readonly LineOptions[],
  onStepEnd: (interruption: AbortController) => void = () => {},
): Promise<Outcome> => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-stage-'))
  t.teardown(() => rmSync(directory, {recursive: true, force: true, maxRetries: 5}))
  const notes = join(directory, 'notes')
  const told = new Told()
  const interruption = new AbortController()
  const {signal} = interruption
  const sessions: LocalSession[] = []
  const connect = async (): Promise<Session> => {
    const session = localSession({host: 'gw1', ...lines[sessions.length]})
    sessions.push(session)
    return keptBelow(session, directory)
  }
  const connection = new Connection(connect, targetOf('gw1'), {become: undefined, readOnly: false, signal})
  const emit: Told['emit'] = event => {
    told.emit(event)
    if (event.event === 'step-end') onStepEnd(interruption)
  }
  const requests = new Requests({connection, mode: 'apply', runId: 'r1', emit, signal, lockWaitSeconds: 30})
  await requests.gather([])
  const before = {...sessions.at(-1)?.bytes} as LocalSession['bytes']
  const done: number[] = []
  let failure: HostFailure | undefined
  try {
    const plan = items({directory, note: word => `echo ${word} >>${notes}`}).map((item, index) => ({item, index}))
    const onDone = (index: number): void => void done.push(index)
    await runStage(plan, {
      host: 'gw1',
      connection,
      requests,
      become: undefined,
      runId: 'r1',
      emit,
      signal,
      onDone,
      onAnswer: () => {},
    })
  } catch (error) {
    if (!(error instanceof HostFailure)) throw error
    failure = error
  }
  const after = {...sessions.at(-1)?.bytes} as LocalSession['bytes']
  await connection.close()
  const written = existsSync(notes) ? readFileSync(notes, 'utf8').split('\n').filter(Boolean) : []
  return {failure, told, done, notes: written, directory, bytes: {before, after}, sessions: sessions.length}
}

/** What was told of items and steps. */
const story = ({told}: Outcome): string[] =>
  told.events.flatMap(event =>
    event.event === 'item-start'
      ? [`item ${event.id}`]
      : event.event === 'step-start'
        ? [`begin ${event.title}`]
        : event.event === 'step-end'
          ? [`end ${event.title} ${event.code}`]
          : [],
  )
const wholeStory = [
  'item first, begin one, end one 0, begin write two, end write two 0',
  'item second, begin three, end three 0',
  'item third, begin four, end four 0, begin five, end five 0',
].flatMap(line => line.split(', '))

const range = (from: number, to: number, stride: number): number[] =>
  Array.from({length: Math.max(0, Math.ceil((to - from) / stride))}, (_, index) => from + index * stride)

const expectWhole = (t: ExecutionContext, outcome: Outcome, cut: string): void => {
  t.is(outcome.failure, undefined, `${cut}: ${outcome.failure?.message}`)
  t.deepEqual(outcome.notes, ['one', 'two', 'three', 'four', 'five'], `${cut}: each step ran once`)
  t.deepEqual(story(outcome), wholeStory, `${cut}: told once and in order`)
  t.deepEqual(outcome.done, [0, 1, 2], cut)
  t.is(readFileSync(join(outcome.directory, 'two1'), 'utf8'), contentOf('two', 1), cut)
  t.is(readFileSync(join(outcome.directory, 'two2'), 'utf8'), contentOf('two', 2), cut)
  t.is(readFileSync(join(outcome.directory, 'three'), 'utf8'), 'words\n'.repeat(30), cut)
}

test('without a loss every step runs once, over one connection', async t => {
  const outcome = await stage(t, everyWay, [])
  expectWhole(t, outcome, 'no cut')
  t.is(outcome.sessions, 1)
  t.deepEqual(outcome.told.of('reconnecting'), [])
})

test('wherever the line is cut on the way from the host, each step runs once and is told once', async t => {
  const {bytes} = await stage(t, everyWay, [])
  let journalled = 0
  await limitConcurrency(range(bytes.before.received, bytes.after.received + 1, full ? 1 : 17), 4, async cut => {
    const outcome = await stage(t, everyWay, [{cutAfterBytesReceived: cut}])
    expectWhole(t, outcome, `cut after ${cut} bytes received`)
    journalled += outcome.told.of('step-end').filter(event => event.journalled).length
  })
  t.true(journalled > 0, 'some ends were known to the journal alone')
})

test('wherever the line is cut on the way to the host, each step runs once and is told once', async t => {
  const {bytes} = await stage(t, everyWay, [])
  const inputs = 2 * contentOf('two', 1).length + 'words\n'.length * 30
  const {sent} = bytes.after
  const request = range(bytes.before.sent, sent - inputs, full ? 97 : 5000)
  const cuts = [...request, ...range(sent - inputs, sent, full ? 4999 : 19_997), sent - 100, sent - 1]
  await limitConcurrency(cuts, 4, async cut => {
    const outcome = await stage(t, everyWay, [{cutAfterBytesSent: cut}])
    expectWhole(t, outcome, `cut after ${cut} of ${sent} bytes sent`)
    t.true(outcome.sessions > 1)
  })
})

test('a connection that is lost again while it comes back is one more loss, and not the end', async t => {
  const whole = await stage(t, everyWay, [])
  const outcome = await stage(t, everyWay, [
    {cutAfterBytesReceived: whole.bytes.before.received + 40},
    {cutAfterBytesReceived: 10},
    {cutAfterBytesReceived: whole.bytes.before.received + 10},
  ])
  expectWhole(t, outcome, 'three cuts')
  t.is(outcome.sessions, 4)
  t.is(outcome.told.of('reconnecting').length, 3)
})

test('a step that fails stays failed, wherever the line is cut, and nothing behind it runs', async t => {
  const failing = ({note}: Work): PlanItem[] => [
    itemOf('first', [run('one', note('one'))]),
    itemOf('second', [run('two', `${note('two')}; echo said; exit 7`), run('three', note('three'))]),
    itemOf('third', [run('four', note('four'))]),
  ]
  const {bytes} = await stage(t, failing, [])
  const cuts = range(bytes.before.received, bytes.after.received + 1, full ? 1 : 13)
  await limitConcurrency([...cuts, Infinity], 4, async cut => {
    const outcome = await stage(t, failing, [{cutAfterBytesReceived: cut}])
    t.like(outcome.failure, {status: 'failed', id: 'second', message: 'two failed with exit code 7:\nsaid'}, `${cut}`)
    t.deepEqual(outcome.notes, ['one', 'two'], `cut after ${cut} bytes received`)
    t.deepEqual(story(outcome), ['item first', 'begin one', 'end one 0', 'item second', 'begin two', 'end two 7'])
    t.deepEqual(outcome.done, [0])
  })
})

test('an interruption lets the running step end, and what was not begun stays undone', async t => {
  const slow = ({directory, note}: Work): PlanItem[] => [
    itemOf('first', [run('one', note('one'))]),
    itemOf('second', [run('two', `until [ -e ${directory}/go ]; do sleep 0.1; done; ${note('two')}`)]),
    itemOf('third', [run('three', note('three'))]),
  ]
  const outcome = await stage(t, slow, [], interruption => interruption.abort())
  t.like(outcome.failure, {status: 'interrupted', message: 'interrupted before: two'})
  t.truthy(outcome.failure?.next)
  t.deepEqual(outcome.done, [0])
  t.is(outcome.sessions, 1)
  // Step two may have been begun before the line was closed: then it ends by itself, and three is not begun.
  const {directory} = outcome
  writeFileSync(join(directory, 'go'), '')
  const journal = join(directory, 'state/journal/r1')
  while (existsSync(join(journal, '1%2E0.start')) && !existsSync(join(journal, '1%2E0.code'))) await sleep(50)
  await sleep(500)
  t.false(readFileSync(join(directory, 'notes'), 'utf8').includes('three'))
})

const canned = async (reached: (host: FakeHost) => Promise<Session>) => {
  const host = new FakeHost()
  const told = new Told()
  const {signal} = new AbortController()
  const connection = new Connection(() => reached(host), targetOf('gw1'), {become: undefined, readOnly: false, signal})
  const {emit} = told
  const requests = new Requests({connection, mode: 'apply', runId: 'r1', emit, signal, lockWaitSeconds: 0})
  await requests.gather([])
  const items = [{item: itemOf('a', [run('set a=1', 'x')]), index: 0}]
  const failure = await runStage(items, {
    connection,
    requests,
    become: undefined,
    runId: 'r1',
    emit,
    signal,
    onDone: () => {},
    onAnswer: () => {},
    host: 'gw1',
  }).catch((error: unknown) => error)
  return {host, told, failure}
}

test('after too many losses the host is unreachable, with the step at which it was and what to do', async t => {
  const {host, told, failure} = await canned(host => {
    host.lose = fragments => fragments.some(({step}) => step)
    return host.connect()
  })
  t.true(failure instanceof HostFailure)
  t.like(failure, {
    status: 'unreachable',
    id: 'a',
    message: 'the connection was lost (at: set a=1)',
    next: 'a step that was running ends on the host by itself; run the same command again',
  })
  t.is(host.connections, 1 + reconnects)
  t.is(told.of('reconnecting').length, reconnects)
})

test('a host that does not come back is given up at once, with its own words', async t => {
  const {host, failure} = await canned(host => {
    host.lose = fragments => fragments.some(({step}) => step)
    return host.connections === 0
      ? host.connect()
      : Promise.reject(new TransportError('unreachable', 'gw1', 'no route'))
  })
  t.like(failure, {status: 'unreachable', id: 'a', message: 'no route (at: set a=1)'})
  t.is(host.connections, 1)
})

test('a step of which the journal knows the beginning only was cut off on the host', async t => {
  const {told, failure} = await canned(async host => {
    host.lose = fragments => fragments.some(({step}) => step)
    host.journal = `- ${Buffer.from('0.0').toString('base64')} \n`
    return host.connect()
  })
  t.like(failure, {status: 'failed', id: 'a'})
  t.regex(String(failure), /set a=1 was cut off on the host before it ended/)
  t.deepEqual(told.names.slice(-2), ['item-start', 'step-start'])
})
