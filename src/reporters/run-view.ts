import {
  acts,
  type Event,
  type HostStatus,
  type HostSummary,
  type Mode,
  noCounts,
  type PlannedItem,
  type Profile,
} from '../events.ts'
import {outputLines} from './visible.ts'

/** Lines of a running step that are kept in sight. */
const tailLines = 3

type Named<Name extends Event['event']> = Extract<Event, {event: Name}>
export type HostView = {
  readonly host: string
  items: readonly PlannedItem[]
  isPlanned: boolean
  /** `play id` of what has been carried out, or has failed. */
  readonly settled: Set<string>
  running: PlannedItem | undefined
  /** Last lines of the step that runs. */
  tail: readonly string[]
  failure: Named<'host-failed'> | undefined
  /** It was changed and is not healthy again: what is sick. */
  waitsFor: string | undefined
}

/** What a run has told so far: events folded into one state that all human-readable output is made from. */
export class RunView {
  mode: Mode = 'check'
  command = ''
  plays: Named<'run-start'>['plays'] = []
  /** Index of the play that is being applied. */
  play: number | undefined
  /** Its hosts that were still there when it began. */
  playHosts: readonly string[] = []
  startedAt = 0
  now = 0
  readonly hosts = new Map<string, HostView>()
  profile: Profile | undefined
  summary: Named<'summary'> | undefined

  on(event: Event): void {
    this.now = Date.parse(event.time)
    if (event.event === 'run-start') {
      this.startedAt = this.now
      this.mode = event.mode
      this.command = event.command
      this.plays = event.plays
      for (const host of event.hosts) this.host(host)
    } else if (event.event === 'play-start') {
      this.play = event.play
      this.playHosts = event.hosts
    } else if (event.event === 'profile') this.profile = event.profile
    else if (event.event === 'summary') this.summary = event
    // Peers that no play names are heard of too.
    else if ('host' in event && (this.startedAt === 0 || this.hosts.has(event.host)))
      this.#onHost(event, this.host(event.host))
  }

  host(host: string): HostView {
    const known = this.hosts.get(host)
    if (known) return known
    const fresh = {
      host,
      items: [],
      isPlanned: false,
      settled: new Set<string>(),
      running: undefined,
      tail: [],
      failure: undefined,
      waitsFor: undefined,
    }
    this.hosts.set(host, fresh)
    return fresh
  }

  /** Apply still has something to do for it. */
  pending({settled, failure}: HostView, item: PlannedItem): boolean {
    return acts(item) && !failure && !settled.has(keyOf(item))
  }

  /** The hosts' summaries, also when the run was ended before it could tell them. */
  summaries(): readonly HostSummary[] {
    return this.summary?.hosts ?? [...this.hosts.values()].map(host => this.#partial(host))
  }

  #onHost(event: Extract<Event, {host: string}>, host: HostView): void {
    if (event.event === 'planned') {
      host.items = event.items
      host.isPlanned = true
    } else if (event.event === 'plan-revised')
      host.items = [...host.items.slice(0, host.items.length - event.was.length), ...event.items]
    else if (event.event === 'item-start')
      host.running = host.items.find(({id, play}) => id === event.id && play === event.play)
    else if (event.event === 'step-start' || event.event === 'step-end') host.tail = []
    else if (event.event === 'step-output') host.tail = [...host.tail, ...outputLines(event.text)].slice(-tailLines)
    else if (event.event === 'item-end') {
      const key = keyOf(event.item)
      host.settled.add(key)
      host.items = host.items.map(item => (keyOf(item) === key ? settledItem(event.item, item) : item))
      host.running = undefined
    } else if (event.event === 'gate' && event.when === 'after')
      host.waitsFor = event.is === 'sick' ? sicknessText(event) : undefined
    else if (event.event === 'host-failed') {
      host.waitsFor = undefined
      host.failure = event
      host.running = undefined
      host.tail = []
    }
  }

  #partial({host, items, settled, failure}: HostView): HostSummary {
    const counts = noCounts()
    for (const item of items)
      counts[this.mode === 'apply' && acts(item) && !settled.has(keyOf(item)) ? 'skipped' : item.verdict]++
    const status: HostStatus = failure?.status ?? 'interrupted'
    const unsupported = items.flatMap(({id, verdict, reason = ''}) => (verdict === 'unsupported' ? [{id, reason}] : []))
    return {host, status, counts, unsupported, error: failure?.message ?? 'the run was ended before it was done'}
  }
}

/** Why it was unknown says nothing any more. */
const settledItem = ({reason, ...item}: PlannedItem, was: PlannedItem): PlannedItem =>
  reason === undefined || (was.verdict === 'unknown' && reason === was.reason) ? item : {...item, reason}

export const keyOf = ({play, id}: Pick<PlannedItem, 'play' | 'id'>): string => `${play} ${id}`

/** `keepalived: it is not running; conntrackd` */
export const sicknessText = ({checks}: Named<'gate'>): string =>
  checks
    .flatMap(({name, is, reason}) => (is === 'sick' ? [reason === undefined ? name : `${name}: ${reason}`] : []))
    .join('; ')
