import type {Event, NewEvent} from '../../src/events.ts'
import type {Fact} from '../../src/facts/fact.ts'
import type {Provides} from '../../src/resources/foresight.ts'
import {type Kind, resourceOf, Unreadable, unsupported} from '../../src/resources/resource.ts'
import {raw} from '../../src/shell/command.ts'
import type {Secret} from '../../src/shell/secret.ts'
import {type RecordingSession, scripted} from '../../src/transport/scripted.ts'
import {type Fragment, type Session, type Shell, type Target, TransportError} from '../../src/transport/transport.ts'

type Thing = {
  readonly name: string
  readonly value: string
  readonly needs?: string
  readonly provides?: Provides
  readonly secret?: Secret
}

/** A kind of which everything can be told: the host's answer is the value itself, one step sets it. */
const kindOf = (kind: string, opaque: boolean): Kind<Thing, {value: string; provided: boolean}> => ({
  name: kind,
  opaque,
  identify: ({name}) => name,
  probe: ({name}) => ({
    command: raw(`probe ${name}`),
    parse({stdout}) {
      if (stdout === 'denied') throw new Unreadable(`${name}: permission denied`)
      if (stdout === 'never') return unsupported('this kernel has it not')
      return {value: stdout, provided: false}
    },
  }),
  predict: ({needs}, current, {directories}) => ({...current, provided: needs !== undefined && directories.has(needs)}),
  obstacle: ({needs}, {value, provided}) => (needs && !provided && value === 'absent' ? `${needs} is not there` : ''),
  diff: ({value}, current) =>
    value === 'guess' ? 'unknown' : value === current.value ? [] : [{path: 'value', from: current.value, to: value}],
  steps: ({name, value}) => [{do: 'run', title: `set ${name}=${value}`, command: raw(`set ${name} ${value}`)}],
  provides: ({provides}) => provides ?? {},
  paths: ({name}) => [`/etc/${name}`],
  problems: () => [],
})
export const thing = resourceOf(kindOf('thing', false))
/** A barrier. */
export const opaque = resourceOf(kindOf('opaque', true))

export const fact = (name: string): Fact<string> => ({
  name,
  command: raw(`fact ${name}`),
  parse({stdout}) {
    if (stdout === 'denied') throw new Unreadable(`${name}: permission denied`)
    return stdout
  },
})

export const targetOf = (host: string): Target => ({
  host,
  address: '192.0.2.1',
  port: 22,
  user: 'ann',
  keyFiles: [],
  knownHosts: [],
  connectTimeoutMs: 1000,
  keepaliveMs: 1000,
})

const titleOf = ({script}: Fragment): string => /'([^']*)' >"\$gw\/current"/.exec(script)?.[1] ?? ''
const runningUnit = 'ActiveState=active\nSubState=running\nInvocationID=i1\ndigest=d\nloaded=i1 d\n'

/** A host that is a map of values, without a network. */
export class FakeHost {
  readonly name: string
  readonly values = new Map<string, string>()
  /** Names of which nothing that is done comes into effect. */
  readonly stuck = new Set<string>()
  /** Title of a step -> its failure. */
  readonly failing = new Map<string, {code: number; stdout: string}>()
  /** Titles of the steps that were carried out. */
  readonly ran: string[] = []
  /** Told after a step. */
  onStep: (title: string) => void = () => {}
  /** So many requests are lost on the way, each with its connection. */
  lose: (request: readonly Fragment[]) => boolean = () => false
  /** What it answers when its journal is asked. */
  journal = ''
  connections = 0
  closed = 0
  readonly session: RecordingSession

  constructor(name = 'gw1') {
    this.name = name
    this.session = scripted(fragment => this.#answer(fragment), name)
  }

  connect = async (): Promise<Session> => {
    this.connections++
    return {
      ...this.session,
      shell: options => this.#losing(this.session.shell(options)),
      withZx: async (_options, task) => task(this.name as never),
      close: async () => void this.closed++,
    }
  }

  /** Ids of the fragments of every request that was sent. */
  get requests(): readonly (readonly string[])[] {
    return this.session.requests.map(({fragments}) => fragments.map(fragment => titleOf(fragment) || fragment.script))
  }

  #losing(shell: Shell): Shell {
    return {
      hello: () => shell.hello(),
      request: async (fragments, watch) => {
        if (this.lose(fragments)) throw new TransportError('connection-lost', this.name, 'the connection was lost')
        return shell.request(fragments, watch)
      },
    }
  }

  #answer(fragment: Fragment) {
    const done = (stdout = '', code = 0) => ({status: 'done', code, stdout, stderr: ''}) as const
    const {id, script} = fragment
    if (id === 'lock') return done()
    if (id === 'journal') return done(this.journal)
    if (script.startsWith('probe ') || script.startsWith('fact ')) {
      return done(this.values.get(script.slice(script.indexOf(' ') + 1)) ?? 'absent')
    }
    if (!fragment.step && script.includes('systemctl show')) return done(runningUnit)
    const title = titleOf(fragment)
    const failure = this.failing.get(title)
    if (failure) return done(failure.stdout, failure.code)
    this.ran.push(title)
    const [, name = '', value = ''] = /^set (.*)=(.*)$/.exec(title) ?? []
    if (name && !this.stuck.has(name)) this.values.set(name, value)
    this.onStep(title)
    return done()
  }
}

/** Keeps what was told; events of one name with their type. */
export class Told {
  readonly events: NewEvent[] = []
  emit = (event: NewEvent): void => void this.events.push(event)
  of<Name extends Event['event']>(name: Name): Extract<Event, {event: Name}>[] {
    return this.events.filter(({event}) => event === name) as never
  }
  get names(): readonly string[] {
    return this.events.map(({event}) => event)
  }
}
