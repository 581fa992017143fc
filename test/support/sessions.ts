import type {Topology} from '../../lab/index.ts'
import {echoPort, type Flow, startEcho, startIn} from './in-namespace.ts'

export type SessionKind = 'idle' | 'bulk' | 'records'
export type SessionResult = {
  readonly kind: SessionKind
  readonly outcome: 'survived' | 'reset' | 'timed out'
  /** The longest time in which nothing came back, less the period; 0 for the idle one. */
  readonly longestStallMs: number
  readonly localPort: number
}
export type SessionsReport = {
  readonly survived: number
  readonly reset: number
  readonly timedOut: number
  readonly longestStallMs: number
  readonly sessions: readonly SessionResult[]
}

export const reportOf = (sessions: readonly SessionResult[]): SessionsReport => {
  const count = (outcome: SessionResult['outcome']): number =>
    sessions.filter(session => session.outcome === outcome).length
  return {
    survived: count('survived'),
    reset: count('reset'),
    timedOut: count('timed out'),
    longestStallMs: Math.max(0, ...sessions.map(({longestStallMs}) => longestStallMs)),
    sessions,
  }
}

export type Sessions = {stop(): Promise<SessionsReport>}

/**
 * Opens long-lived TCP sessions along a flow: small records each way every `intervalMs`, one idle with keepalive, one
 * download of 6.4 Mbit/s. When stopped, each has `graceMs` to bring a last record there and back: that is to survive.
 * @throws Error when one cannot be opened
 */
export const startSessions = async (
  topology: Topology,
  flow: Flow,
  {count = 50, intervalMs = 20, graceMs = 10_000}: {count?: number; intervalMs?: number; graceMs?: number} = {},
): Promise<Sessions> => {
  const echo = await startEcho(topology, flow, 'tcp')
  try {
    const wanted = JSON.stringify({port: echoPort, ...flow, count, intervalMs, graceMs})
    const client = await startIn(topology, flow.from, 'session-client', [wanted])
    return {
      async stop() {
        const results = await client.stop()
        await echo.stop()
        return reportOf(JSON.parse(results))
      },
    }
  } catch (error) {
    await echo.stop()
    throw error
  }
}
