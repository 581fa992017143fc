import {createHash} from 'node:crypto'
import {mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import type {Reporter} from '../events.ts'
import type {Io} from './io.ts'

type Environment = Io['env']

/** Where a project remembers its last run; nowhere without a home directory. */
const stateFile = (projectDirectory: string, env: Environment): string | undefined => {
  const base = env['XDG_STATE_HOME'] || (env['HOME'] && join(env['HOME'], '.local/state'))
  const name = createHash('sha256').update(resolve(projectDirectory)).digest('hex').slice(0, 16)
  return base ? join(base, 'gatewright', `${name}.json`) : undefined
}

/** Hosts that failed or could not be reached in the last run of a project; undefined when none is on record. */
export const lastFailed = (projectDirectory: string, env: Environment): readonly string[] | undefined => {
  try {
    const {failed} = JSON.parse(readFileSync(stateFile(projectDirectory, env) ?? '', 'utf8')) as {failed?: unknown}
    return Array.isArray(failed) ? failed.map(String) : undefined
  } catch {
    return undefined
  }
}

const lost: ReadonlySet<string> = new Set(['failed', 'unreachable', 'refused', 'rolled back'])

/** Remembers at the end of a run which hosts to run again with `--limit @last-failed`; a run without fault clears it. */
export const rememberFailed = (projectDirectory: string, {env, stderr}: Pick<Io, 'env' | 'stderr'>): Reporter => ({
  on(event) {
    if (event.event !== 'summary') return
    const failed = event.hosts.filter(({status}) => lost.has(status)).map(({host}) => host)
    const file = stateFile(projectDirectory, env)
    if (file === undefined || (failed.length === 0 && event.exitCode !== 0)) return
    try {
      mkdirSync(dirname(file), {recursive: true, mode: 0o700})
      const candidate = `${file}.${process.pid}`
      writeFileSync(candidate, `${JSON.stringify({project: resolve(projectDirectory), failed})}\n`, {mode: 0o600})
      renameSync(candidate, file)
    } catch (error) {
      stderr.write(`--limit @last-failed will not know this run: ${(error as Error).message}\n`)
    }
  },
})
