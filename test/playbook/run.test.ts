// Runs of hand-made fleets over hosts without a network.
import test from 'ava'
import type {Position} from '../../src/diagnostic.ts'
import {type HostStatus, type Mode, noCounts} from '../../src/events.ts'
import {Connection} from '../../src/executor/connection.ts'
import type {Fact} from '../../src/facts/fact.ts'
import {batchesOf} from '../../src/playbook/batches.ts'
import {plainControl} from '../../src/playbook/control.ts'
import {exitCodeOf} from '../../src/playbook/exit-code.ts'
import type {Entry, Fleet, Known, Play, RoleCall, TaskCall} from '../../src/playbook/model.ts'
import {runFleet} from '../../src/playbook/run.ts'
import type {RunOptions} from '../../src/playbook/run-context.ts'
import type {Handler, Resource} from '../../src/resources/resource.ts'
import {defineRole, type Host, refuse, type TaskFunction} from '../../src/role.ts'
import {$, type Command} from '../../src/shell/command.ts'
import {Secret} from '../../src/shell/secret.ts'
import {type Connect, TransportError} from '../../src/transport/transport.ts'
import {FakeHost, fact, opaque, Told, targetOf, thing} from '../support/fake-host.ts'

const at = (line: number): Position => ({file: 'site.yml', line, column: 3})
const always = () => true
const nothingKnown: Known = {facts: {}, registered: new Map()}

/** Resources as tasks of a playbook, for every host or as `of` says. */
const resources = (of: Resource[] | ((host: string) => Resource[]), line = 1): Entry => ({
  origin: {play: 0, at: at(line)},
  control: plainControl(undefined),
  entry: 'rounds',
  isLoop: false,
  rounds: host => [
    {does: 'resources', resources: typeof of === 'function' ? of(host) : of, environment: {}, judge: {}},
  ],
})

type RoleParts = {
  name?: string
  facts?: Record<string, Fact<unknown>>
  resources: (context: {host: Host; facts: Record<string, unknown>}) => Resource[]
}
const callOf = ({name = 'r', facts = {}, resources}: RoleParts, hosts: readonly string[] = []): RoleCall => ({
  role: defineRole({name, schema: {type: 'object'}, facts, resources}),
  directory: '/nowhere',
  vars: new Map(hosts.map(host => [host, {}])),
  peers: new Map(
    hosts.map(host => [host, hosts.filter(other => other !== host).map(other => ({...hostOf(other), vars: {}}))]),
  ),
})
const role = (parts: RoleParts, line = 1): Entry => ({
  origin: {play: 0, role: parts.name ?? 'r', at: at(line)},
  control: plainControl(undefined),
  when: always,
  entry: 'role',
  call: callOf(parts),
})
const task = (run: TaskFunction, more: Partial<TaskCall> = {}, hosts: readonly string[] = ['gw1', 'gw2']): Entry => ({
  origin: {play: 0},
  control: plainControl(undefined),
  when: always,
  entry: 'task',
  call: {...callOf({resources: () => []}, hosts), task: 'r.t', run, argsFor: () => ({}), ...more},
})
const hostOf = (name: string): Host => ({name, pair: undefined, site: undefined, links: {}})

type PlayParts = Partial<Play> & {entries: readonly Entry[]}
const fleetOf = (plays: readonly PlayParts[], names: readonly string[]): Fleet => ({
  plays: plays.map((play, index) => ({
    index,
    name: `play ${index}`,
    at: at(1),
    hosts: names,
    gatherFacts: false,
    serial: [],
    become: () => undefined,
    handlers: [],
    anyErrorsFatal: false,
    ...play,
    entries: play.entries.map(entry => ({...entry, origin: {...entry.origin, play: index}})),
  })),
  observations: new Map(),
  diagnose: () => [],
  hosts: new Map(
    names.map(name => [
      name,
      {
        name,
        groups: [],
        target: targetOf(name),
        host: hostOf(name),
        settleSeconds: 1,
        drillTerms: {isLab: true, windows: [], currency: 'USD'},
        variables: {},
      },
    ]),
  ),
  offers: new Map(),
  health: new Map(),
  liveFacts: new Map(),
  liveProblems: () => ({problems: [], advice: []}),
  events: new Map(),
})

