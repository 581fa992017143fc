// Answers each question for an IPv4 address with one (RFC 1035 4.1): node dns-server.ts LISTEN ANSWER; it ends with its standard input.
import {createSocket} from 'node:dgram'

const [listen = '', answer = ''] = process.argv.slice(2)
const address = Buffer.from(answer.split('.').map(Number))
/** Type A, class IN. */
const isForAddress = (question: Buffer): boolean => question.readUInt16BE(question.length - 4) === 1

const socket = createSocket('udp4')
socket.on('message', (query, from) => {
  // The header has 12 bytes; the name ends with an empty label.
  const question = query.subarray(12, query.indexOf(0, 12) + 5)
  const isAnswered = isForAddress(question)
  const header = Buffer.from([...query.subarray(0, 2), 0x81, 0x80, 0, 1, 0, isAnswered ? 1 : 0, 0, 0, 0, 0])
  // A pointer to the question's name, type, class, 1 s to live, 4 bytes.
  const record = Buffer.concat([Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4]), address])
  socket.send(Buffer.concat([header, question, ...(isAnswered ? [record] : [])]), from.port, from.address)
})
socket.bind(53, listen, () => console.log('ready'))
process.stdin.resume().on('end', () => process.exit(0))
