import type {Fact} from '../facts/fact.ts'
import type {LiveContext, OfferContext, Peer} from '../role.ts'

/** The three complaints that a diagnosis begins with. */
export const flows = ['single-arm', 'vpn-drops', 'no-failover'] as const
export type DiagnosisFlow = (typeof flows)[number]

/**
 * What can be wrong, in the order in which one thing causes the next: a cable before the routes over it, a packet filter before the
 * daemon that hears nothing. Of what is found the earliest is the most likely cause of the rest.
 */
export const stages = [
  'link',
  'kernel',
  'credentials',
  'settings',
  'service',
  'order',
  'filter',
  'routes',
  'neighbour',
  'path',
  'far end',
  'agreement',
] as const
export type Stage = (typeof stages)[number]

/** Something that is wrong on a host. */
export type Wrong = {
  /** What was seen, with the figures. */
  readonly saw: string
  readonly means: string
  /** The command that repairs it, with hosts by their names. */
  readonly repair: string
}

/** What a step has seen on a host; `saw` is told where nothing is wrong. */
export type Look = {readonly saw: string; readonly wrong: readonly Wrong[]}

/** `members`: the other hosts of the pair, also those that could not be asked. */
export type DiagnosisContext<Vars, Seen> = LiveContext<Vars, Seen> & {readonly members: readonly Peer<Vars>[]}

/** A node of the decision trees: a question, and how its answer is read. */
export type Step<Vars = any, Seen = any> = {
  /** Stable: `vrrp-filter`. */
  readonly id: string
  readonly flows: readonly DiagnosisFlow[]
  readonly stage: Stage
  /** In a few words: `does keepalived run`. */
  readonly asks: string
  /** Steps that leave nothing to ask here when they have found something on the same host. */
  readonly unless?: readonly string[]
  /** Pure. Undefined: there is nothing to look at on this host. */
  readonly look: (context: DiagnosisContext<Vars, Seen>) => Look | undefined
}

/** What a role adds to the decision trees. */
export type Diagnosis<Vars = any, Seen extends Record<string, Fact<any>> = any> = {
  /** Asked beside the facts of the role, in the same request. */
  observe(context: OfferContext<Vars>): Seen
  readonly steps: readonly Step<Vars>[]
}

/** A step as it was taken on a host. */
export type Taken = {
  readonly id: string
  readonly host: string
  readonly stage: Stage
  readonly asks: string
} & (
  | {readonly is: 'well'; readonly saw: string}
  | {readonly is: 'wrong'; readonly saw: string; readonly wrong: readonly Wrong[]}
  /** Another step has explained already what this one would see. */
  | {readonly is: 'skipped'; readonly because: string}
)

export type Cause = Wrong & {readonly host: string; readonly id: string}
export type Verdict = {
  readonly flow: DiagnosisFlow
  readonly steps: readonly Taken[]
  /** The most likely one first. */
  readonly causes: readonly Cause[]
}
