import test from 'ava'
import {Connection} from '../../src/executor/connection.ts'
import {HostFailure} from '../../src/executor/host-failure.ts'
import {HostRun} from '../../src/executor/host-run.ts'
import {Requests, reconnects} from '../../src/executor/requests.ts'
import type {Line} from '../../src/planner/line.ts'
import {planHost} from '../../src/planner/plan.ts'
import {type Handler, type Resource, resourceOf} from '../../src/resources/resource.ts'
import {raw} from '../../src/shell/command.ts'
import {FakeHost, fact, opaque, Told, targetOf, thing} from '../support/fake-host.ts'

type Place = {play?: number; become?: string}
const on = ({play = 0, become}: Place) => ({play, become, slot: 0, blocks: []})
const line = (resource: Resource, place: Place = {}): Line => ({...on(place), line: 'resource', resource})
const task = (name: string, run: () => Promise<{changed: boolean; message?: string}>, place: Place = {}): Line => ({
  ...on(place),
  line: 'task',
  id: `task ${name}`,
  task: {id: `task ${name}`, run},
})

const judgedUnit = {
  round: 0,
  isLoop: false,
  judge: {changed: () => false, failed: () => false},
  ignoreErrors: false,
  registers: true,
  environment: {},
}

const reload: Handler = {id: 'reload d', unit: 'd', action: 'reload'}
const debt = resourceOf<Handler, {active: boolean; stale: boolean}>({
  name: 'handler',
  identify: ({id}) => id,
  probe: ({id}) => ({command: raw(`probe ${id}`), parse: ({stdout}) => ({active: true, stale: stdout === 'stale'})}),
  diff: (_, {stale}) => (stale ? [{path: 'loaded configuration', from: 'older', to: 'current'}] : []),
  steps: ({id}) => [{do: 'run', title: id, command: raw(id)}],
  problems: () => [],
})
const handler = (place: Place = {}): Line => ({...on(place), line: 'handler', handler: reload, resource: debt(reload)})

const setUp = (lines: readonly Line[], values: Record<string, string> = {}) => {
  const host = new FakeHost()
  for (const [name, value] of Object.entries(values)) host.values.set(name, value)
  const told = new Told()
  const interruption = new AbortController()
  const {signal} = interruption
  const make = (mode: 'check' | 'apply') => {
    const connection = new Connection(host.connect, targetOf('gw1'), {become: undefined, readOnly: true, signal})
    const shared = {mode, runId: 'r1', emit: told.emit, signal}
    const requests = new Requests({...shared, connection, lockWaitSeconds: 0})
    return new HostRun({...shared, host: 'gw1', requestsOf: () => requests})
  }
  const plan = async (run: HostRun): Promise<void> => {
    await run.gather([fact('os')])
    const slotted = lines.map((each, slot) => ({...each, slot}))
    await run.plan(({answers, done, since}) => {
      const probes = slotted.slice(done.length).flatMap(each => {
        if (!('resource' in each) || answers.has(each.resource.id)) return []
        return [{key: each.resource.id, resource: each.resource, become: each.become}]
      })
      return {items: probes.length > 0 ? [] : planHost(slotted, {answers, done, since}), probes, tasks: []}
    })
    run.announce()
  }
  /** Facts, plan and all plays, as a run does; resolves with what stopped it. */
  const go = async (mode: 'check' | 'apply', plays = [0]) => {
    const run = make(mode)
    try {
      await plan(run)
      if (mode === 'apply') for (const play of plays) await run.applyPlay(play)
      return {failure: undefined, summary: run.summary()}
    } catch (error) {
      if (!(error instanceof HostFailure)) throw error
      return {failure: error, summary: run.summary(error)}
    }
  }
  return {host, told, go, interruption}
}

const counted = (counts: Record<string, number>) => Object.fromEntries(Object.entries(counts).filter(([, n]) => n > 0))
const stays = 'the steps before it are done and stay; mend the cause and run the same command again'

