import {spawn} from 'node:child_process'

export interface Result {
  code: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  input?: string
  timeoutMs?: number
  env?: Record<string, string>
}

/**
 * Runs a local program without a shell and collects what it says; a non-zero exit is a result, not an error.
 * @throws Error when the program cannot be started or is still running after `timeoutMs`
 */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Result> {
  const [program = '', ...rest] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {stdio: 'pipe', env: {...process.env, ...options.env}})
    const chunks = {stdout: [] as Buffer[], stderr: [] as Buffer[]}
    let expired = false
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            expired = true
            child.kill('SIGKILL')
          }, options.timeoutMs)
    child.stdout.on('data', (chunk: Buffer) => chunks.stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.stderr.push(chunk))
    // The program may exit without having read its input.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
    child.on('error', error => {
      clearTimeout(timer)
      reject(error)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      const stderr = Buffer.concat(chunks.stderr).toString()
      if (expired) reject(new Error(`${argv.join(' ')}: still running after ${options.timeoutMs} ms\n${stderr}`))
      else resolve({code: code ?? (signal ? 137 : 1), stdout: Buffer.concat(chunks.stdout).toString(), stderr})
    })
  })
}

/**
 * As `run`, for programs that must succeed.
 * @throws Error with the command and its stderr
 */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const {code, stdout, stderr} = await run(argv, options)
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}\n${stderr || stdout}`.trim())
  return stdout
}
