import {setTimeout as sleep} from 'node:timers/promises'
import type {Topology} from '../../lab/index.ts'
import type {Flow} from './in-namespace.ts'
import {type Outage, startProbe} from './probe.ts'
import {type SessionsReport, startSessions} from './sessions.ts'

/** Through the gateways of the standard lab: from the LAN to the internet, and from there to the client's PI address. */
export const outward: Flow = {from: 'client', to: 'upstream', address: '203.0.113.10'}
export const inward: Flow = {from: 'upstream', to: 'client', address: '203.0.113.200'}

export type Traffic<Name extends string> = {
  readonly outages: Readonly<Record<Name, Outage>>
  readonly sessions: SessionsReport
}

/**
 * What UDP probes each 5 ms and 50 TCP sessions see while `event` happens, and for `settleMs` before and after it.
 * @throws Error when a flow does not get through before the event
 */
export const underTraffic = async <Name extends string>(
  topology: Topology,
  wanted: {readonly probes: Readonly<Record<Name, Flow>>; readonly sessions: Flow; readonly count?: number},
  event: () => Promise<void>,
  settleMs = 1500,
): Promise<Traffic<Name>> => {
  const running: {stop(): Promise<unknown>}[] = []
  const started = async <Each extends {stop(): Promise<unknown>}>(starting: Promise<Each>): Promise<Each> => {
    const each = await starting
    running.push(each)
    return each
  }
  try {
    const sessions = await started(startSessions(topology, wanted.sessions, {count: wanted.count ?? 50}))
    const probes = await Promise.all(
      Object.entries<Flow>(wanted.probes).map(
        async ([name, flow]) => [name, await started(startProbe(topology, flow))] as const,
      ),
    )
    await sleep(settleMs)
    await event()
    await sleep(settleMs)
    const outages = await Promise.all(probes.map(async ([name, probe]) => [name, await probe.stop()] as const))
    return {outages: Object.fromEntries(outages) as Record<Name, Outage>, sessions: await sessions.stop()}
  } finally {
    // Whatever is still running when something failed.
    await Promise.allSettled(running.map(each => each.stop()))
  }
}

export const sayOutage = ({gapMs, lost, sent, senderPauseMs}: Outage): string =>
  `${gapMs.toFixed(0)} ms without an echo, ${lost} of ${sent} lost (the probe's own longest pause ${senderPauseMs.toFixed(0)} ms)`

export const saySessions = ({survived, reset, timedOut, longestStallMs, sessions}: SessionsReport): string =>
  `${survived} of ${sessions.length} sessions survived, ${reset} reset, ${timedOut} timed out, longest stall ${longestStallMs.toFixed(0)} ms${sessions
    .filter(({outcome}) => outcome !== 'survived')
    .map(({kind, outcome, localPort}) => `; ${kind} from port ${localPort}: ${outcome}`)
    .join('')}`