test('check mode sends exactly two requests, whatever differs, and no step', async t => {
  const {host, told, go} = setUp([
    line(thing({name: 'a', value: '1'})),
    line(opaque({name: 'p', value: '1'})),
    handler(),
  ])
  const {failure, summary} = await go('check')
  t.is(failure, undefined)
  t.deepEqual(host.requests, [['fact os'], ['probe a', 'probe p', 'probe reload d']])
  t.true(host.session.requests.every(({fragments, shell}) => shell.readOnly && !fragments.some(({step}) => step)))
  t.deepEqual(told.names, ['connected', 'facts', 'planned'])
  t.deepEqual(counted(summary.counts), {ok: 1, changed: 2})
  t.is(summary.status, 'changed')
})

test('apply of a converged host sends two requests, the first of them with the lock', async t => {
  const {host, told, go} = setUp([line(thing({name: 'a', value: '1'})), line(opaque({name: 'p', value: '1'}))], {
    a: '1',
    p: '1',
  })
  const {summary} = await go('apply')
  t.deepEqual(
    host.session.requests.map(({fragments}) => fragments.map(({id}) => id)),
    [
      ['lock', 'f0'],
      ['p0', 'p1'],
    ],
  )
  t.deepEqual(told.names, ['connected', 'facts', 'planned'])
  t.is(summary.status, 'ok')
})

test('steps are told in order, each item ends with its last step, and what changed is probed again', async t => {
  const lines = [line(thing({name: 'a', value: '1'})), line(thing({name: 'b', value: '1'}))]
  const {host, told, go} = setUp([...lines, line(thing({name: 'c', value: '1'}))], {c: '1'})
  const {summary} = await go('apply')
  t.deepEqual(host.requests.slice(2), [
    ['set a=1', 'set b=1'],
    ['probe a', 'probe b'],
  ])
  t.deepEqual(
    told.events.slice(3).map(event => `${event.event} ${'id' in event ? event.id : ''}`.trim()),
    [
      'item-start thing a',
      'step-start thing a',
      'step-end thing a',
      'item-end',
      'item-start thing b',
      'step-start thing b',
      'step-end thing b',
      'item-end',
      'verified',
    ],
  )
  t.deepEqual(told.of('verified')[0]?.ids, ['thing a', 'thing b'])
  t.deepEqual(counted(summary.counts), {ok: 1, changed: 2})
})

test('a stage ends at a barrier, the rest is probed again, and a plan that stays the same is not told again', async t => {
  const {host, told, go} = setUp([
    line(thing({name: 'a', value: '1'})),
    line(opaque({name: 'p', value: '1'})),
    line(thing({name: 'b', value: '1'})),
    line(thing({name: 'c', value: '1'})),
  ])
  await go('apply')
  t.deepEqual(host.requests.slice(2), [
    ['set a=1', 'set p=1'],
    ['probe b', 'probe c'],
    ['set b=1', 'set c=1'],
    ['probe a', 'probe p', 'probe b', 'probe c'],
  ])
  t.deepEqual(told.of('plan-revised'), [])
})

test('a plan that differs after a barrier is told with what it was', async t => {
  const {host, told, go} = setUp([
    line(opaque({name: 'p', value: '1'})),
    line(thing({name: 'b', value: '1'})),
    line(thing({name: 'c', value: '1'})),
  ])
  host.onStep = title => title === 'set p=1' && host.values.set('b', '1')
  const {summary} = await go('apply')
  const [revised, ...more] = told.of('plan-revised')
  t.deepEqual(more, [])
  const shown = (items: readonly {verdict: string; id: string}[] = []) =>
    items.map(item => `${item.verdict} ${item.id}`)
  t.deepEqual(shown(revised?.was), ['changed thing b', 'changed thing c'])
  t.deepEqual(shown(revised?.items), ['ok thing b', 'changed thing c'])
  t.deepEqual(host.ran, ['set p=1', 'set c=1'])
  t.deepEqual(counted(summary.counts), {ok: 1, changed: 2})
})

test('what turns out impossible after a barrier stops the host there', async t => {
  const {host, go} = setUp([
    line(opaque({name: 'p', value: '1', provides: {directories: ['/etc/p']}})),
    line(thing({name: 'b', value: '1', needs: '/etc/p'})),
    line(thing({name: 'c', value: '1'})),
  ])
  const {failure, summary} = await go('apply')
  t.like(failure, {status: 'failed', id: 'thing b', message: '/etc/p is not there', next: stays})
  t.deepEqual(host.ran, ['set p=1'])
  t.deepEqual(counted(summary.counts), {changed: 1, failed: 1, skipped: 1})
})

