import type {ChildProcessWithoutNullStreams} from 'node:child_process'
import type {Channel} from './carrier.ts'

type Exit = readonly [code: number | null, signal: string | undefined]

/** A process of this machine as a channel; listeners that come late are told all the same. */
export const childChannel = (child: ChildProcessWithoutNullStreams): Channel => {
  const {stdin, stdout, stderr} = child
  // What is written after the process has ended goes nowhere.
  stdin.on('error', () => {})
  const exit = new Promise<Exit>(resolve => child.once('exit', (code, signal) => resolve([code, signal ?? undefined])))
  const close = new Promise<void>(resolve => child.once('close', () => resolve()))
  return {
    stdin,
    stdout,
    stderr,
    onExit: listener => void exit.then(([code, signal]) => listener(code, signal)),
    onClose: listener => void Promise.all([exit, close]).then(listener),
    destroy: () => {
      stdin.destroy()
      stdout.destroy()
      stderr.destroy()
    },
  }
}
