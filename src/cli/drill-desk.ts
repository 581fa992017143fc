import {execFile, spawn} from 'node:child_process'
import {userInfo} from 'node:os'
import {createInterface} from 'node:readline/promises'
import {promisify} from 'node:util'
import type {DrillDesk} from '../playbook/drill-play.ts'
import {nextLine} from './ask-secret.ts'
import type {Io} from './io.ts'
import {reportFiler} from './report-filer.ts'
import {version} from './version.ts'

/** What a drill needs of this machine. `directory` is where reports are kept. */
export const drillDesk = (io: Io, directory: string): DrillDesk => {
  const stdin = io.stdin ?? process.stdin
  return {
    isPersonThere: stdin.isTTY ?? false,
    operator: userInfo().username,
    engine: version(),
    askPerson: question => askPerson(question, stdin, io),
    runHere: words => runHere(words, io),
    nextHop,
    report: reportFiler(directory, io),
  }
}

const askPerson = async (
  question: string,
  stdin: NodeJS.ReadableStream & {readonly isTTY?: boolean},
  {stderr}: Io,
): Promise<string | undefined> => {
  stderr.write(stdin.isTTY ? '\n> ' : `\n${question}`)
  if (stdin === process.stdin && !process.stdin.isTTY) return nextLine()
  const lines = createInterface({input: stdin, terminal: false})
  try {
    for await (const line of lines) return line
    return undefined
  } finally {
    lines.close()
  }
}

/** In a group of its own: Ctrl-C at the terminal is for the engine, which undoes what was begun. */
const runHere = (words: readonly string[], {cwd}: Io): Promise<void> =>
  new Promise((resolve, reject) => {
    const [program = '', ...args] = words
    const child = spawn(program, args, {cwd, stdio: ['ignore', 'ignore', 'pipe'], detached: true})
    let complaint = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
    child.on('error', reject)
    child.on('close', code =>
      code === 0
        ? resolve()
        : reject(new Error(`\`${words.join(' ')}\` ended with exit code ${code}: ${complaint.trim()}`)),
    )
  })

/** By iproute2; where it is not there nothing is known. */
const nextHop = async (address: string): Promise<string | undefined> => {
  try {
    const {stdout} = await promisify(execFile)('ip', ['-json', 'route', 'get', address])
    const [route] = JSON.parse(stdout) as [{readonly gateway?: string}]
    return route.gateway
  } catch {
    return undefined
  }
}
