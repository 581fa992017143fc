// Sends a numbered datagram each few milliseconds and notes when its echo comes: node udp-probe.ts JSON. It says `ready`
// with the first echo; when its standard input ends, it waits for stragglers and prints what came.
import {createSocket} from 'node:dgram'
import {isIP} from 'node:net'
import type {Flow} from '../in-namespace.ts'
import type {ProbeLog} from '../probe.ts'

const {address, source, port, intervalMs} = JSON.parse(process.argv[2] ?? '') as Flow & {
  port: number
  intervalMs: number
}
const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4')
const sentAt: number[] = []
const echoes: [number, number][] = []

/** As many as are due: a timer that comes late does not lower the rate. */
const sendDue = (started: number): void => {
  const now = performance.now()
  while (started + sentAt.length * intervalMs <= now) {
    const datagram = Buffer.alloc(4)
    datagram.writeUInt32BE(sentAt.length)
    sentAt.push(now)
    socket.send(datagram, port, address, () => undefined)
  }
}

socket.on('message', datagram => {
  echoes.push([datagram.readUInt32BE(), performance.now()])
  if (echoes.length === 1) console.log('ready')
})
socket.on('error', () => undefined)
socket.bind({...(source !== undefined && {address: source})}, () => {
  const started = performance.now()
  const timer = setInterval(() => sendDue(started), Math.min(intervalMs, 2))
  process.stdin.resume().on('end', () => {
    clearInterval(timer)
    setTimeout(() => {
      const log: ProbeLog = {intervalMs, sentAt, echoes}
      process.stdout.write(`${JSON.stringify(log)}\n`, () => process.exit(0))
    }, 200)
  })
})
