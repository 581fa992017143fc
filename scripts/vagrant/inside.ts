import {spawn} from 'node:child_process'
import {createWriteStream, mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {root} from '../node-bin.ts'
import {logDirectory, namespace, stateDirectory} from './places.ts'

const environment = {
  VAGRANT_HOME: join(stateDirectory, 'home'),
  VAGRANT_DOTFILE_PATH: join(stateDirectory, 'dot'),
  VAGRANT_CHECKPOINT_DISABLE: '1',
  VAGRANT_DEFAULT_PROVIDER: 'libvirt',
}

export const inNamespace = (argv: readonly string[]): readonly string[] => ['ip', 'netns', 'exec', namespace, ...argv]

export type Finished = {readonly code: number; readonly lines: readonly string[]; readonly log: string}

/** Vagrant overwrites a line with its percentage, a hundred times a second. */
const isProgress = (line: string): boolean => /Progress: \d+%/.test(line)

const running = new Set<number>()
let interrupted = false
export const isInterrupted = (): boolean => interrupted
/** Asks what runs to end, and lets nothing more begin. Asked again, programs know what to do. */
export const interrupt = (): void => {
  interrupted = true
  for (const group of running) process.kill(-group, 'SIGINT')
}

type Options = {
  readonly show?: boolean
  /** It cleans up, and nobody interrupts it. */
  readonly isCleaning?: boolean
}

/**
 * Runs a program of the operator's in the namespace, from the checkout, with its output in a log file and, line by line, on the
 * screen. It is in a process group of its own, so that Ctrl-C reaches it once, by this process.
 */
export const inside = (
  name: string,
  argv: readonly string[],
  {show = true, isCleaning = false}: Options = {},
): Promise<Finished> => {
  mkdirSync(logDirectory, {recursive: true})
  const log = join(logDirectory, `${name}.log`)
  const [program = '', ...args] = inNamespace(argv)
  return new Promise((resolve, reject) => {
    if (interrupted && !isCleaning) return reject(new Error('interrupted'))
    const file = createWriteStream(log)
    file.write(`$ ${argv.join(' ')}\n`)
    const child = spawn(program, args, {
      cwd: root,
      env: {...process.env, ...environment},
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const {pid} = child
    if (pid !== undefined && !isCleaning) running.add(pid)
    const lines: string[] = []
    for (const stream of [child.stdout, child.stderr])
      createInterface({input: stream}).on('line', line => {
        if (isProgress(line)) return
        lines.push(line)
        file.write(`${line}\n`)
        if (show) console.log(`   ${line}`)
      })
    child.on('error', reject)
    child.on('close', code => {
      if (pid !== undefined) running.delete(pid)
      file.end()
      resolve({code: code ?? 1, lines, log})
    })
  })
}

/** As `inside`, for what must end well. */
export const mustInside = async (...args: Parameters<typeof inside>): Promise<readonly string[]> => {
  const {code, lines, log} = await inside(...args)
  if (interrupted) throw new Error('interrupted')
  if (code !== 0)
    throw new Error(
      `${args[1].join(' ')}: exit code ${code}; all that it said is in ${log}\n${lines.slice(-8).join('\n')}`,
    )
  return lines
}
