import {randomBytes} from 'node:crypto'
import {setTimeout as sleep} from 'node:timers/promises'
import type {Client, ClientChannel} from 'ssh2'
import {quote} from '../shell/quote.ts'

/** sshd allows ten sessions on a connection (MaxSessions); the engine's own shells need up to four. */
const maxChannels = 6
const maxTries = 8
const firstPauseMs = 10

/** Opens exec channels for zx, as many at once as sshd takes. */
export class ExecChannels {
  readonly #client: Client
  #free = maxChannels
  readonly #waiting: (() => void)[] = []

  constructor(client: Client) {
    this.#client = client
  }

  /** Waits for a free place; the caller gives it back by calling the result once. */
  async place(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>(resolve => this.#waiting.push(resolve))
    let isTaken = true
    return () => {
      if (!isTaken) return
      isTaken = false
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }

  /** `use` is called in the callback of ssh2, which may emit the channel's exit before a promise could continue. */
  async open(line: string, use: (channel: ClientChannel) => void): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await new Promise<void>((resolve, reject) => {
          this.#client.exec(line, (error, channel) => {
            if (error !== undefined) return reject(error)
            use(channel)
            resolve()
          })
        })
      } catch (error) {
        // sshd frees a session one turn after it has ended, so an open right after a close may be refused.
        if (attempt >= maxTries || !/open failed/i.test((error as Error).message)) throw error
        await sleep(firstPauseMs * 2 ** attempt)
      }
    }
  }

  /** Runs a command whose end and output nobody waits for. */
  fire(line: string): void {
    this.open(line, channel => {
      channel.resume()
      channel.stderr.resume()
    }).catch(() => {})
  }
}

export type RemoteCommand = {
  /** For the login shell. Its first line on stderr is `tag pid`, pid being the leader of its process group. */
  readonly line: string
  readonly tag: string
  /** The command line that sends a signal to that process group. */
  kill(signal: string, pid: number): string
}

/** What zx's spawn is asked for, as far as it means something on another host. */
export type SpawnRequest = {readonly env?: Record<string, string | undefined>; readonly cwd?: string}

/** Dresses a zx command for the host: working directory, environment, become. */
export const remoteCommand = (
  command: string,
  {env = {}, cwd}: SpawnRequest,
  become: string | undefined,
): RemoteCommand => {
  const tag = `zx${randomBytes(6).toString('hex')}`
  const sudo = become === undefined ? '' : `sudo -n -u ${quote(become)} -- `
  // Only what the author set travels, never the environment of the control machine.
  const set = Object.entries(env).filter(([name, value]) => value !== undefined && value !== process.env[name])
  const vars = set.length === 0 ? '' : `env ${set.map(([name, value]) => `${name}=${quote(String(value))}`).join(' ')} `
  const directory = cwd === undefined || cwd === '.' || cwd === process.cwd() ? '' : `cd -- ${quote(cwd)} || exit 126; `
  const run = `${sudo}${vars}/bin/sh -c ${quote(directory + command)}`
  return {
    tag,
    line: `exec /bin/sh -c ${quote(`echo ${tag} $$ >&2; exec ${run}`)}`,
    kill: (signal, pid) => `exec ${sudo}/bin/sh -c ${quote(`kill -s ${signal.replace(/^SIG/, '')} -- -${pid}`)}`,
  }
}