type Options = {
  names?: string[]
  mode?: Mode
  connect?: (hosts: ReadonlyMap<string, FakeHost>) => Connect
  prepare?: (hosts: ReadonlyMap<string, FakeHost>, interruption: AbortController) => void
} & Partial<Pick<RunOptions, 'forks' | 'strict'>>

const go = async (
  plays: readonly PlayParts[],
  {names = ['gw1', 'gw2', 'gw3'], mode = 'apply', forks = 9, connect, prepare, ...more}: Options = {},
) => {
  const hosts = new Map(names.map(name => [name, new FakeHost(name)]))
  const told = new Told()
  const interruption = new AbortController()
  prepare?.(hosts, interruption)
  const code = await runFleet({
    fleet: fleetOf(plays, names),
    mode,
    connect: connect?.(hosts) ?? (async ({host}) => (hosts.get(host) as FakeHost).connect()),
    emit: told.emit,
    forks,
    signal: interruption.signal,
    command: 'test',
    lockWaitSeconds: 0,
    ...more,
  })
  const [summary, ...others] = told.of('summary')
  return {
    code,
    told,
    hosts,
    host: (name: string) => hosts.get(name) as FakeHost,
    summaries: others.length === 0 ? (summary?.hosts ?? []) : [],
    statuses: summary?.hosts.map(({host, status}) => `${host} ${status}`),
    failures: told.of('host-failed').map(({host, status, message}) => `${host} ${status}: ${message}`),
  }
}

const setA = resources([thing({name: 'a', value: '1'})])
const fails =
  (name: string, title = 'set a=1') =>
  (hosts: ReadonlyMap<string, FakeHost>) =>
    void hosts.get(name)?.failing.set(title, {code: 1, stdout: 'no'})

test('a serial play takes its hosts in batches, one after the other', async t => {
  const {code, told} = await go([{entries: [setA], serial: [1, 2]}])
  t.is(code, 0)
  t.deepEqual(
    told.of('batch-start').map(({hosts}) => hosts),
    [['gw1'], ['gw2', 'gw3']],
  )
  const order = told.events.flatMap(event =>
    event.event === 'step-start' || event.event === 'verified' ? [`${event.event} ${event.host}`] : [],
  )
  t.deepEqual(order.slice(0, 2), ['step-start gw1', 'verified gw1'])
  t.deepEqual(told.names.slice(0, 1), ['run-start'])
  t.is(told.names.lastIndexOf('planned') < told.names.indexOf('play-start'), true, 'all plans come before any change')
})

test('a failed host of a serial play keeps the later batches from being started', async t => {
  const {code, told, host, statuses, failures, summaries} = await go([{entries: [setA], serial: [1]}], {
    prepare: fails('gw2'),
  })
  t.is(code, 3)
  t.deepEqual(statuses, ['gw1 changed', 'gw2 failed', 'gw3 skipped'])
  t.is(failures.at(-1), 'gw3 skipped: not started, because gw2 failed before it')
  t.deepEqual(host('gw3').ran, [])
  t.is(summaries[2]?.counts.skipped, 1)
  t.is(told.names.at(-1), 'summary')
})

test('in a play that is not serial the other hosts go on, in later plays too', async t => {
  const {code, statuses, host} = await go(
    [{entries: [setA]}, {entries: [resources([thing({name: 'b', value: '1'})])]}],
    {
      prepare: fails('gw1'),
    },
  )
  t.is(code, 3)
  t.deepEqual(statuses, ['gw1 failed', 'gw2 changed', 'gw3 changed'])
  t.deepEqual(host('gw1').ran, [])
  t.deepEqual(host('gw3').ran, ['set a=1', 'set b=1'])
})

test('a host that was lost before anything was changed does not stop a serial play', async t => {
  const {code, statuses} = await go([{entries: [setA], serial: [1]}], {
    connect: hosts => async target => {
      if (target.host === 'gw1') throw new TransportError('unreachable', 'gw1', 'no route')
      return (hosts.get(target.host) as FakeHost).connect()
    },
  })
  t.is(code, 4)
  t.deepEqual(statuses, ['gw1 unreachable', 'gw2 changed', 'gw3 changed'])
})

