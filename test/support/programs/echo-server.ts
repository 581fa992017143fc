// Gives back what it gets (RFC 862): node echo-server.ts tcp|udp ADDRESS PORT; it ends with its standard input.
// A TCP connection that opens with `B` is a download instead: zeros at 6.4 Mbit/s, until a `!`, which is given back.
import {createSocket} from 'node:dgram'
import {createServer, isIP, type Socket} from 'node:net'

const [protocol = '', address = '', port = ''] = process.argv.slice(2)

const download = (socket: Socket): void => {
  const chunk = Buffer.alloc(16_000)
  const timer = setInterval(() => {
    if (!socket.writableNeedDrain) socket.write(chunk)
  }, 20)
  socket.once('close', () => clearInterval(timer))
  socket.on('data', data => {
    if (!data.includes('!')) return
    clearInterval(timer)
    socket.end('!')
  })
}

const ready = (): void => console.log('ready')
const serveStreams = (): void => {
  const server = createServer({noDelay: true}, socket => {
    socket.on('error', () => socket.destroy())
    socket.once('data', data => {
      if (data[0] === 'B'.charCodeAt(0)) return download(socket)
      socket.write(data)
      socket.pipe(socket)
    })
  })
  server.listen(Number(port), address, ready)
}

const serveDatagrams = (): void => {
  const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4')
  // A reply that has no way back is a lost probe, not an error of the server.
  socket.on('message', (data, from) => socket.send(data, from.port, from.address, () => undefined))
  socket.bind(Number(port), address, ready)
}

if (protocol === 'tcp') serveStreams()
else serveDatagrams()
process.stdin.resume().on('end', () => process.exit(0))
