import {userInfo} from 'node:os'
import {Connection} from '../executor/connection.ts'
import {Requests} from '../executor/requests.ts'
import type {Target} from '../transport/transport.ts'
import type {RunOptions} from './run-context.ts'

/** Connections of a run and what is asked over them, made when they are first needed: tasks reach hosts that no play names. */
export class RunHosts {
  readonly #options: RunOptions
  readonly #runId: string
  readonly #connections = new Map<string, Connection>()
  readonly #requests = new Map<string, Requests>()

  constructor(options: RunOptions, runId: string) {
    this.#options = options
    this.#runId = runId
  }

  connectionTo(host: string): Connection {
    const known = this.#connections.get(host)
    if (known) return known
    const {connect, mode, signal, live = false} = this.#options
    const made = new Connection(connect, this.#targetOf(host), {
      become: this.#becomeOn(host),
      readOnly: mode === 'check',
      signal,
      isLive: live,
    })
    this.#connections.set(host, made)
    return made
  }

  requestsOf(host: string): Requests {
    const known = this.#requests.get(host)
    if (known) return known
    const {mode, emit, signal, lockWaitSeconds = 30} = this.#options
    const connection = this.connectionTo(host)
    const made = new Requests({connection, mode, runId: this.#runId, emit, signal, lockWaitSeconds})
    this.#requests.set(host, made)
    return made
  }

  async close(host: string): Promise<void> {
    await (this.#requests.get(host) ?? this.#connections.get(host))?.close()
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#connections.keys()].map(host => this.close(host)))
  }

  #targetOf(host: string): Target {
    const target = this.#options.fleet.hosts.get(host)?.target ?? (host === 'localhost' ? thisMachine() : undefined)
    if (!target) throw new Error(`${host} is not in the inventory`)
    return target
  }

  /** As whom the host is asked for facts and locked. */
  #becomeOn(host: string): string | undefined {
    const {plays} = this.#options.fleet
    const own = plays.filter(({hosts}) => hosts.includes(host))
    return (own.length > 0 ? own : plays).map(play => play.become(host)).find(user => user !== undefined)
  }
}

/** What tasks delegate to `localhost`, where the inventory has no host of this name. */
const thisMachine = (): Target => ({
  host: 'localhost',
  address: '127.0.0.1',
  port: 22,
  user: userInfo().username,
  keyFiles: [],
  knownHosts: [],
  transport: 'local',
  connectTimeoutMs: 10_000,
  keepaliveMs: 15_000,
})