test('a role that refuses what was found stops its host before any change, with the diagnostic', async t => {
  const picky = role({
    facts: {os: fact('os')},
    resources({facts, host}) {
      if (facts.os === 'old') throw refuse({rule: 'os-too-old', what: 'this is old', host: host.name})
      return [thing({name: 'a', value: '1'})]
    },
  })
  const {code, told, host, statuses} = await go([{entries: [picky]}], {
    prepare: hosts => void hosts.get('gw2')?.values.set('os', 'old'),
  })
  t.is(code, 6)
  t.deepEqual(statuses, ['gw1 changed', 'gw2 refused', 'gw3 changed'])
  t.deepEqual(
    told.of('diagnostic').map(({diagnostic}) => diagnostic),
    [{rule: 'os-too-old', what: 'this is old', host: 'gw2'}],
  )
  t.deepEqual(host('gw2').ran, [])
})

test('a role that throws is a defect of that host alone', async t => {
  const broken = role({
    resources({host}) {
      if (host.name === 'gw1') throw new TypeError('cannot read links of undefined')
      return [thing({name: 'a', value: '1'})]
    },
  })
  const {code, failures, statuses} = await go([{entries: [broken]}])
  t.is(code, 3)
  t.deepEqual(statuses, ['gw1 failed', 'gw2 changed', 'gw3 changed'])
  t.regex(failures[0] ?? '', /^gw1 failed: a defect of gatewright or of a role: TypeError: cannot read links/)
})

test('check mode ends with 0, 2, or 3, and changes nothing', async t => {
  const guess = resources([thing({name: 'a', value: 'guess'})])
  const check = async (entry: Entry, more: Options = {}) => {
    const {code, hosts, statuses} = await go([{entries: [entry]}], {names: ['gw1'], mode: 'check', ...more})
    t.deepEqual(hosts.get('gw1')?.ran, [])
    return `${code} ${statuses?.join()}`
  }
  t.is(await check(resources([])), '0 gw1 ok')
  t.is(await check(setA), '2 gw1 changed')
  t.is(await check(guess), '2 gw1 changed')
  t.is(await check(guess, {strict: true}), '3 gw1 changed')
  t.is(await check(setA, {strict: true}), '2 gw1 changed')
  t.is(await check(setA, {prepare: hosts => void hosts.get('gw1')?.values.set('a', 'denied')}), '3 gw1 failed')
})

test('an interruption ends with 130, leaves what was not begun, and is told at the end', async t => {
  const {code, told, statuses, failures, host} = await go([{entries: [setA], serial: [1]}, {entries: [setA]}], {
    prepare(hosts, interruption) {
      const gw1 = hosts.get('gw1')
      if (gw1) gw1.onStep = () => interruption.abort()
    },
  })
  t.is(code, 130)
  t.deepEqual(statuses, ['gw1 interrupted', 'gw2 interrupted', 'gw3 skipped'])
  t.true(failures.includes('gw3 skipped: not started, because gw2 was interrupted before it'), failures.join('\n'))
  t.deepEqual(host('gw2').ran, [])
  t.is(told.names.at(-1), 'summary')
  t.true(told.of('summary')[0]?.interrupted)
})

test('an interruption does not wait for hosts that do not answer', async t => {
  const {code, statuses} = await go([{entries: [setA]}], {
    connect: hosts => async target =>
      target.host === 'gw2' ? new Promise(() => {}) : (hosts.get(target.host) as FakeHost).connect(),
    prepare: (_hosts, interruption) => void setImmediate(() => interruption.abort()),
    mode: 'check',
  })
  t.is(code, 130)
  t.deepEqual(statuses, ['gw1 changed', 'gw2 interrupted', 'gw3 changed'])
})

test('a session that comes after the interruption is closed', async t => {
  const host = new FakeHost()
  const {promise, resolve} = Promise.withResolvers<void>()
  const interruption = new AbortController()
  const late: Connect = async () => promise.then(() => host.connect())
  const {signal} = interruption
  const connection = new Connection(late, targetOf('gw1'), {become: undefined, readOnly: true, signal})
  const session = t.throwsAsync(connection.session(), {instanceOf: TransportError, message: /interrupted/})
  interruption.abort()
  await session
  t.is(host.closed, 0)
  resolve()
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  t.is(host.connections, 1)
  t.is(host.closed, 1)
})

