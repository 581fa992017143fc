// Runs inside the control namespace with listening sockets that the supervisor opened outside: a connection to
// 127.0.0.1:22xx goes on from the operator's address over the host's mgmt link, as an administrator's would.
import {connect, type Server, type Socket} from 'node:net'

/** Where the connections of a listening socket go. */
export interface Forward {
  address: string
  port: number
}

const connectTimeoutMs = 20_000

function forward(client: Socket, target: Forward): void {
  const upstream = connect({host: target.address, port: target.port, allowHalfOpen: true, noDelay: true})
  client.setNoDelay(true)
  client.allowHalfOpen = true
  const timer = setTimeout(() => upstream.destroy(new Error('timeout')), connectTimeoutMs)
  upstream.on('connect', () => clearTimeout(timer))
  // A refused or vanished host shows as a reset, not as a polite end.
  upstream.on('error', () => client.resetAndDestroy())
  client.on('error', () => upstream.resetAndDestroy())
  upstream.on('close', () => {
    clearTimeout(timer)
    if (!client.writableEnded) client.destroy()
  })
  client.on('close', () => {
    if (!upstream.writableEnded) upstream.destroy()
  })
  client.pipe(upstream)
  upstream.pipe(client)
}

process.on('message', (target: Forward, server: Server) => {
  server.on('connection', (client: Socket) => forward(client, target))
})
process.on('disconnect', () => process.exit(0))
