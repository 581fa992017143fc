import {once} from 'node:events'
import {writeFile} from 'node:fs/promises'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {quote} from '../shell/quote.ts'

/** Answers what ssh asks; undefined is no answer. */
export type Answer = (question: string) => string | undefined

const client =
  `const s=require('net').connect(process.argv[1]);s.on('error',()=>process.exit(1));s.end(process.argv[2]);
let n=0;s.on('data',d=>{n+=d.length;process.stdout.write(d)});s.on('end',()=>process.exitCode=n?0:1)`.replace('\n', '')

/**
 * Passwords reach ssh through a program that it calls and a socket in a private directory: they stand in no argument, no
 * environment and no file. Returns the environment for ssh.
 */
export const answerQuestions = async (
  directory: string,
  answer: Answer,
): Promise<{env: Record<string, string>; close(): void}> => {
  const [socket, program] = [join(directory, 'a'), join(directory, 'askpass')]
  const server = createServer({allowHalfOpen: true}, asking => {
    let question = ''
    asking.on('error', () => {})
    asking.on('data', (chunk: Buffer) => {
      question += chunk.toString()
    })
    asking.on('end', () => {
      const text = answer(question)
      asking.end(text === undefined ? '' : `${text}\n`)
    })
  })
  const words = [process.execPath, '-e', client, socket].map(quote).join(' ')
  await Promise.all([
    once(server.listen(socket), 'listening'),
    writeFile(program, `#!/bin/sh\nNODE_OPTIONS= exec ${words} "$1"\n`, {mode: 0o700}),
  ])
  return {env: {SSH_ASKPASS: program, SSH_ASKPASS_REQUIRE: 'force'}, close: () => void server.close()}
}