test('no more hosts than forks are worked on at once, and every connection is closed', async t => {
  let open = 0
  let most = 0
  const {code, hosts} = await go([{entries: [setA]}], {
    names: ['gw1', 'gw2', 'gw3', 'gw4', 'gw5'],
    forks: 2,
    mode: 'check',
    connect: fakes => async target => {
      let isWorkedOn = false
      const fake = fakes.get(target.host) as FakeHost
      const session = await fake.connect()
      const shell: typeof session.shell = options => {
        const inner = session.shell(options)
        return {
          ...inner,
          hello: () => inner.hello(),
          request: async (...request) => {
            if (!isWorkedOn) most = Math.max(most, ++open)
            isWorkedOn = true
            await new Promise(setImmediate)
            const outcomes = await inner.request(...request)
            if (request[0].some(({id}) => id === 'p0')) open--
            return outcomes
          },
        }
      }
      return {...session, shell}
    },
  })
  t.is(code, 2)
  t.is(most, 2)
  t.true([...hosts.values()].every(({closed}) => closed === 1))
})

test('a host that hangs at its login takes no turn from the others', async t => {
  const {promise: isDone, resolve: finish} = Promise.withResolvers<void>()
  const run = go([{entries: [setA]}], {
    forks: 1,
    prepare(hosts) {
      const gw3 = hosts.get('gw3')
      if (gw3) gw3.onStep = () => finish()
    },
    connect:
      hosts =>
      async ({host}) => {
        // Answers when the other two are through.
        if (host === 'gw1') await isDone
        return (hosts.get(host) as FakeHost).connect()
      },
  })
  const {code, statuses} = await run
  t.is(code, 0)
  t.deepEqual(statuses, ['gw1 changed', 'gw2 changed', 'gw3 changed'])
})

test('facts of all plays are asked once, in one request, and only where they are wanted', async t => {
  const wants = (name: string, names: string[]) =>
    role({name, facts: Object.fromEntries(names.map(each => [each, fact(each) as Fact<unknown>])), resources: () => []})
  const {told, host} = await go(
    [
      {entries: [wants('r', ['os', 'cpu'])]},
      {entries: [wants('s', ['os', 'disk'])]},
      {entries: [wants('u', ['never'])], hosts: ['gw2']},
    ],
    {names: ['gw1', 'gw2'], mode: 'check', prepare: hosts => void hosts.get('gw1')?.values.set('cpu', 'fast')},
  )
  t.deepEqual(host('gw1').requests, [['fact os', 'fact cpu', 'fact disk']])
  t.deepEqual(host('gw2').requests, [['fact os', 'fact cpu', 'fact disk', 'fact never']])
  t.deepEqual(told.of('facts')[0]?.facts, {os: 'absent', cpu: 'fast', disk: 'absent'})
})

test('two states of one thing are a conflict with both places, all of them at once, and nothing is changed', async t => {
  const {code, told, host} = await go(
    [
      {entries: [resources([thing({name: 'a', value: '1'}), thing({name: 'b', value: '1'})], 4)]},
      {entries: [resources([thing({name: 'a', value: '2'}), thing({name: 'b', value: '2'})], 9)]},
    ],
    {names: ['gw1']},
  )
  t.is(code, 6)
  t.deepEqual(
    told.of('diagnostic').map(({diagnostic}) => diagnostic),
    ['a', 'b'].map(name => ({
      rule: 'conflicting-resource',
      host: 'gw1',
      what: `thing ${name} is wanted in two different states`,
      why: 'the other is at site.yml:4:3',
      fix: 'keep one of them',
      at: at(9),
    })),
  )
  t.deepEqual(host('gw1').ran, [])
})

const planned = async (first: Resource, second: Resource): Promise<string> => {
  const {told} = await go([{entries: [resources([first]), resources([second])]}], {names: ['gw1'], mode: 'check'})
  const ids = told.of('planned')[0]?.items.map(({id}) => id)
  return told.of('diagnostic').map(({diagnostic}) => diagnostic.rule)[0] ?? String(ids?.join())
}

test('equal states of one thing are one, whatever the order of their fields', async t => {
  t.is(await planned(thing({name: 'a', value: '1'}), thing({value: '1', name: 'a'})), 'thing a')
  t.is(
    await planned(
      thing({name: 'a', value: '1', provides: {units: ['u'], files: ['f']}}),
      thing({name: 'a', value: '1', provides: {files: ['f'], units: ['u']}}),
    ),
    'thing a',
  )
})

