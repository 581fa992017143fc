import {spawn} from 'node:child_process'
import {dirname, join} from 'node:path'

export const root = join(import.meta.dirname, '..')

/** Runs a program of node_modules/.bin (or any on PATH) with the Node.js that runs this; resolves with its exit code. */
export const runTool = (command: string, args: readonly string[], onLine?: (line: string) => void): Promise<number> =>
  new Promise((resolve, reject) => {
    const path = [dirname(process.execPath), join(root, 'node_modules/.bin'), process.env.PATH].join(':')
    const child = spawn(command, args, {
      cwd: root,
      env: {...process.env, PATH: path},
      stdio: ['ignore', onLine ? 'pipe' : 'inherit', 'inherit'],
    })
    let rest = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) onLine?.(line)
    })
    child.on('error', reject)
    child.on('close', code => {
      if (rest) onLine?.(rest)
      resolve(code ?? 1)
    })
  })