test('a failed step stops the host: items before it are changed, those after it skipped', async t => {
  const {host, told, go} = setUp(['a', 'b', 'c', 'd'].map(name => line(thing({name, value: '1'}))))
  const words = Array.from({length: 20}, (_, index) => `line ${index + 1}`)
  host.failing.set('set b=1', {code: 9, stdout: `${words.join('\n')}\n`})
  const {failure, summary} = await go('apply')
  t.like(failure, {
    status: 'failed',
    id: 'thing b',
    message: `set b=1 failed with exit code 9:\n${words.slice(-12).join('\n')}`,
    next: stays,
  })
  t.deepEqual(host.ran, ['set a=1'])
  t.deepEqual(counted(summary.counts), {changed: 1, failed: 1, skipped: 2})
  t.deepEqual(
    told.of('item-end').map(({item}) => `${item.verdict} ${item.id}`),
    ['changed thing a', 'failed thing b'],
  )
  t.is(summary.error, failure?.message)
})

test('a step without output fails with its title and code alone', async t => {
  const {host, go} = setUp([line(thing({name: 'a', value: '1'}))])
  host.failing.set('set a=1', {code: 1, stdout: ''})
  t.is((await go('apply')).failure?.message, 'set a=1 failed with exit code 1')
})

test('what still differs after apply has not converged, and is an error', async t => {
  const {host, told, go} = setUp([line(thing({name: 'a', value: '1'})), line(thing({name: 'b', value: '1'}))])
  host.stuck.add('b')
  const {failure, summary} = await go('apply')
  t.like(failure, {
    status: 'failed',
    id: 'thing b',
    message: 'did not converge: after apply still value is "absent", not "1"',
    next: 'something on the host undoes it: look at its journal and unit state',
  })
  t.deepEqual(counted(summary.counts), {changed: 1, failed: 1})
  t.is(told.of('item-end').at(-1)?.item.verdict, 'failed')
  t.deepEqual(told.of('verified'), [])
})

test('what cannot be read after apply is an error too', async t => {
  const {host, go} = setUp([line(thing({name: 'a', value: '1'}))])
  host.onStep = () => host.values.set('a', 'denied')
  const {failure, summary} = await go('apply')
  t.is(failure?.status, 'failed')
  t.regex(failure?.message ?? '', /^after apply it cannot be told .*: a: permission denied$/)
  t.deepEqual(counted(summary.counts), {failed: 1})
})

test('what the host cannot have, as only applying tells, is unsupported and no failure', async t => {
  const {host, told, go} = setUp([line(thing({name: 'a', value: '1'})), line(thing({name: 'b', value: '1'}))])
  host.onStep = title => title === 'set a=1' && host.values.set('a', 'never')
  const {failure, summary} = await go('apply')
  t.is(failure, undefined)
  t.deepEqual(counted(summary.counts), {changed: 1, unsupported: 1})
  t.deepEqual(summary.unsupported, [{id: 'thing a', reason: 'this kernel has it not'}])
  t.deepEqual(told.of('verified')[0]?.ids, ['thing b'])
})

for (const [what, second, values, message] of [
  ['an obstacle', thing({name: 'b', value: '1', needs: '/etc/x'}), {}, '/etc/x is not there'],
  ['something unreadable', thing({name: 'b', value: '1'}), {b: 'denied'}, 'b: permission denied'],
] as const)
  test(`${what} means that nothing is changed, and the plan is told nevertheless`, async t => {
    const {host, told, go} = setUp([line(thing({name: 'a', value: '1'})), line(second)], values)
    const {failure, summary} = await go('apply')
    t.like(failure, {status: 'failed', id: 'thing b', message, next: 'nothing was changed on this host'})
    t.deepEqual(host.ran, [])
    t.is(host.session.requests.length, 2)
    t.is(told.of('planned')[0]?.items.length, 2)
    t.deepEqual(counted(summary.counts), {failed: 1, skipped: 1})
    const checked = await setUp([line(second)], values).go('check')
    t.is(checked.failure?.next, undefined)
  })

