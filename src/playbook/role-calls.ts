import type {Diagnostic, Position} from '../diagnostic.ts'
import {Findings} from '../diagnostics/findings.ts'
import type {HealthQuestions} from '../executor/health.ts'
import type {Fact} from '../facts/fact.ts'
import {type Offer} from '../offer.ts'
import {offersOf, type PlacedOffer} from '../preflight/placed-offer.ts'
import {coldCode, whileActive} from '../resources/stand-by.ts'
import {
  type EventSource,
  type HealthCheck,
  type Host,
  isResting,
  judgesPairs,
  type OfferContext,
  type Peer,
  type ProblemContext,
  type Role,
} from '../role.ts'
import {messageOf} from '../wording.ts'
import type {FoundRole} from './find-role.ts'
import type {Facts, LiveFindings, RoleCall} from './model.ts'
import {displayPath} from './paths.ts'
import {diagnosticOf, placeIn} from './role-diagnostic.ts'
import {roleFacts} from './role-facts.ts'
import {roleVariables} from './role-variables.ts'
import type {Scope} from './scope.ts'
import {SeenHosts} from './seen-hosts.ts'

export type CallPlace = {
  readonly at: Position | undefined
  readonly others: readonly string[]
  readonly home: string
  /** As whom the role is applied to a host. */
  readonly become: (host: string) => string | undefined
}
type OpenCall = Pick<CallPlace, 'become'> & {
  readonly call: RoleCall
  readonly role: Role
  readonly vars: Map<string, any>
  readonly peers: Map<string, readonly Peer<any>[]>
  readonly scopes: ReadonlyMap<string, Scope>
  readonly at: Position | undefined
}

/** What was found on hosts, whose rules are asked, and what is offered on the host that they are about. */
type Found = {
  readonly factsOf: (host: string) => Facts | undefined
  readonly of: ReadonlySet<RoleCall>
  readonly offers: readonly Offer[]
}

/** All calls of roles, of the running playbook and of the site's: peers and offers need them together. */
export class RoleCalls {
  readonly #given: ReadonlyMap<string, Host>
  #hosts: SeenHosts
  readonly #findings: Findings
  readonly #calls: OpenCall[] = []
  #offered: readonly PlacedOffer[] = []

  constructor(hosts: ReadonlyMap<string, Host>, findings: Findings) {
    this.#given = hosts
    this.#hosts = new SeenHosts(hosts)
    this.#findings = findings
  }

