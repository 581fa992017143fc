import type {Socket as Datagrams} from 'node:dgram'
import type {Server, Socket} from 'node:net'
import {countArrivals} from './count-arrivals.ts'

/** What one probe host does, for all paths that it is an end of. */
export type ProbeOrder = {
  readonly periodMs: number
  /** Paths that begin here. */
  readonly asks: readonly {
    readonly path: string
    readonly address: string
    readonly source?: string
    readonly port: number
    readonly flows: number
    readonly sessions: number
    readonly connections: boolean
  }[]
  /** Paths that end here. */
  readonly answers: readonly {readonly path: string; readonly address: string; readonly port: number}[]
}

/** Lines of JSON that the program says: it is ready, what time it has, and at the end what it counted. */
export type ProbeSaid =
  | {readonly said: 'ready'; readonly nowMs: number}
  /** Something has come back on every path that begins here. */
  | {readonly said: 'through'}
  | {readonly said: 'clock'; readonly nowMs: number}
  | {readonly said: 'trouble'; readonly what: string}
  | ({readonly said: 'counted'} & ProbeCounts)

export type ProbeCounts = {
  /** Times in which the program itself stood still. */
  readonly pauses: readonly {readonly fromMs: number; readonly toMs: number}[]
  /** By path; of each flow, what came here. */
  readonly flows: readonly {readonly path: string; readonly count: ReturnType<typeof countArrivals>}[]
  readonly sessions: readonly {
    readonly path: string
    readonly opened: number
    readonly survived: number
    readonly reset: number
    readonly timedOut: number
    readonly longestStallMs: number
  }[]
  readonly attempts: readonly {
    readonly path: string
    readonly kind: 'http' | 'dns'
    readonly made: number
    readonly failed: number
    readonly longestMs: number
  }[]
}

/**
 * The probe: it runs as `node -e` on a probe host (Node.js 18 or newer), stands alone, leaves no file, and ends with its standard
 * input. Commands come in as lines: `clock`; `count FROM TO` with times of its own clock, after which it says what came in between.
 */