test('secrets, and what commands read, are compared by value', async t => {
  const withSecret = (value: string) => thing({name: 'a', value: '1', secret: new Secret(value)})
  t.is(await planned(withSecret('x'), withSecret('x')), 'thing a')
  t.is(await planned(withSecret('x'), withSecret('y')), 'conflicting-resource')
  const withCommand = (command: Command) => thing({name: 'a', value: '1', command} as never)
  t.is(await planned(withCommand($`cat`), withCommand($`cat`)), 'thing a')
  t.is(await planned(withCommand($`cat`), withCommand($`tac`)), 'conflicting-resource')
  const reading = (value: string) => withCommand($`cat`.reading(new Secret(value)))
  t.is(await planned(reading('x'), reading('x')), 'thing a')
  t.is(await planned(reading('x'), reading('y')), 'conflicting-resource')
})

test('of equal states the one that stays notifies for all of them', async t => {
  const reload = {id: 'reload d', unit: 'd', action: 'reload'} as const
  const plain = thing({name: 'a', value: '1'})
  t.is(await planned(plain, {...plain, notify: [reload]}), 'thing a,handler reload d')
  t.is(await planned({...plain, notify: [reload]}, {...plain, notify: [reload]}), 'thing a,handler reload d')
})

test('handlers stand at the end of their play, and know the files of all plays', async t => {
  const reload: Handler = {id: 'reload d', unit: 'd', action: 'reload'}
  const notifying = (name: string) => resources([{...thing({name, value: '1'}), notify: [reload]}])
  const {told, host} = await go([{entries: [notifying('a'), setB]}, {entries: [notifying('c')]}], {names: ['gw1']})
  t.deepEqual(
    told.of('planned')[0]?.items.map(({play, id}) => `${play} ${id}`),
    ['0 thing a', '0 thing b', '0 handler reload d', '1 thing c', '1 handler reload d'],
  )
  const probes = host('gw1').session.requests[1]?.fragments.filter(({script}) => script.includes('systemctl show'))
  t.is(probes?.length, 2)
  t.true(probes?.every(({script}) => script.includes('/etc/a') && script.includes('/etc/c')))
  t.deepEqual(host('gw1').ran, ['set a=1', 'set b=1', 'reload d', 'set c=1', 'reload d'])
})
const setB = resources([thing({name: 'b', value: '1'})])

test('a task reaches its peers, even those that no play names, and tells of its progress', async t => {
  const seen: unknown[] = []
  const talk = task(async context => {
    seen.push(context.$, context.hosts)
    for (const peer of context.peers) seen.push(await peer.run(async there => there))
    context.log('half way')
    return {changed: true, message: 'moved'}
  })
  const {code, told, statuses} = await go([{entries: [talk], hosts: ['gw1']}], {names: ['gw1', 'gw2']})
  t.is(code, 0)
  t.deepEqual(seen, ['gw1', ['gw1'], 'gw2'])
  t.deepEqual(statuses, ['gw1 changed'])
  t.like(told.of('task-log')[0], {host: 'gw1', id: 'task r.t', message: 'half way'})
  t.like(told.of('item-end')[0]?.item, {id: 'task r.t', verdict: 'changed', reason: 'moved'})
})

test('one task twice in a play is two tasks, each with its own arguments', async t => {
  const seen: unknown[] = []
  const to = (name: string) =>
    task(
      async ({args}) => {
        seen.push(args.to)
        return {changed: false}
      },
      {argsFor: () => ({to: name})},
    )
  const {told, summaries} = await go([{entries: [to('gw2'), to('gw1')]}], {names: ['gw1']})
  t.deepEqual(seen, ['gw2', 'gw1'])
  t.deepEqual(
    told.of('item-end').map(({item}) => item.id),
    ['task r.t', 'task r.t (2)'],
  )
  t.is(summaries[0]?.counts.ok, 2)
})

test('a task becomes the user of its own play', async t => {
  const seen: unknown[] = []
  const noop = task(async () => ({changed: false}))
  await go([{entries: [{...noop, control: plainControl('root')}], become: () => 'root'}, {entries: [noop]}], {
    names: ['gw1'],
    connect: hosts => async () => ({
      ...(await (hosts.get('gw1') as FakeHost).connect()),
      withZx: async ({become}, work) => {
        seen.push(become)
        return work(undefined as never)
      },
    }),
  })
  t.deepEqual(seen, ['root', undefined])
})