  /** A role on these hosts; its peers are filled in by `finish`. */
  add(
    {role, directory}: FoundRole,
    scopes: ReadonlyMap<string, Scope>,
    {at, others, home, become}: CallPlace,
  ): RoleCall {
    const vars = new Map<string, any>()
    for (const [host, scope] of scopes) {
      const values = roleVariables(role, {host, scope, at, others, home}, this.#findings)
      if (values) vars.set(host, values)
    }
    const peers = new Map<string, readonly Peer<any>[]>()
    const call = {role, directory, vars, peers}
    this.#calls.push({call, role, vars, peers, scopes, at, become})
    return call
  }

  /** Validated variables of a role on a host, by its first call. */
  varsOf(role: string, host: string): any {
    return this.#calls.find(call => call.role.name === role && call.vars.has(host))?.vars.get(host)
  }

  /** Names of the facts that roles bring. */
  facts(): readonly string[] {
    const facts = this.#calls.flatMap(({role}) => Object.values(role.facts as Readonly<Record<string, {name: string}>>))
    return facts.map(({name}) => name)
  }

  /** The variables among which a role is called on a host. */
  scopeOf(role: string, host: string): Scope | undefined {
    return this.#calls.find(call => call.role.name === role && call.scopes.has(host))?.scopes.get(host)
  }

  #context(call: OpenCall, host: string): OfferContext<any> | undefined {
    const own = this.#hosts.by(call.role.name).get(host)
    const peers = call.peers.get(host)
    return own && peers && call.vars.has(host)
      ? {vars: call.vars.get(host), host: own, peers, others: this.#others(call.role, own)}
      : undefined
  }

  /** Where each role of these playbooks' directory is applied: role -> hosts on which it may be, with its place. */
  applied(): ReadonlyMap<string, ReadonlyMap<string, Position | undefined>> {
    const all = new Map<string, Map<string, Position | undefined>>()
    for (const {role, scopes, at} of this.#calls) {
      const hosts = all.get(role.name) ?? new Map<string, Position | undefined>()
      for (const host of scopes.keys()) if (!hosts.has(host)) hosts.set(host, at)
      all.set(role.name, hosts)
    }
    return all
  }

  /**
   * Peers, then the tunnels that roles make, which the other ones see as links from here on, then what they offer, then every role's
   * own rules. A host with a broken pair gets no further than its own variables.
   */
  finish(): void {
    this.#findPeers()
    this.#hosts = new SeenHosts(this.#given, offersOf(this.#askOffers(new Findings()), 'tunnel'))
    this.#findPeers()
    this.#offered = this.#askOffers(this.#findings)
    for (const call of this.#calls)
      for (const host of call.scopes.keys()) {
        const context = this.#context(call, host)
        if (context) this.#checkRules(call, host, {...context, tunnels: this.#hosts.tunnelsOn(host)})
      }
  }

  #findPeers(): void {
    for (const call of this.#calls)
      for (const host of call.scopes.keys()) call.peers.set(host, this.#peersOf(call.role, host))
  }

  /** A host with all of its tunnels. */
  hostOf(name: string): Host | undefined {
    return this.#hosts.whole(name)
  }

  #peersOf(role: Role, name: string): readonly Peer<any>[] {
    const pair = this.#given.get(name)?.pair
    if (pair === undefined) return []
    return [...this.#hosts.by(role.name).values()]
      .filter(other => other.name !== name && other.pair === pair)
      .flatMap(other => {
        const vars: unknown = this.varsOf(role.name, other.name)
        return vars === undefined ? [] : [{...other, vars}]
      })
  }

  /** Not whom it stands in for, and not who stands in for it: they are never at work at the same time. */
  #others(role: Role, own: Host): readonly Peer<any>[] {
    const {name, pair} = own
    return [...this.#hosts.by(role.name).values()]
      .filter(other => other.name !== name && (pair === undefined || other.pair !== pair))
      .filter(other => !standsFor(own, other) && !standsFor(other, own))
      .flatMap(other => {
        const vars: unknown = this.varsOf(role.name, other.name)
        return vars === undefined ? [] : [{...other, vars}]
      })
  }

  #checkRules(call: OpenCall, host: string, context: ProblemContext<any>): void {
    for (const problem of this.#guard(call, 'problems', host, () => call.role.problems(context)) ?? [])
      this.#findings.add(diagnosticOf(problem, call, {host, varsOf: other => this.varsOf(call.role.name, other)}))
  }

  #guard<Result>(
    call: OpenCall,
    what: string,
    host: string,
    work: () => Result,
    findings = this.#findings,
  ): Result | undefined {
    try {
      return work()
    } catch (error) {
      findings.add({
        rule: 'broken-role',
        what: `${what}() of the role '${call.role.name}' failed`,
        why: messageOf(error),
        fix: `this is a defect of the role in ${displayPath(call.call.directory)}`,
        host,
        ...(call.at && {at: call.at}),
      })
      return undefined
    }
  }

  /** Host -> what its roles ask to know whether it does its part of its pair. */
  health(): ReadonlyMap<string, HealthQuestions> {
    const all = new Map<string, Map<string, {role: string; check: HealthCheck; become: string | undefined}>>()
    for (const call of this.#calls)
      for (const host of call.scopes.keys()) {
        const context = this.#context(call, host)
        if (!context) continue
        const known = all.get(host) ?? new Map()
        all.set(host, known)
        const {name: role} = call.role
        for (const check of this.#guard(call, 'health', host, () => call.role.health(context)) ?? []) {
          const other = known.get(check.name)
          if (other && other.role !== role)
            this.#findings.add({
              rule: 'health-name',
              what: `the roles '${other.role}' and '${role}' both have a health check '${check.name}'`,
              fix: 'rename one of them: a message names the check alone',
              host,
              ...(call.at && {at: call.at}),
            })
          const asked = isResting(call.role, context.host) ? onlyActive(check) : check
          known.set(check.name, {role, check: asked, ...other, become: other?.become ?? call.become(host)})
        }
      }
    return new Map(
      [...all].map(([host, known]) => {
        const asked = [...known.values()]
        return [host, {checks: asked.map(({check}) => check), become: asked.find(({become}) => become)?.become}]
      }),
    )
  }

  /** Host -> where its roles write down what fails over. */
  events(): ReadonlyMap<string, readonly EventSource[]> {
    const all = new Map<string, Set<EventSource>>()
    for (const {role, scopes} of this.#calls)
      for (const host of scopes.keys()) all.set(host, new Set([...(all.get(host) ?? []), ...role.events]))
    return new Map([...all].map(([host, sources]) => [host, [...sources]]))
  }

  /** Host -> what these calls ask beside their facts, to judge what was found. */
  liveFacts(of: ReadonlySet<RoleCall>): ReadonlyMap<string, readonly Fact<unknown>[]> {
    const all = new Map<string, Fact<unknown>[]>()
    for (const call of this.#calls.filter(each => of.has(each.call) && judgesPairs(each.role)))
      for (const host of call.scopes.keys()) {
        const context = this.#context(call, host)
        if (!context || isResting(call.role, context.host)) continue
        const facts = this.#guard(call, 'liveFacts', host, () => call.role.liveFacts(context)) ?? {}
        all.set(host, [...(all.get(host) ?? []), ...Object.values<Fact<unknown>>(facts)])
      }
    return all
  }

  /** What these calls say of what was found on a host and its peers. */
  liveProblems(host: string, {factsOf, of, offers}: Found): LiveFindings {
    const told = this.#calls
      .filter(({call, role}) => of.has(call) && judgesPairs(role))
      .flatMap(call => {
        const {role} = call
        const context = this.#context(call, host)
        const facts = this.#foundBy(role, host, factsOf)
        if (!context || !facts || isResting(role, context.host)) return []
        const peers = context.peers.flatMap(peer => {
          const found = this.#foundBy(role, peer.name, factsOf)
          return found ? [{...peer, facts: found}] : []
        })
        return role.liveProblems({vars: context.vars, host: context.host, facts, offers, peers}).map(problem => ({
          isAdvice: problem.isAdvice,
          diagnostic: diagnosticOf(problem, call, {host, varsOf: other => this.varsOf(call.role.name, other)}),
        }))
      })
    const some = (wanted: boolean): readonly Diagnostic[] =>
      told.flatMap(({isAdvice = false, diagnostic}) => (isAdvice === wanted ? [diagnostic] : []))
    return {problems: some(false), advice: some(true)}
  }

  /** Each role on each host that it is applied to, once. */
  applications(): readonly {readonly role: Role; readonly context: OfferContext<any>}[] {
    const all = new Map<string, {role: Role; context: OfferContext<any>}>()
    for (const call of this.#calls)
      for (const host of call.scopes.keys()) {
        const context = this.#context(call, host)
        const key = `${call.role.name} ${host}`
        if (context && !all.has(key)) all.set(key, {role: call.role, context})
      }
    return [...all.values()]
  }

  /** What was found on a host, under the names that a role gives it. */
  #foundBy(role: Role, host: string, factsOf: Found['factsOf']): Facts | undefined {
    const facts = factsOf(host)
    const call = this.#calls.find(each => each.role.name === role.name && each.vars.has(host))
    const context = call && this.#context(call, host)
    return facts && context && {...roleFacts(role, facts), ...roleFacts({facts: role.liveFacts(context)}, facts)}
  }

  /** What all roles offer, each offer of a host once; known when `finish` was called. */
  offers(): readonly PlacedOffer[] {
    return this.#offered
  }

  #askOffers(findings: Findings): readonly PlacedOffer[] {
    const offers = new Map<string, PlacedOffer>()
    for (const call of this.#calls)
      for (const host of call.scopes.keys()) {
        const context = this.#context(call, host)
        if (!context) continue
        for (const offer of this.#guard(call, 'offers', host, () => call.role.offers(context), findings) ?? []) {
          // Nobody should be told of what does not run because it should not.
          if (offer.offer === 'monitored' && isResting(call.role, context.host)) continue
          const written = 'variable' in offer ? placeIn(context.vars, offer.variable ?? '') : undefined
          const key = `${host} ${JSON.stringify(offer)}`
          if (!offers.has(key)) offers.set(key, {offer, host, role: call.role.name, at: written ?? call.at})
        }
      }
    return [...offers.values()]
  }
}

const standsFor = ({standsInFor}: Host, {pair}: Host): boolean => standsInFor !== undefined && standsInFor === pair

/** A host that is cold is no sick one. */
const onlyActive = (check: HealthCheck): HealthCheck => ({
  ...check,
  command: whileActive(check.command),
  parse: answer => (answer.code === coldCode ? {is: 'absent'} : check.parse(answer)),
})
