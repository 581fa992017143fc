import type {VrrpVars} from './view.ts'

export type InstanceSight = {
  readonly name: string
  readonly vrid: number
  readonly priority: number
  /** Advertisements while it was looked at. */
  readonly sent: number
  readonly received: number
  /** Counters of refused advertisements that grew: `advert_interval_err`, `ip_ttl_err` ... */
  readonly errors: readonly string[]
}
/** One gateway, as it says itself. */
export type Sight = {
  readonly name: string
  readonly state: string
  readonly seconds: number
  readonly instances: readonly InstanceSight[]
  readonly scheduling: string
  /** Digest of the NAT table in the kernel, without the names of devices. */
  readonly rules: string
  readonly connections: number
  readonly injected: number
  readonly failed: number
  readonly lost: number
  /** conntrackd answers, and has heard its peer. */
  readonly isSyncing: boolean
  /** Against the clock of the machine that asks. */
  readonly offsetMs: number
  readonly uncertaintyMs: number
}

/** Clocks of a pair that are further apart make logs, certificates and leases of the two contradict each other. */
const clockLimitMs = 100

/** What is wrong with a pair, as sentences; nothing where all is well. */
export const complaintsOf = (sights: readonly Sight[], vars: VrrpVars): string[] => [
  ...masters(sights),
  ...sights.flatMap(sight => own(sight, vars)),
  ...together(sights, vars),
]

const masters = (sights: readonly Sight[]): string[] => {
  const found = sights.filter(({state}) => state === 'MASTER').map(({name}) => name)
  if (found.length === 1) return []
  return [found.length === 0 ? 'nobody is master' : `${found.join(' and ')} are both master`]
}

const own = (sight: Sight, vars: VrrpVars): string[] => {
  const {name, state, instances, scheduling} = sight
  return [
    ...(state === 'MASTER' || state === 'BACKUP' ? [] : [`${name} is ${state}`]),
    ...(instances.length === 0 ? [`keepalived on ${name} does not answer`] : []),
    ...instances.flatMap(instance => [
      ...(state === 'MASTER' && instance.sent === 0 ? [`${name} sends no advertisements of ${instance.name}`] : []),
      ...(state === 'BACKUP' && instance.received === 0 && instance.sent === 0
        ? [`${name} gets no advertisements of ${instance.name}`]
        : []),
      ...instance.errors.map(error => `${name} refuses advertisements of ${instance.name} (${error})`),
    ]),
    ...(vars.realtime_priority > 0 && scheduling !== 'SCHED_RR'
      ? [`keepalived on ${name} is scheduled ${scheduling || 'unknown'}, not SCHED_RR`]
      : []),
    ...(vars.conntrack && !sight.isSyncing ? [`conntrackd on ${name} does not hear its peer`] : []),
    ...(sight.failed > 0 ? [`${name} could not take ${sight.failed} connections of its peer`] : []),
  ]
}

const together = (sights: readonly Sight[], vars: VrrpVars): string[] => {
  const [one, ...others] = sights
  if (!one) return []
  return others.flatMap(other => {
    const apart = Math.abs(one.offsetMs - other.offsetMs)
    return [
      ...(apart - one.uncertaintyMs - other.uncertaintyMs > clockLimitMs
        ? [`the clocks of ${one.name} and ${other.name} are ${apart.toFixed(0)} ms apart`]
        : []),
      ...(vars.nat.length > 0 && one.rules !== other.rules
        ? [`${one.name} and ${other.name} translate addresses differently`]
        : []),
    ]
  })
}
