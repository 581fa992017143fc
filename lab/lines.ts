import type {Readable} from 'node:stream'

/** Calls back with each whole line; unlike node:readline it leaves the stream's errors to whoever handles them. */
export function onLine(stream: Readable, callback: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) callback(line)
  })
}
