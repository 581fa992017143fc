import type {Socket} from 'node:net'

/** Calls back with each whole line; unlike node:readline it leaves the socket's errors to whoever handles them. */
export function onLine(socket: Socket, callback: (line: string) => void): void {
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) callback(line)
  })
}
