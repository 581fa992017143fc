import {readSync} from 'node:fs'
import {createInterface} from 'node:readline'
import {Writable} from 'node:stream'
import {InvalidInput} from '../diagnostic.ts'
import type {Io} from './io.ts'

/** Asks at the terminal without echo. Without a terminal, the next line of stdin is the answer. */
export const askSecret = async (question: string, {stderr, stdin = process.stdin}: Io): Promise<string> => {
  stderr.write(question)
  if (stdin === process.stdin && !process.stdin.isTTY) {
    stderr.write('\n')
    return nextLine()
  }
  const isTerminal = 'isTTY' in stdin && stdin.isTTY
  const silent = new Writable({write: (_chunk, _encoding, done) => done()})
  const lines = createInterface({input: stdin, output: silent, terminal: isTerminal})
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve)
      lines.once('SIGINT', () => reject(new InvalidInput([{rule: 'no-answer', what: 'interrupted'}])))
      lines.once('close', () =>
        reject(new InvalidInput([{rule: 'no-answer', what: `nobody answered '${question.trim()}'`}])),
      )
    })
  } finally {
    lines.close()
    stderr.write('\n')
  }
}

/** Byte by byte, for what follows belongs to the next question. */
export const nextLine = (): string => {
  const bytes: number[] = []
  const byte = Buffer.alloc(1)
  while (readSync(0, byte) === 1 && byte[0] !== 10) bytes.push(byte[0] ?? 0)
  return Buffer.from(bytes).toString().replace(/\r$/, '')
}
