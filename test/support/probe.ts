import type {Topology} from '../../lab/index.ts'
import {echoPort, type Flow, startEcho, startIn} from './in-namespace.ts'

/** What a probe saw, by the monotonic clock of one machine: when each datagram left, and which echo came when. */
export type ProbeLog = {
  readonly intervalMs: number
  readonly sentAt: readonly number[]
  readonly echoes: readonly (readonly [sequence: number, atMs: number])[]
}

export type Outage = {
  readonly sent: number
  readonly lost: number
  readonly duplicates: number
  /** Echoes that came after one that was sent later. */
  readonly reordered: number
  /** The longest time without an echo, less the period: from the first echo on, up to the last datagram sent. */
  readonly gapMs: number
  /** The longest time in which the probe itself sent nothing, less the period: what the gap is uncertain by. */
  readonly senderPauseMs: number
}

const longestPause = (times: readonly number[]): number =>
  times.slice(1).reduce((longest, at, index) => Math.max(longest, at - (times[index] ?? at)), 0)

/** RFC 6412's loss of connectivity out of what one probe saw. Silence up to the end counts as well. */
export const outageOf = ({intervalMs, sentAt, echoes}: ProbeLog): Outage => {
  const first = echoes[0]?.[0] ?? 0
  const sent = sentAt.slice(first)
  const answered = new Set(echoes.map(([sequence]) => sequence).filter(sequence => sequence >= first))
  const inOrder = echoes.filter(([sequence], index) => sequence > (echoes[index - 1]?.[0] ?? -1))
  const end = sent.at(-1) ?? 0
  const arrivals = echoes.map(([, at]) => at).toSorted((a, b) => a - b)
  return {
    sent: sent.length,
    lost: sent.length - answered.size,
    duplicates: echoes.length - new Set(echoes.map(([sequence]) => sequence)).size,
    reordered: echoes.length - inOrder.length,
    gapMs: Math.max(0, longestPause([...arrivals, Math.max(end, arrivals.at(-1) ?? end)]) - intervalMs),
    senderPauseMs: Math.max(0, longestPause(sent) - intervalMs),
  }
}

export type Probe = {stop(): Promise<Outage>}

/**
 * Sends a UDP datagram each `intervalMs` along a flow and has it echoed, until it is stopped.
 * @throws Error when no echo comes within 10 s
 */
export const startProbe = async (topology: Topology, flow: Flow, intervalMs = 5): Promise<Probe> => {
  const echo = await startEcho(topology, flow, 'udp')
  try {
    const wanted = JSON.stringify({port: echoPort, ...flow, intervalMs})
    const probe = await startIn(topology, flow.from, 'udp-probe', [wanted])
    return {
      async stop() {
        const log = await probe.stop()
        await echo.stop()
        return outageOf(JSON.parse(log))
      },
    }
  } catch (error) {
    await echo.stop()
    throw error
  }
}