test('a fact that cannot be read is a failure of the host, in its words', async t => {
  const {go} = setUp([], {os: 'denied'})
  t.like((await go('check')).failure, {status: 'failed', message: 'os: permission denied'})
})

test('two privilege levels are one request each, for probes and for steps', async t => {
  const {host, go} = setUp([
    line(thing({name: 'a', value: '1'}), {become: 'root'}),
    line(thing({name: 'b', value: '1'}), {become: 'root'}),
    line(thing({name: 'c', value: '1'})),
    line(thing({name: 'd', value: '1'}), {become: 'root'}),
  ])
  const {failure} = await go('apply')
  t.is(failure, undefined)
  t.deepEqual(
    host.session.requests
      .slice(1)
      .map(({shell}, index) => `${shell.become ?? 'login'}: ${String(host.requests[index + 1])}`),
    [
      'root: probe a,probe b,probe d',
      'login: probe c',
      'root: set a=1,set b=1',
      'login: set c=1',
      'root: set d=1',
      'root: probe a,probe b,probe d',
      'login: probe c',
    ],
  )
})

test('a handler runs behind all that notify it, in the same request, and is verified', async t => {
  const notifying = {...thing({name: 'a', value: '1'}), notify: [reload]}
  const {host, go} = setUp([line(notifying), line(thing({name: 'b', value: '1'})), handler()])
  const {summary} = await go('apply')
  t.deepEqual(host.requests.slice(2), [
    ['set a=1', 'set b=1', 'reload d'],
    ['probe a', 'probe b', 'probe reload d'],
  ])
  t.deepEqual(counted(summary.counts), {changed: 3})
})

test('a handler that does not settle its debt has not converged', async t => {
  const {go} = setUp([handler()], {'reload d': 'stale'})
  t.regex((await go('apply')).failure?.message ?? '', /^did not converge: .*loaded configuration is "older"/)
})

test('one handler in two plays is carried out, told and counted in each', async t => {
  const notifying = (name: string) => ({...thing({name, value: '1'}), notify: [reload]})
  const {host, told, go} = setUp([line(notifying('a')), handler(), line(notifying('b'), {play: 1}), handler({play: 1})])
  const {summary} = await go('apply', [0, 1])
  t.deepEqual(host.ran, ['set a=1', 'reload d', 'set b=1', 'reload d'])
  t.deepEqual(
    told.of('item-end').map(({item}) => `${item.play} ${item.id}`),
    ['0 thing a', '0 handler reload d', '1 thing b', '1 handler reload d'],
  )
  t.deepEqual(counted(summary.counts), {changed: 4})
})

test('a task is a barrier: what is before it is done, what follows is probed again', async t => {
  const order: string[] = []
  const {host, told, go} = setUp([
    line(thing({name: 'a', value: '1'})),
    task('r.t', async () => {
      order.push(...host.ran, 'task')
      host.values.set('b', '1')
      return {changed: true, message: 'moved'}
    }),
    line(thing({name: 'b', value: '1'})),
  ])
  const {summary} = await go('apply')
  t.deepEqual(order, ['set a=1', 'task'])
  t.deepEqual(host.requests.slice(2), [['set a=1'], ['probe b'], ['probe a']])
  t.like(told.of('item-end').at(-1)?.item, {id: 'task r.t', verdict: 'changed', reason: 'moved'})
  t.is(told.of('plan-revised').length, 1)
  t.deepEqual(counted(summary.counts), {changed: 2, ok: 1})
})

test('a task whose result is judged is told once, as it was judged', async t => {
  const judged = {...task('r.t', async () => ({changed: true, message: 'moved'})), unit: judgedUnit}
  const {told, go} = setUp([judged])
  await go('apply')
  t.deepEqual(
    told.of('item-end').map(({item}) => [item.verdict, item.reason]),
    [['ok', 'moved']],
  )
})

