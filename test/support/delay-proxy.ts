import {connect, createServer, type Socket} from 'node:net'

/** A TCP proxy on loopback that stands for a distance, and counts how often the conversation turns round. */
export type DelayProxy = {
  readonly port: number
  /** How often the client began to speak after the server had spoken: round trips, whatever their size. */
  turnarounds(): number
  /** Cuts every connection. */
  cut(): void
  close(): Promise<void>
}

/** Delays every byte by `oneWayMs` in each direction; order is kept, the rate is not limited. */
export const delayProxy = async (targetPort: number, oneWayMs = 0): Promise<DelayProxy> => {
  let turnarounds = 0
  let hasServerSpoken = false
  const sockets = new Set<Socket>()
  const server = createServer({allowHalfOpen: true, noDelay: true}, client => {
    const upstream = connect({host: '127.0.0.1', port: targetPort, allowHalfOpen: true, noDelay: true})
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    }
    client.on('data', () => {
      if (hasServerSpoken) turnarounds += 1
      hasServerSpoken = false
    })
    delay(client, upstream, oneWayMs)
    // Counted when it reaches the client: what the client sends before that is no answer to it.
    delay(upstream, client, oneWayMs, () => {
      hasServerSpoken = true
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as {port: number}).port,
    turnarounds: () => turnarounds,
    cut,
    close: () => {
      cut()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

const delay = (from: Socket, to: Socket, ms: number, onPass = () => {}): void => {
  const queue: {due: number; data: Buffer | undefined}[] = []
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    timer = undefined
    while (queue[0] !== undefined && queue[0].due <= performance.now() + 0.5) {
      const {data} = queue.shift() as {data: Buffer | undefined}
      if (to.destroyed) continue
      if (data === undefined) to.end()
      else {
        onPass()
        to.write(data)
      }
    }
    if (queue[0] !== undefined) timer = setTimeout(flush, Math.max(0, queue[0].due - performance.now()))
  }
  const push = (data: Buffer | undefined) => {
    queue.push({due: performance.now() + ms, data})
    timer ??= setTimeout(flush, ms)
  }
  from.on('data', push)
  from.on('end', () => push(undefined))
}
