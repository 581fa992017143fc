import type {ChildProcess} from 'node:child_process'
import {setTimeout as sleep} from 'node:timers/promises'
import {setFrozen} from './cgroup.ts'
import {degradeLink, restoreLink} from './degrade.ts'
import {type Layers, mountDisk, unmountDisk, wipeDisk} from './disk.ts'
import {setPort, unplugHost, unwireHost, wireHost} from './network.ts'
import {leaderOf, rebootExitCode, startHost} from './nspawn.ts'
import type {Degradation, HostState, HostStatus, LinkStatus} from './protocol.ts'
import {hostOf, type Topology} from './topology.ts'

/** A host's life as its supervisor sees it: power, disk and cables. Methods must not overlap; see `serial`. */
export class LabHost {
  readonly #topology: Topology
  readonly #name: string
  readonly #layers: Layers
  readonly #links: Record<string, LinkStatus>
  #process: ChildProcess | undefined
  #state: HostState = 'off'
  #boots = 0
  #problem: string | undefined
  #queue: Promise<unknown> = Promise.resolve()

  constructor(topology: Topology, name: string, layers: Layers) {
    this.#topology = topology
    this.#name = name
    this.#layers = layers
    this.#links = Object.fromEntries(Object.keys(hostOf(topology, name).links).map(link => [link, {cut: false}]))
  }

  /** Runs one operation after the other. */
  serial<T>(operation: () => Promise<T>): Promise<T> {
    const next = this.#queue.then(operation)
    this.#queue = next.catch(() => undefined)
    return next
  }

  get status(): HostStatus {
    const nspawn = this.#process?.pid ?? 0
    return {
      state: this.#state,
      nspawn,
      leader: nspawn === 0 ? 0 : (leaderOf(nspawn) ?? 0),
      boots: this.#boots,
      ...(this.#problem === undefined ? {} : {problem: this.#problem}),
      links: this.#links,
    }
  }

  /** Switches the host on, if it is off. */
  async boot(): Promise<void> {
    if (this.#process) return
    this.#state = 'starting'
    this.#problem = undefined
    try {
      await this.#start()
    } catch (error) {
      this.#fail(String(error))
      throw error
    }
  }

  async #start(): Promise<void> {
    await mountDisk(this.#topology, this.#name, this.#layers)
    await wireHost(this.#topology, this.#name)
    await this.#restoreFaults()
    const child = startHost(this.#topology, this.#name)
    this.#process = child
    this.#boots += 1
    child.on('error', error => this.#onEnd(child, -1, error.message))
    child.on('exit', code => this.#onEnd(child, code))
    while (this.#process === child && leaderOf(child.pid ?? 0) === undefined) await sleep(20)
    if (this.#process === child) this.#state = 'on'
  }

  #onEnd(child: ChildProcess, code: number | null, message?: string): void {
    if (this.#process !== child) return
    this.#process = undefined
    this.#state = 'off'
    // A kernel without its processes would go on answering for the host's addresses.
    if (code !== rebootExitCode) void this.serial(() => this.#unwireIfOff())
    if (code === rebootExitCode) void this.serial(() => this.boot()).catch(error => this.#fail(String(error)))
    else if (code !== 0 && code !== null) this.#fail(message ?? `systemd-nspawn ended with exit ${code}`)
  }

  async #unwireIfOff(): Promise<void> {
    if (!this.#process) await unwireHost(this.#topology, this.#name)
  }

  #fail(problem: string): void {
    this.#state = 'failed'
    this.#problem = problem
  }

  /** Power cut: no process of the host gets to say anything. Its cables are dead at the same time. */
  async kill(): Promise<void> {
    const child = this.#process
    if (child) {
      // Off is what was asked for: whatever exit code follows is no failure and no reboot.
      this.#process = undefined
      const ended = new Promise(resolve => child.once('exit', resolve))
      // Or keepalived would see its links go one after the other, and give the addresses up over the last one.
      setFrozen(this.#topology, this.#name, true)
      await unplugHost(this.#topology, this.#name)
      const leader = leaderOf(child.pid ?? 0)
      if (leader !== undefined) process.kill(leader, 'SIGKILL')
      child.kill('SIGKILL')
      setFrozen(this.#topology, this.#name, false)
      await ended
    }
    this.#state = 'off'
    this.#problem = undefined
    await unwireHost(this.#topology, this.#name)
  }

  /** A pristine host with healed cables: everything that it wrote is gone. */
  async reset(): Promise<void> {
    await this.kill()
    await unmountDisk(this.#topology, this.#name)
    wipeDisk(this.#topology, this.#name)
    for (const link of Object.keys(this.#links)) await this.heal(link)
    await this.boot()
  }

  async setFrozen(frozen: boolean): Promise<void> {
    if (!this.#process) throw new Error(`${this.#name} is off`)
    setFrozen(this.#topology, this.#name, frozen)
    this.#state = frozen ? 'frozen' : 'on'
  }

  async cut(link: string): Promise<void> {
    this.#link(link).cut = true
    if (this.#process) await setPort(this.#topology, this.#name, link, false)
  }

  async heal(link: string): Promise<void> {
    const status = this.#link(link)
    const wasDegraded = status.degraded !== undefined
    status.cut = false
    delete status.degraded
    if (wasDegraded) await restoreLink(this.#topology, this.#name, link, this.#process !== undefined)
    if (this.#process) await setPort(this.#topology, this.#name, link, true)
  }

  async degrade(link: string, degradation: Degradation): Promise<void> {
    this.#link(link).degraded = degradation
    if (this.#process) await degradeLink(this.#topology, this.#name, link, degradation)
  }

  /** Faults belong to the cable, not to the host: they outlive a reboot. */
  async #restoreFaults(): Promise<void> {
    for (const [link, {cut, degraded}] of Object.entries(this.#links)) {
      if (degraded) await degradeLink(this.#topology, this.#name, link, degraded)
      if (cut) await setPort(this.#topology, this.#name, link, false)
    }
  }

  #link(link: string): LinkStatus {
    const status = this.#links[link]
    if (!status) throw new Error(`${this.#name} has no link ${link}`)
    return status
  }
}
