import {connect, createServer, type Socket} from 'node:net'

export type CuttingProxy = {
  readonly port: number
  /** Chunks that have come from the server on all connections so far. */
  readonly chunks: () => number
  /** Connections made so far. */
  readonly connections: () => number
  close(): Promise<void>
}

/**
 * A TCP proxy on 127.0.0.1 that ends both sides at the moment at which chunk number `cutAt` (counting from 1, over all
 * connections) comes from the server, before passing it on; once. What comes later passes.
 */
export const cuttingProxy = async (targetPort: number, cutAt = Number.POSITIVE_INFINITY): Promise<CuttingProxy> => {
  let [chunks, connections] = [0, 0]
  const sockets = new Set<Socket>()
  const server = createServer(client => {
    connections++
    const target = connect({host: '127.0.0.1', port: targetPort, noDelay: true})
    client.setNoDelay(true)
    const end = (): void => {
      client.destroy()
      target.destroy()
    }
    for (const socket of [client, target]) {
      sockets.add(socket)
      socket.on('error', end)
      socket.on('close', () => {
        sockets.delete(socket)
        end()
      })
    }
    client.on('data', data => target.write(data))
    target.on('data', data => {
      if (++chunks === cutAt) end()
      else client.write(data)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return {
    port: address.port,
    chunks: () => chunks,
    connections: () => connections,
    close: () =>
      new Promise(resolve => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