test('a task that throws fails with its own message, in apply and where check mode asks it', async t => {
  const broken: TaskFunction = async () => {
    throw new Error('nobody holds the address')
  }
  const applied = await go([{entries: [task(broken)]}], {names: ['gw1']})
  t.is(applied.code, 3)
  t.deepEqual(applied.failures, ['gw1 failed: nobody holds the address'])
  const checked = await go([{entries: [task(broken, {plan: broken}), setA]}], {names: ['gw1'], mode: 'check'})
  t.is(checked.code, 3)
  t.deepEqual(checked.failures, ['gw1 failed: nobody holds the address'])
  t.deepEqual(
    checked.told.of('planned')[0]?.items.map(({verdict}) => verdict),
    ['failed', 'changed'],
  )
  const unsure = await go([{entries: [resources([opaque({name: 'p', value: '1'})]), task(broken, {plan: broken})]}], {
    names: ['gw1'],
    mode: 'check',
  })
  t.is(unsure.code, 2, 'behind a barrier only applying can tell')
})

test('check mode asks plan() alone; a task without one is unknown until applied', async t => {
  const never: TaskFunction = async () => t.fail()
  const can = task(never, {plan: async () => ({changed: false, message: 'holds it already'})})
  const {code, told} = await go([{entries: [can, task(never)]}], {names: ['gw1'], mode: 'check'})
  t.is(code, 2)
  t.deepEqual(
    told.of('planned')[0]?.items.map(({verdict, reason}) => `${verdict}: ${reason}`),
    ['ok: holds it already', 'unknown: a task is known only when it runs'],
  )
})

test('a connection that is lost while a task is asked makes the host unreachable; that of a peer fails the task', async t => {
  const lost = (host: string) =>
    task(async () => ({changed: false}), {
      plan: async () => {
        throw new TransportError('connection-lost', host, `${host} was lost`)
      },
    })
  const own = await go([{entries: [lost('gw1')]}], {names: ['gw1'], mode: 'check'})
  t.is(own.code, 4)
  t.deepEqual(own.failures, ['gw1 unreachable: gw1 was lost'])
  const peer = await go([{entries: [lost('gw2')]}], {names: ['gw1'], mode: 'check'})
  t.is(peer.code, 3)
  t.deepEqual(peer.failures, ['gw1 failed: gw2 was lost'])
})

test('what `when` rules out is skipped and told as such', async t => {
  const off: Entry = {
    origin: {play: 0, name: 'set it'},
    control: plainControl(undefined),
    entry: 'rounds',
    isLoop: false,
    rounds: host => (host === 'gw1' || setA.entry !== 'rounds' ? [{does: 'nothing'}] : setA.rounds(host, nothingKnown)),
  }
  const {told, statuses} = await go([{entries: [off]}], {names: ['gw1', 'gw2'], mode: 'check'})
  t.deepEqual(
    told.of('planned').map(({host, items}) => `${host} ${items[0]?.verdict} ${items[0]?.id}`),
    ['gw1 skipped set it', 'gw2 changed thing a'],
  )
  t.deepEqual(statuses, ['gw1 ok', 'gw2 changed'])
})

test('a run over no host ends well, with a summary', async t => {
  const {code, told} = await go([{entries: [setA], hosts: []}], {names: ['gw1']})
  t.is(code, 0)
  t.deepEqual(told.names, ['run-start', 'summary'])
})

test('the last size of a batch repeats, and no size is one batch', t => {
  t.deepEqual(batchesOf(['a', 'b', 'c', 'd', 'e', 'f'], [1, 2]), [['a'], ['b', 'c'], ['d', 'e'], ['f']])
  t.deepEqual(batchesOf(['a', 'b'], []), [['a', 'b']])
  t.deepEqual(batchesOf([], [1]), [])
})

test('of several ends the first of interrupted, refused, failed, unreachable, changes pending is the exit code', t => {
  const counts = noCounts()
  const code = (statuses: readonly HostStatus[], mode: Mode = 'check', interrupted = false) =>
    exitCodeOf(
      statuses.map(status => ({host: status, status, counts, unsupported: []})),
      {mode, interrupted, strict: false},
    )
  const all: HostStatus[] = ['interrupted', 'refused', 'failed', 'unreachable', 'changed', 'ok']
  t.deepEqual(
    all.map((_, index) => code(all.slice(index).toReversed())),
    [130, 6, 3, 4, 2, 0],
  )
  t.is(code(['ok'], 'check', true), 130)
  t.is(code(['changed', 'ok'], 'apply'), 0)
})