test('a task that throws is failed with its message, and what follows is skipped', async t => {
  const {told, go} = setUp([
    line(thing({name: 'a', value: '1'})),
    task('r.t', async () => {
      throw new Error('nobody holds the address')
    }),
    line(thing({name: 'b', value: '1'})),
  ])
  const {failure, summary} = await go('apply')
  t.like(failure, {status: 'failed', id: 'task r.t', message: 'nobody holds the address', next: stays})
  t.like(told.of('item-end').at(-1)?.item, {verdict: 'failed', reason: 'nobody holds the address'})
  t.deepEqual(counted(summary.counts), {changed: 1, failed: 1, skipped: 1})
})

test('a later play is probed again in the request that verifies the earlier one, and is judged by it', async t => {
  const lines = [
    line(thing({name: 'a', value: '1', provides: {directories: ['/etc/p']}})),
    line(thing({name: 'b', value: '1'}), {play: 1}),
    line(thing({name: 'c', value: '1'}), {play: 1}),
  ]
  const revised = setUp(lines)
  revised.host.onStep = title => title === 'set a=1' && revised.host.values.set('b', '1')
  t.is((await revised.go('apply', [0, 1])).failure, undefined)
  t.deepEqual(revised.host.requests.slice(2), [
    ['set a=1'],
    ['probe a', 'probe b', 'probe c'],
    ['set c=1'],
    ['probe c'],
  ])
  t.deepEqual(
    revised.told.of('plan-revised')[0]?.items.map(({verdict}) => verdict),
    ['ok', 'changed'],
  )
  const failing = setUp(lines)
  failing.host.onStep = title => title === 'set a=1' && failing.host.values.set('c', 'denied')
  const {failure, summary} = await failing.go('apply', [0, 1])
  t.like(failure, {status: 'failed', id: 'thing c', message: 'c: permission denied', next: stays})
  t.deepEqual(failing.host.ran, ['set a=1'])
  t.deepEqual(counted(summary.counts), {changed: 1, failed: 1, skipped: 1})
})

test('an interruption between two stages leaves the rest, and says so', async t => {
  const {host, go, interruption} = setUp([
    line(opaque({name: 'p', value: '1'})),
    line(thing({name: 'b', value: '1'})),
    line(thing({name: 'c', value: '1'})),
  ])
  host.onStep = () => interruption.abort()
  const {failure, summary} = await go('apply')
  t.is(failure?.status, 'interrupted')
  t.deepEqual(host.ran, ['set p=1'])
  t.deepEqual(counted(summary.counts), {changed: 1, skipped: 2})
})

test('an interruption during the last step of a play lets it be verified', async t => {
  const {host, told, go, interruption} = setUp([line(thing({name: 'a', value: '1'}))])
  host.onStep = () => interruption.abort()
  const {failure, summary} = await go('apply')
  t.is(failure, undefined)
  t.is(told.of('verified').length, 1)
  t.is(host.connections, 1)
  t.is(summary.status, 'changed')
})

test('facts and probes are asked again over a new connection, with the lock, and not for ever', async t => {
  const {host, told, go} = setUp([line(thing({name: 'a', value: '1'}))], {a: '1'})
  let left = reconnects
  host.lose = fragments => fragments.some(({id}) => id === 'p0') && left-- > 0
  t.is((await go('apply')).failure, undefined)
  t.is(host.connections, 1 + reconnects)
  t.is(told.of('reconnecting').length, reconnects)
  t.is(host.requests.filter(([first]) => first?.includes('flock')).length, 1 + reconnects)
  left = Infinity
  const {failure} = await go('apply')
  t.like(failure, {status: 'unreachable', message: 'the connection was lost'})
  t.is(host.connections, 2 * (1 + reconnects))
})

test('a host that is closed is locked anew when it is asked again', async t => {
  const host = new FakeHost()
  const {emit} = new Told()
  const {signal} = new AbortController()
  const connection = new Connection(host.connect, targetOf('gw2'), {become: undefined, readOnly: false, signal})
  const requests = new Requests({connection, mode: 'apply', runId: 'r1', emit, signal, lockWaitSeconds: 0})
  for (const _ of [1, 2]) {
    await requests.lock()
    await requests.lock()
    await requests.close()
  }
  t.is(host.requests.filter(([first]) => first?.includes('flock')).length, 2)
})
