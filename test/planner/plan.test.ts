import test from 'ava'
import type {Answers, PlanItem} from '../../src/executor/plan.ts'
import type {Line} from '../../src/planner/line.ts'
import {planHost, type TaskPlans} from '../../src/planner/plan.ts'
import type {Provides} from '../../src/resources/foresight.ts'
import {
  type Answer,
  type Handler,
  type Kind,
  resourceOf,
  Unreadable,
  unsupported,
} from '../../src/resources/resource.ts'

type Thing = {name: string; value: string; needs?: string; provides?: Provides}
type Seen = {value: string; parent: boolean}

/** A kind of which everything can be told: its probe answers with the value itself. */
const kind = (name: string, opaque = false): Kind<Thing, Seen> => ({
  name,
  opaque,
  identify: ({name}) => name,
  probe: () => ({
    command: {} as never,
    parse({stdout}) {
      if (stdout === 'denied') throw new Unreadable('permission denied')
      if (stdout === 'never') return unsupported('this kernel has it not')
      return {value: stdout, parent: false}
    },
  }),
  predict: ({needs}, current, foresight) => ({
    ...current,
    parent: needs !== undefined && foresight.directories.has(needs),
  }),
  obstacle: ({needs}, {parent}) => (needs && !parent ? `${needs} does not exist` : undefined),
  diff: ({value}, current) =>
    value === 'guess' ? 'unknown' : value === current.value ? [] : [{path: 'value', from: current.value, to: value}],
  steps: ({name}) => [{do: 'run', title: `make ${name}`, command: {} as never}],
  provides: ({provides}) => provides ?? {},
  problems: () => [],
})
const thing = resourceOf(kind('thing'))
const opaque = resourceOf(kind('opaque', true))
const unit = resourceOf<{name: string; running: boolean}, {active: boolean}>({
  ...(kind('service') as never as Kind<{name: string; running: boolean}, {active: boolean}>),
  predict: (_, current) => current,
  probe: () => ({command: {} as never, parse: ({stdout}) => ({active: stdout === 'active'})}),
  diff: ({running}, {active}) => (running === active ? [] : [{path: 'running', from: active, to: running}]),
})
const debt = resourceOf<{unit: string; action: string}, {active: boolean; stale: boolean}>({
  ...(kind('handler') as never as Kind<{unit: string; action: string}, {active: boolean; stale: boolean}>),
  identify: ({unit, action}) => `${action} ${unit}`,
  predict: (_, current) => current,
  probe: () => ({
    command: {} as never,
    parse: ({stdout}) => ({active: stdout !== '', stale: stdout === 'stale'}),
  }),
  diff: (_, {stale}) => (stale ? [{path: 'loaded configuration', from: 'older', to: 'current'}] : []),
})

const reload: Handler = {id: 'reload d', unit: 'd', action: 'reload'}
const restart: Handler = {id: 'restart d', unit: 'd', action: 'restart'}
const at = {play: 0, become: undefined, slot: 0, blocks: []}
const line = (resource: ReturnType<typeof thing>): Line => ({...at, line: 'resource', resource})
const handlerLine = (handler: Handler): Line => ({
  ...at,
  line: 'handler',
  handler,
  resource: debt({unit: handler.unit, action: handler.action}),
})
const answers = (given: Record<string, string>): Map<string, Answer> =>
  new Map(Object.entries(given).map(([id, stdout]) => [id, {code: 0, stdout, stderr: ''}]))
const plan = (
  lines: readonly Line[],
  answers: Answers,
  done: readonly PlanItem[] = [],
  tasks: TaskPlans = new Map(),
): PlanItem[] => planHost(lines, {answers, done, tasks})
const shown = (items: readonly PlanItem[]) =>
  items.map(({id, verdict, tentative}) => `${verdict}${tentative ? '?' : ''} ${id}`)

test('what differs is changed, what does not is ok, and the steps belong to the plan', t => {
  const items = plan(
    [line(thing({name: 'a', value: '1'})), line(thing({name: 'b', value: '2'}))],
    answers({'thing a': '1', 'thing b': '1'}),
  )
  t.deepEqual(shown(items), ['ok thing a', 'changed thing b'])
  t.deepEqual(items[1]?.changes, [{path: 'value', from: '1', to: '2'}])
  t.deepEqual(items[1]?.steps, ['make b'])
  t.is(items[1]?.realise.length, 1)
})

test('unreadable is failed and never absent, a missing answer too, unsupported has a reason', t => {
  const items = plan(
    [line(thing({name: 'a', value: '1'})), line(thing({name: 'b', value: '2'})), line(thing({name: 'c', value: '2'}))],
    answers({'thing a': 'denied', 'thing b': 'never'}),
  )
  t.deepEqual(shown(items), ['failed thing a', 'unsupported thing b', 'failed thing c'])
  t.deepEqual(
    items.map(({reason}) => reason),
    ['permission denied', 'this kernel has it not', 'the host gave no answer to its probe'],
  )
})

test('what a change will provide is seen by those after it, not by those before it', t => {
  const provider = opaque({name: 'p', value: '1', provides: {directories: ['/etc/p']}})
  const user = line(thing({name: 'u', value: '1', needs: '/etc/p'}))
  const told = answers({'opaque p': '', 'thing u': ''})
  t.deepEqual(shown(plan([line(provider), user], told)), ['changed opaque p', 'changed? thing u'])
  t.deepEqual(shown(plan([user, line(provider)], told)), ['failed thing u', 'changed opaque p'])
  t.is(plan([user, line(provider)], told)[0]?.reason, '/etc/p does not exist')
})

