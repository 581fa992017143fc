import {alsoAt, type Diagnostic, type Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {spotOf} from '../diagnostics/positions.ts'
import type {HealthQuestions} from '../executor/health.ts'
import type {PlacedOffer} from '../preflight/placed-offer.ts'
import {
  type EventSource,
  type HealthCheck,
  type Host,
  judgesPairs,
  type OfferContext,
  type Peer,
  type Role,
  type RoleProblem,
} from '../role.ts'
import {messageOf} from '../wording.ts'
import type {FoundRole} from './find-role.ts'
import type {Facts, RoleCall} from './model.ts'
import {displayPath} from './paths.ts'
import {roleFacts} from './role-facts.ts'
import {prefixOf, roleVariables} from './role-variables.ts'
import type {Scope} from './scope.ts'

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

/** All calls of roles, of the running playbook and of the site's: peers and offers need them together. */
export class RoleCalls {
  readonly #hosts: ReadonlyMap<string, Host>
  readonly #findings: Findings
  readonly #calls: OpenCall[] = []

  constructor(hosts: ReadonlyMap<string, Host>, findings: Findings) {
    this.#hosts = hosts
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
    const own = this.#hosts.get(host)
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

  /** Peers, then every role's own rules. A host with a broken pair gets no further than its own variables. */
  finish(): void {
    for (const call of this.#calls)
      for (const host of call.scopes.keys()) call.peers.set(host, this.#peersOf(call.role, host))
    for (const call of this.#calls)
      for (const host of call.scopes.keys()) {
        const context = this.#context(call, host)
        if (context) this.#checkRules(call, host, context)
      }
  }

  #peersOf(role: Role, name: string): readonly Peer<any>[] {
    const pair = this.#hosts.get(name)?.pair
    if (pair === undefined) return []
    return [...this.#hosts.values()]
      .filter(other => other.name !== name && other.pair === pair)
      .flatMap(other => {
        const vars: unknown = this.varsOf(role.name, other.name)
        return vars === undefined ? [] : [{...other, vars}]
      })
  }

  #others(role: Role, {name, pair}: Host): readonly Peer<any>[] {
    return [...this.#hosts.values()]
      .filter(other => other.name !== name && (pair === undefined || other.pair !== pair))
      .flatMap(other => {
        const vars: unknown = this.varsOf(role.name, other.name)
        return vars === undefined ? [] : [{...other, vars}]
      })
  }

  #checkRules(call: OpenCall, host: string, context: OfferContext<any>): void {
    for (const problem of this.#guard(call, 'problems', host, () => call.role.problems(context)) ?? [])
      this.#findings.add(this.#diagnosticOf(problem, call, host))
  }

  /** A problem that a role tells of a variable, where that stands. */
  #diagnosticOf({rule, variable, what, fix, also}: RoleProblem, {role, vars, at}: OpenCall, host: string): Diagnostic {
    const place = placeIn(vars.get(host), variable) ?? at
    const other = also && placeIn(this.varsOf(role.name, also.host), also.variable ?? variable)
    const name = Object.hasOwn(role.schema as any, 'properties') ? `${prefixOf(role.name)}${variable}` : variable
    return {
      rule,
      what: what.includes(variable) ? what : `${name}: ${what}`,
      ...(fix !== undefined && {fix}),
      host,
      ...(place && {at: place}),
      ...alsoAt(other, place),
    }
  }

  #guard<Result>(call: OpenCall, what: string, host: string, work: () => Result): Result | undefined {
    try {
      return work()
    } catch (error) {
      this.#findings.add({
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
          known.set(check.name, {role, check, ...other, become: other?.become ?? call.become(host)})
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

  /** What these calls say of what was found on a host and its peers. */
  liveProblems(
    host: string,
    factsOf: (host: string) => Facts | undefined,
    of: ReadonlySet<RoleCall>,
  ): readonly Diagnostic[] {
    const facts = factsOf(host)
    if (!facts) return []
    return this.#calls
      .filter(({call, role}) => of.has(call) && judgesPairs(role))
      .flatMap(call => {
        const context = this.#context(call, host)
        if (!context) return []
        const peers = context.peers.flatMap(peer => {
          const found = factsOf(peer.name)
          return found ? [{...peer, facts: roleFacts(call.role, found)}] : []
        })
        return call.role
          .liveProblems({vars: context.vars, host: context.host, facts: roleFacts(call.role, facts), peers})
          .map(problem => this.#diagnosticOf(problem, call, host))
      })
  }

  /** What all roles offer, each offer of a host once. */
  offers(): readonly PlacedOffer[] {
    const offers = new Map<string, PlacedOffer>()
    for (const call of this.#calls)
      for (const host of call.scopes.keys()) {
        const context = this.#context(call, host)
        if (!context) continue
        for (const offer of this.#guard(call, 'offers', host, () => call.role.offers(context)) ?? []) {
          const written = 'variable' in offer ? placeIn(context.vars, offer.variable ?? '') : undefined
          const key = `${host} ${JSON.stringify(offer)}`
          if (!offers.has(key)) offers.set(key, {offer, host, role: call.role.name, at: written ?? call.at})
        }
      }
    return [...offers.values()]
  }
}

/** Where a variable of a role was written; of `links[0].peer`, the variable itself. */
const placeIn = (vars: unknown, variable: string): Position | undefined =>
  typeof vars === 'object' && vars !== null ? spotOf(vars, variable.split(/[.[]/)[0] ?? variable)?.value : undefined
