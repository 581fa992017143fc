import type {Event, HostProfile, ItemProfile, Phase, Profile} from '../events.ts'
import {keyOf} from './run-view.ts'

const shownItems = 50

/** What the time before an event was spent on, by the event; `undefined`: on waiting, or it says nothing of time. */
const phases: Partial<Record<Event['event'], Phase>> = {
  connected: 'connect',
  facts: 'facts',
  planned: 'probe',
  'plan-revised': 'probe',
  'step-start': 'apply',
  'step-output': 'apply',
  'step-end': 'apply',
  'item-end': 'apply',
  verified: 'verify',
}

/** What a host was doing after an event, for the time until it failed or was asked again. */
const after: Partial<Record<Event['event'], Phase>> = {
  'host-start': 'connect',
  connected: 'facts',
  facts: 'probe',
  'item-start': 'apply',
  'step-start': 'apply',
  'step-output': 'apply',
  'step-end': 'apply',
  'item-end': 'verify',
}

type HostClock = {
  readonly host: string
  readonly ms: Record<Phase, number>
  last: {readonly event: Event['event']; readonly at: number} | undefined
  readonly begun: Map<string, number>
}

/** Where the time of a run went; made of its events alone. */
export class Profiler {
  readonly #hosts = new Map<string, HostClock>()
  readonly #items = new Map<string, ItemProfile>()
  readonly #plays: {name: string; hosts: readonly string[]; begun: number}[] = []
  #end = 0

  on(event: Event): void {
    const at = Date.parse(event.time)
    this.#end = at
    if (event.event === 'play-start') this.#plays.push({name: event.name, hosts: event.hosts, begun: at})
    else if ('host' in event) this.#onHost(event, at)
  }

  profile(): Profile {
    return {
      items: [...this.#items.values()].toSorted((a, b) => b.longestMs - a.longestMs).slice(0, shownItems),
      plays: this.#plays.map(({name, hosts, begun}, index) => ({
        name,
        hosts: hosts.length,
        elapsedMs: (this.#plays[index + 1]?.begun ?? this.#end) - begun,
      })),
      hosts: [...this.#hosts.values()].map(({host, ms}): HostProfile => ({host, ...ms, totalMs: sum(ms)})),
    }
  }

  #onHost(event: Extract<Event, {host: string}>, at: number): void {
    const clock = this.#clock(event.host)
    const {last} = clock
    const spent = last ? at - last.at : 0
    const phase = this.#phaseOf(event, last?.event)
    if (phase) clock.ms[phase] += spent
    if (event.event === 'item-start') clock.begun.set(keyOf(event), at)
    if (event.event === 'item-end') this.#ended(event, clock, at)
    // A warning comes in between and ends nothing.
    if (event.event === 'host-start' || phases[event.event] || event.event === 'item-start')
      clock.last = {event: event.event, at}
  }

  #phaseOf(event: Event, last: Event['event'] | undefined): Phase | undefined {
    if (event.event === 'host-failed') return last && after[last]
    // The rest of a plan was probed again between two items.
    if (event.event === 'item-start') return last === 'item-end' ? 'probe' : undefined
    return phases[event.event]
  }

  #ended({host, item}: Extract<Event, {event: 'item-end'}>, {begun}: HostClock, at: number): void {
    const key = keyOf(item)
    const start = begun.get(key)
    if (start === undefined) return
    begun.delete(key)
    const known = this.#items.get(key)
    const ms = at - start
    this.#items.set(key, {
      id: item.id,
      play: item.play,
      hosts: (known?.hosts ?? 0) + 1,
      sumMs: (known?.sumMs ?? 0) + ms,
      longestMs: Math.max(known?.longestMs ?? 0, ms),
      longestOn: known && known.longestMs >= ms ? known.longestOn : host,
    })
  }

  #clock(host: string): HostClock {
    const known = this.#hosts.get(host)
    if (known) return known
    const ms = {connect: 0, facts: 0, probe: 0, apply: 0, verify: 0}
    const fresh: HostClock = {host, ms, last: undefined, begun: new Map()}
    this.#hosts.set(host, fresh)
    return fresh
  }
}

const sum = (ms: Readonly<Record<Phase, number>>): number => Object.values(ms).reduce((all, each) => all + each, 0)
