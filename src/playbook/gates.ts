import {setTimeout as sleep} from 'node:timers/promises'
import {noQuestions} from '../executor/health.ts'
import {HostFailure} from '../executor/host-failure.ts'
import type {HostRun} from '../executor/host-run.ts'
import {type HostHealth, healthOf, type PairHealth, sicknessOf} from './pair-health.ts'
import type {RunOptions} from './run-context.ts'
import type {RunHosts} from './run-hosts.ts'

const pollMs = 500

/** A gateway is changed only while its peer does its part, and the next one only when it does its own again. */
export class Gates {
  readonly #options: RunOptions
  readonly #hosts: RunHosts
  readonly #health: PairHealth

  constructor(options: RunOptions, hosts: RunHosts, health: PairHealth) {
    this.#options = options
    this.#hosts = hosts
    this.#health = health
  }

  /** Why a host is not to be changed now. */
  reasonAgainst(host: string): string | undefined {
    const sick = this.#health.sickPeersOf(host)
    if (sick.length === 0) return undefined
    const peers = sick.map(({host: peer, health}) => `its peer ${peer} is sick: ${sicknessOf(health)}`).join('; ')
    const own = this.#health.of(host)
    return own?.is === 'sick' ? `${peers}; it is sick itself: ${sicknessOf(own)}` : peers
  }

  /** Throws where something is to be done on a host whose peer is sick. */
  async before({host}: HostRun): Promise<void> {
    const reason = this.reasonAgainst(host)
    if (reason === undefined) return
    const {forceSick, emit, command} = this.#options
    if (forceSick === undefined)
      throw new HostFailure('refused', reason, {
        next: `nothing was changed on this host; mend ${this.#sickPeers(host)} first, or run it again with --force-sick REASON`,
      })
    emit({event: 'warning', host, message: `goes on with --force-sick (${forceSick}): ${reason}`})
    await this.#hosts.requestsOf(host).note(`--force-sick ${forceSick}: ${reason} (${command})`)
  }

  /** After changes: waits until the host does its part again. */
  async after({host}: HostRun): Promise<void> {
    const {fleet, emit, forceSick} = this.#options
    const questions = fleet.health.get(host) ?? noQuestions
    if (questions.checks.length === 0 || this.#health.peersOf(host).length === 0) return
    const limitMs = (fleet.hosts.get(host)?.settleSeconds ?? 0) * 1000
    const wasSick = this.#health.of(host)?.is === 'sick'
    const start = performance.now()
    let health: HostHealth | undefined
    for (;;) {
      this.#stopIfInterrupted()
      const now = healthOf(await this.#hosts.requestsOf(host).health(questions))
      if (now.is !== 'sick' || !health || sicknessOf(now) !== sicknessOf(health))
        emit({event: 'gate', host, when: 'after', is: now.is, checks: now.checks})
      health = now
      this.#health.set(host, health)
      if (health.is !== 'sick') return
      const leftMs = limitMs - (performance.now() - start)
      if (leftMs <= 0) break
      await sleep(Math.min(pollMs, leftMs), undefined, {signal: this.#options.signal}).catch(() => {})
    }
    const reason = `not healthy after its changes: ${sicknessOf(health)}`
    if (wasSick && forceSick !== undefined)
      return emit({event: 'warning', host, message: `goes on with --force-sick (${forceSick}): ${reason}`})
    throw new HostFailure('failed', `it is ${reason}`, {
      because: `is ${reason}`,
      next: 'its changes are made and stay, its peer is left alone; mend the cause and run the same command again',
    })
  }

  #sickPeers(host: string): string {
    return this.#health
      .sickPeersOf(host)
      .map(({host: peer}) => peer)
      .join(' and ')
  }

  #stopIfInterrupted(): void {
    if (this.#options.signal.aborted) throw new HostFailure('interrupted', 'interrupted')
  }
}
