import {spawn} from 'node:child_process'
import {dirname, join} from 'node:path'
import {createInterface} from 'node:readline'

export const root = join(import.meta.dirname, '..')

/** Runs a program of node_modules/.bin (or any on PATH) with the Node.js that runs this; resolves with its exit code. */
export const runTool = (
  command: string,
  args: readonly string[],
  onLine?: (line: string) => void,
  cwd = root,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const path = [dirname(process.execPath), join(root, 'node_modules/.bin'), process.env.PATH].join(':')
    const child = spawn(command, args, {
      cwd,
      env: {...process.env, PATH: path},
      stdio: ['ignore', onLine ? 'pipe' : 'inherit', 'inherit'],
    })
    if (onLine && child.stdout) createInterface({input: child.stdout}).on('line', onLine)
    child.on('error', reject)
    child.on('close', code => resolve(code ?? 1))
  })
