// Holds TCP sessions to an echo server: node session-client.ts JSON. It says `ready` when all stand; when its standard
// input ends, each session has to bring a last record there and back, and what became of them is printed.
import {connect, type Socket} from 'node:net'
import type {Flow} from '../in-namespace.ts'
import type {SessionKind, SessionResult} from '../sessions.ts'

type Wanted = Flow & {port: number; count: number; intervalMs: number; graceMs: number}
const {address, source, port, count, intervalMs, graceMs} = JSON.parse(process.argv[2] ?? '') as Wanted

type Session = {
  readonly kind: SessionKind
  readonly socket: Socket
  readonly timer: NodeJS.Timeout | undefined
  answeredAt: number
  longestStallMs: number
  ended: string | undefined
}

/** One is idle but for TCP's own keepalive, one downloads, the others send small records and get them back. */
const kindOf = (index: number): SessionKind => (index === 0 ? 'idle' : index === 1 ? 'bulk' : 'records')

const noteAnswer = (session: Session): void => {
  const now = performance.now()
  if (session.kind !== 'idle')
    session.longestStallMs = Math.max(session.longestStallMs, now - session.answeredAt - intervalMs)
  session.answeredAt = now
}

const open = (kind: SessionKind): Promise<Session> =>
  new Promise((resolve, reject) => {
    const socket = connect({host: address, port, noDelay: true, ...(source !== undefined && {localAddress: source})})
    socket.setKeepAlive(true, 1000)
    socket.once('error', reject)
    socket.once('data', () => {
      socket.off('error', reject)
      const session: Session = {
        kind,
        socket,
        timer: kind === 'records' ? setInterval(() => socket.write('.'.repeat(64)), intervalMs) : undefined,
        answeredAt: performance.now(),
        longestStallMs: 0,
        ended: undefined,
      }
      socket.on('data', data => {
        noteAnswer(session)
        if (data.includes('!')) session.ended = 'survived'
      })
      socket.on('error', (error: NodeJS.ErrnoException) => (session.ended ??= error.code ?? error.message))
      socket.on('close', () => (session.ended ??= 'closed'))
      resolve(session)
    })
    socket.write(kind === 'bulk' ? 'B' : '.')
  })

const outcomeOf = ({ended}: Session): SessionResult['outcome'] =>
  ended === 'survived' ? 'survived' : ended === undefined || ended === 'ETIMEDOUT' ? 'timed out' : 'reset'

const finish = async (sessions: readonly Session[]): Promise<void> => {
  for (const {socket, timer, ended} of sessions) {
    clearInterval(timer)
    if (ended === undefined) socket.write('!')
  }
  const deadline = performance.now() + graceMs
  while (performance.now() < deadline && sessions.some(({ended}) => ended === undefined))
    await new Promise(resolve => setTimeout(resolve, 20))
  const results = sessions.map((session): SessionResult => {
    // The stall of a session that never answered again lasts to the end.
    if (outcomeOf(session) !== 'survived') noteAnswer(session)
    return {
      kind: session.kind,
      outcome: outcomeOf(session),
      longestStallMs: session.longestStallMs,
      localPort: session.socket.localPort ?? 0,
    }
  })
  process.stdout.write(`${JSON.stringify(results)}\n`, () => process.exit(0))
}

const sessions = await Promise.all(Array.from({length: count}, (_, index) => open(kindOf(index))))
console.log('ready')
process.stdin.resume().on('end', () => void finish(sessions))