test('nothing is tentative behind an opaque resource that does not change', t => {
  const lines = [line(opaque({name: 'p', value: '1'})), line(thing({name: 'u', value: '1'}))]
  t.deepEqual(shown(plan(lines, answers({'opaque p': '1', 'thing u': '0'}))), ['ok opaque p', 'changed thing u'])
})

test('a resource that only applying can tell is unknown and still has its steps', t => {
  const [item] = plan([line(thing({name: 'g', value: 'guess'}))], answers({'thing g': ''}))
  t.is(item?.verdict, 'unknown')
  t.deepEqual(item?.steps, ['make g'])
})

test('what is done stays, and the rest is planned from the new answers', t => {
  const lines = [line(opaque({name: 'p', value: '1'})), line(thing({name: 'u', value: '1'}))]
  const first = plan(lines, answers({'opaque p': '', 'thing u': ''}))
  const revised = plan(lines, answers({'thing u': '1'}), first.slice(0, 1))
  t.is(revised[0], first[0])
  t.deepEqual(shown(revised), ['changed opaque p', 'ok thing u'])
})

const handled = (lines: Line[], given: Record<string, string>) => {
  const item = plan(lines, answers(given)).find(({kind}) => kind === 'handler')
  return `${item?.verdict}: ${item?.reason ?? ''}`
}
const config = {...thing({name: 'conf', value: '2'}), notify: [reload]}
const runs = (running: boolean) => line(unit({name: 'd', running}) as never)

test('a handler runs when something that notifies it changed', t => {
  t.is(
    handled([line(config), handlerLine(reload)], {'thing conf': '1', 'handler reload d': 'active'}),
    'changed: changed: thing conf',
  )
  t.is(handled([line(config), handlerLine(reload)], {'thing conf': '2', 'handler reload d': 'active'}), 'ok: ')
})

test('a handler is a debt: a run that died before it is finished by the next', t => {
  t.regex(
    handled([line(config), handlerLine(reload)], {'thing conf': '2', 'handler reload d': 'stale'}),
    /^changed: it runs with an older/,
  )
})

test('a unit that is started after the last change has read it, one started before has not', t => {
  const given = {'thing conf': '1', 'service d': '', 'handler reload d': ''}
  t.is(handled([line(config), runs(true), handlerLine(reload)], given), 'ok: started after the last change')
  t.is(handled([runs(true), line(config), handlerLine(reload)], given), 'changed: changed: thing conf')
})

test('a unit that does not run, or is being stopped, has nothing to reload', t => {
  t.is(handled([line(config), handlerLine(reload)], {'thing conf': '1', 'handler reload d': ''}), 'ok: d does not run')
  const stopping = {'thing conf': '1', 'service d': 'active', 'handler reload d': 'active'}
  t.is(handled([line(config), runs(false), handlerLine(reload)], stopping), 'ok: d does not run')
})

test('a restart makes the reload of the same unit needless', t => {
  const both = {...thing({name: 'both', value: '2'}), notify: [restart, reload]}
  const items = plan(
    [line(both), handlerLine(restart), handlerLine(reload)],
    answers({'thing both': '1', 'handler reload d': 'active', 'handler restart d': 'active'}),
  )
  t.deepEqual(shown(items), ['changed thing both', 'changed handler restart d', 'ok handler reload d'])
})

test('a debt that an earlier play settles is none for a later one', t => {
  const later = (handler: Handler): Line => ({...handlerLine(handler), play: 1})
  const stale = {'handler reload d': 'stale', 'handler restart d': 'stale'}
  const verdicts = (lines: Line[]) => shown(plan(lines, answers(stale)))
  t.deepEqual(verdicts([handlerLine(reload), later(reload)]), ['changed handler reload d', 'ok handler reload d'])
  t.deepEqual(verdicts([handlerLine(restart), later(reload)]), ['changed handler restart d', 'ok handler reload d'])
  t.deepEqual(verdicts([handlerLine(reload), later(restart)]), [
    'changed handler reload d',
    'changed handler restart d',
  ])
})

test('a task that says it cannot is failed, unless something before it may change that', t => {
  const task: Line = {...at, line: 'task', id: 'task r.t', task: {id: 'task r.t', run: async () => ({changed: false})}}
  const plans = new Map([['task r.t', {failed: 'nobody holds it'}]])
  const [item] = plan([task], new Map(), [], plans)
  t.like(item, {verdict: 'failed', reason: 'nobody holds it'})
  const behind = plan([line(opaque({name: 'p', value: '1'})), task], answers({'opaque p': ''}), [], plans)
  t.deepEqual(shown(behind), ['changed opaque p', 'unknown? task r.t'])
})

test('a task is unknown until applied unless it can say what it would do', t => {
  const task: Line = {...at, line: 'task', id: 'task r.t', task: {id: 'task r.t', run: async () => ({changed: false})}}
  t.deepEqual(shown(plan([task], new Map())), ['unknown task r.t'])
  t.deepEqual(shown(plan([task], new Map(), [], new Map([['task r.t', {changed: true}]]))), ['changed task r.t'])
  t.deepEqual(shown(plan([{...at, line: 'skipped', id: 'role x'}], new Map())), ['skipped role x'])
})
