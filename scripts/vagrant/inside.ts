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

/** What every program of this test is told when somebody wants it to end. */
export const interruption = new AbortController()

/**
 * Runs a program of the operator's in the namespace, from the checkout, with its output in a log file and, line by line, on the
 * screen. It is in a process group of its own, so that Ctrl-C reaches it once, by this process.
 */
export const inside = (
  name: string,
  argv: readonly string[],
  {show = true, signal = interruption.signal}: {readonly show?: boolean; readonly signal?: AbortSignal} = {},
): Promise<Finished> => {
  mkdirSync(logDirectory, {recursive: true})
  const log = join(logDirectory, `${name}.log`)
  const [program = '', ...args] = inNamespace(argv)
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Error('interrupted'))
    const file = createWriteStream(log)
    file.write(`$ ${argv.join(' ')}\n`)
    const child = spawn(program, args, {
      cwd: root,
      env: {...process.env, ...environment},
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const end = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT')
    }
    signal.addEventListener('abort', end)
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
      signal.removeEventListener('abort', end)
      file.end()
      resolve({code: code ?? 1, lines, log})
    })
  })
}

/** As `inside`, for what must end well. */
export const mustInside = async (...args: Parameters<typeof inside>): Promise<readonly string[]> => {
  const {code, lines, log} = await inside(...args)
  if (interruption.signal.aborted && args[2]?.signal === undefined) throw new Error('interrupted')
  if (code !== 0)
    throw new Error(
      `${args[1].join(' ')}: exit code ${code}; all that it said is in ${log}\n${lines.slice(-8).join('\n')}`,
    )
  return lines
}
