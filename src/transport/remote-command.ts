import {randomBytes} from 'node:crypto'
import {quote} from '../shell/quote.ts'
import {asUser, type Become, commandLine} from './become.ts'

export type RemoteCommand = {
  /**
   * For the login shell. Its first line on stderr is `tag pid`, pid being the leader of its process group; once the rights
   * of the other user are taken, `tag go` follows, and what comes after that is the command's own.
   */
  readonly line: string
  readonly tag: string
  readonly become: Become | undefined
  readonly prompt: string | undefined
  /** The command that sends a signal to that process group. */
  kill(signal: string, pid: number): RemoteCommand
}

/** What zx's spawn is asked for, as far as it means something on another host. */
export type SpawnRequest = {readonly env?: Record<string, string | undefined>; readonly cwd?: string}

/** Dresses a zx command for the host: working directory, environment, become. */
export const remoteCommand = (
  command: string,
  {env = {}, cwd}: SpawnRequest,
  become: Become | undefined,
): RemoteCommand => {
  // Only what the author set travels, never the environment of the control machine.
  const set = Object.entries(env).filter(([name, value]) => value !== undefined && value !== process.env[name])
  const vars = set.length === 0 ? '' : `env ${set.map(([name, value]) => `${name}=${quote(String(value))}`).join(' ')} `
  const directory = cwd === undefined || cwd === '.' || cwd === process.cwd() ? '' : `cd -- ${quote(cwd)} || exit 126; `
  return dressed(`exec ${vars}/bin/sh -c ${quote(directory + command)}`, become)
}

const dressed = (script: string, become: Become | undefined): RemoteCommand => {
  const tag = `zx${randomBytes(6).toString('hex')}`
  const prompt = become?.password === undefined ? undefined : `${randomBytes(12).toString('hex')}:`
  const inner = commandLine(asUser(become, prompt, ['/bin/sh', '-c', `echo ${tag} go >&2; ${script}`]))
  return {
    tag,
    become,
    prompt,
    line: commandLine(['/bin/sh', '-c', `echo ${tag} $$ >&2; ${inner}`]),
    kill: (signal, pid) => dressed(`kill -s ${signal.replace(/^SIG/, '')} -- -${pid}`, become),
  }
}