export async function probeProgram(order: ProbeOrder): Promise<void> {
  const dgram = await import('node:dgram')
  const net = await import('node:net')
  const dns = await import('node:dns/promises')
  const os = await import('node:os')
  const sessionMs = 100
  const graceMs = 10_000
  /** So that nothing overflows while the program stands still; the kernel gives less where it allows less. */
  const recvBufferSize = 4 << 20
  const mark = 0x47_57_44_31
  const now = (): number => performance.timeOrigin + performance.now()
  const say = (line: ProbeSaid): boolean => process.stdout.write(`${JSON.stringify(line)}\n`)
  const trouble = (what: string): boolean => say({said: 'trouble', what})

  type Stream = {path: string; numbers: number[]; times: number[]; next: number; startMs: number}
  const streamOf = (path: string): Stream => ({path, numbers: [], times: [], next: 0, startMs: 0})
  const take = (stream: Stream, datagram: Buffer): void => {
    stream.numbers.push(datagram.readUInt32BE(8))
    stream.times.push(now())
  }
  const datagramOf = (stream: Stream, flow: number): Buffer => {
    const datagram = Buffer.alloc(64)
    datagram.writeUInt32BE(mark, 0)
    datagram.writeUInt32BE(flow, 4)
    datagram.writeUInt32BE(stream.next, 8)
    return datagram
  }
  /** As many as are due: a timer that comes late does not lower the rate. */
  const sendDue = (stream: Stream, flow: number, send: (datagram: Buffer) => void): void => {
    const at = now()
    if (stream.startMs === 0) stream.startMs = at
    while (stream.startMs + stream.next * order.periodMs <= at) {
      send(datagramOf(stream, flow))
      stream.next += 1
    }
  }

  const pauses: {fromMs: number; toMs: number}[] = []
  let tickedAt = 0
  const senders: (() => void)[] = []
  const streams: Stream[] = []
  const sockets: Datagrams[] = []
  const servers: Server[] = []

  const bound = (socket: Datagrams, port: number, address?: string): Promise<void> =>
    new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.bind({port, ...(address !== undefined && {address})}, () => {
        socket.off('error', reject)
        // A route that is gone for a while is what is measured.
        socket.on('error', () => undefined)
        resolve()
      })
    })
  const familyOf = (address: string): 'udp4' | 'udp6' => (net.isIP(address) === 6 ? 'udp6' : 'udp4')

  /** A DNS query is answered with its question and one A record (RFC 1035 4.1). */
  const dnsAnswer = (query: Buffer): Buffer => {
    const head = Buffer.from(query)
    head.writeUInt16BE(0x84_00, 2)
    head.writeUInt16BE(1, 6)
    head.writeUInt32BE(0, 8)
    let end = 12
    while (end < query.length && (query[end] ?? 0) !== 0) end += (query[end] ?? 0) + 1
    const record = [0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, 1]
    return Buffer.concat([head.subarray(0, end + 5), Buffer.from(record)])
  }

  const ownAddresses = Object.values(os.networkInterfaces()).flatMap(each => (each ?? []).map(({address}) => address))
  for (const {path, address, port} of order.answers) {
    // What answers from another address than was asked is taken for somebody else; behind NAT of its own it has no such address.
    const own = ownAddresses.includes(address) ? address : undefined
    const socket = dgram.createSocket({
      ...(own === undefined ? {type: 'udp6', ipv6Only: false} : {type: familyOf(own)}),
      recvBufferSize,
    })
    const back = new Map<number, {stream: Stream; address: string; port: number}>()
    socket.on('message', (datagram, from) => {
      if (datagram.length < 12 || datagram.readUInt32BE(0) !== mark) {
        if (datagram.length > 16) socket.send(dnsAnswer(datagram), from.port, from.address, () => undefined)
        return
      }
      const flow = datagram.readUInt32BE(4)
      let known = back.get(flow)
      if (!known) {
        known = {stream: streamOf(path), address: from.address, port: from.port}
        back.set(flow, known)
        streams.push(known.stream)
        const {stream} = known
        const to = known
        senders.push(() => sendDue(stream, flow, each => socket.send(each, to.port, to.address, () => undefined)))
      }
      // A connection that NAT has made anew comes from another port.
      known.address = from.address
      known.port = from.port
      take(known.stream, datagram)
    })
    await bound(socket, port, own)
    sockets.push(socket)
    const server = net.createServer(connection => {
      connection.on('error', () => undefined)
      connection.on('data', data => {
        if (data.subarray(0, 4).toString() === 'GET ')
          connection.end('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n')
        else connection.write(data)
      })
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({port, host: '::', ipv6Only: false}, resolve)
    })
    servers.push(server)
  }

  type Session = {socket: Socket; path: string; answeredAt: number; stallMs: number; ended: string}
  const sessions: Session[] = []
  const note = (session: Session): void => {
    session.stallMs = Math.max(session.stallMs, now() - session.answeredAt - sessionMs)
    session.answeredAt = now()
  }
  type Ask = ProbeOrder['asks'][number]
  const reach = ({address, source, port}: Ask) => ({
    host: address,
    port,
    ...(source !== undefined && {localAddress: source}),
  })
  const openSession = (ask: Ask): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = net.connect({...reach(ask), noDelay: true})
      const session: Session = {socket, path: ask.path, answeredAt: 0, stallMs: 0, ended: ''}
      socket.setTimeout(5000, () => session.answeredAt === 0 && socket.destroy(new Error('no answer within 5 s')))
      socket.on('error', (error: NodeJS.ErrnoException) => {
        session.ended ||= error.code === 'ETIMEDOUT' ? 'timed out' : 'reset'
        if (session.answeredAt === 0) reject(error)
      })
      socket.on('close', () => {
        session.ended ||= 'reset'
      })
      socket.once('data', () => {
        session.answeredAt = now()
        sessions.push(session)
        socket.on('data', data => {
          note(session)
          if (data.includes('!')) session.ended = 'survived'
        })
        resolve()
      })
      socket.write('.')
    })

  type Attempts = {path: string; kind: 'http' | 'dns'; made: number; failed: number; goodAt: number; longestMs: number}
  const attempts: Attempts[] = []
  const once = async (count: Attempts, everyMs: number, attempt: () => Promise<void>): Promise<void> => {
    try {
      await attempt()
      count.longestMs = Math.max(count.longestMs, now() - count.goodAt - everyMs)
      count.goodAt = now()
    } catch {
      count.failed += 1
    }
  }
  const repeat = (path: string, kind: 'http' | 'dns', everyMs: number, attempt: () => Promise<void>): void => {
    const count: Attempts = {path, kind, made: 0, failed: 0, goodAt: now(), longestMs: 0}
    attempts.push(count)
    timers.push(
      setInterval(() => {
        count.made += 1
        void once(count, everyMs, attempt)
      }, everyMs),
    )
  }
  const request = (ask: Ask): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = net.connect(reach(ask))
      socket.setTimeout(1000, () => socket.destroy(new Error('no answer within 1 s')))
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('closed')))
      socket.once('data', () => {
        resolve()
        socket.destroy()
      })
      socket.write('GET / HTTP/1.1\r\nHost: drill\r\n\r\n')
    })
  const timers: NodeJS.Timeout[] = []

  say({said: 'ready', nowMs: now()})

  const waiting: Promise<void>[] = []
  for (const [index, ask] of order.asks.entries()) {
    for (let flow = 0; flow < ask.flows; flow += 1) {
      const socket = dgram.createSocket({type: familyOf(ask.address), recvBufferSize})
      const stream = streamOf(ask.path)
      streams.push(stream)
      sockets.push(socket)
      const number = index * 1000 + flow
      waiting.push(
        new Promise(resolve => {
          socket.once('message', () => resolve())
        }),
      )
      socket.on('message', datagram => take(stream, datagram))
      await bound(socket, 0, ask.source)
      senders.push(() =>
        sendDue(stream, number, datagram => socket.send(datagram, ask.port, ask.address, () => undefined)),
      )
    }
  }
  const tick = setInterval(
    () => {
      const at = now()
      if (tickedAt > 0 && at - tickedAt > 2 * order.periodMs) pauses.push({fromMs: tickedAt, toMs: at})
      tickedAt = at
      for (const send of senders) send()
    },
    Math.min(order.periodMs, 2),
  )
  timers.push(tick)

  const begin = async (): Promise<void> => {
    const late = setTimeout(() => {
      const dead = [...new Set(streams.filter(({numbers}) => numbers.length === 0).map(({path}) => path))]
      trouble(`nothing comes back on the path ${dead.join(' and on ')}, before any fault`)
    }, graceMs)
    timers.push(late)
    await Promise.all(waiting)
    clearTimeout(late)
    for (const ask of order.asks) {
      await Promise.all(Array.from({length: ask.sessions}, () => openSession(ask)))
      if (ask.connections) {
        repeat(ask.path, 'http', 250, () => request(ask))
        const resolver = new dns.Resolver({timeout: 500, tries: 1})
        const host = net.isIP(ask.address) === 6 ? `[${ask.address}]` : ask.address
        resolver.setServers([`${host}:${ask.port}`])
        if (ask.source !== undefined && net.isIP(ask.source) === 4) resolver.setLocalAddress(ask.source)
        repeat(ask.path, 'dns', 100, async () => {
          await resolver.resolve4('drill.example')
        })
      }
    }
    timers.push(
      setInterval(() => {
        for (const {socket, ended} of sessions) if (ended === '') socket.write('.'.repeat(64))
      }, sessionMs),
    )
    say({said: 'through'})
  }
  begin().catch((error: unknown) => trouble(error instanceof Error ? error.message : String(error)))

  let isStopping = false
  const stop = async (fromMs: number, toMs: number): Promise<void> => {
    if (isStopping) return
    isStopping = true
    for (const send of senders) send()
    for (const timer of timers) clearInterval(timer)
    for (const {socket, ended} of sessions) if (ended === '') socket.write('!')
    const deadline = now() + graceMs
    while (now() < deadline && sessions.some(({ended}) => ended === ''))
      await new Promise(resolve => setTimeout(resolve, 20))
    const paths = [...new Set(sessions.map(({path}) => path))]
    for (const session of sessions) if (session.ended !== 'survived') note(session)
    say({
      said: 'counted',
      pauses: pauses.filter(each => each.toMs >= fromMs && each.fromMs <= toMs),
      flows: streams.map(stream => ({path: stream.path, count: countArrivals(stream, order.periodMs, fromMs, toMs)})),
      sessions: paths.map(path => {
        const own = sessions.filter(session => session.path === path)
        const of = (what: string): number =>
          own.filter(({ended}) => (ended === '' ? 'timed out' : ended) === what).length
        return {
          path,
          opened: own.length,
          survived: of('survived'),
          reset: of('reset'),
          timedOut: of('timed out'),
          longestStallMs: Math.max(0, ...own.map(({stallMs}) => stallMs)),
        }
      }),
      attempts: attempts.map(({path, kind, made, failed, goodAt, longestMs}) => ({
        path,
        kind,
        made,
        failed,
        longestMs: Math.max(longestMs, toMs - goodAt - 1000, 0),
      })),
    })
    process.stdout.write('', () => process.exit(0))
  }
  let typed = ''
  process.stdin.setEncoding('utf8')
  process.stdin.on('data', (text: string) => {
    typed += text
    const lines = typed.split('\n')
    typed = lines.pop() ?? ''
    for (const line of lines) {
      if (line === 'clock') say({said: 'clock', nowMs: now()})
      const [command, fromMs, toMs] = line.split(' ')
      if (command === 'count') void stop(Number(fromMs), Number(toMs))
    }
  })
  // The line to the engine is gone: nobody will ask.
  process.stdin.on('end', () => (isStopping ? undefined : process.exit(1)))
}

/** The program as text for `node -e`. */
export const probeText = (order: ProbeOrder): string =>
  `${countArrivals.toString()}\n${probeProgram.toString()}\nprobeProgram(${JSON.stringify(order)})`
