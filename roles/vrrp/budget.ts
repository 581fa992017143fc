import type {VrrpVars} from './view.ts'

type Timers = {readonly interval: number; readonly count: number; readonly priority: number}

/** Seconds between advertisements of each profile. */
export const profiles = {fast: 0.1, standard: 0.3, 'vm-safe': 1} as const

export const advertInterval = (vars: Pick<VrrpVars, 'advert_interval' | 'profile'>): number =>
  vars.advert_interval ?? profiles[vars.profile]

/** Skew_Time of RFC 5798 6.1: how long a backup of this priority waits after a master that has said goodbye. */
export const skewTime = ({interval, priority}: Omit<Timers, 'count'>): number => (interval * (256 - priority)) / 256

/**
 * Seconds after which a silent master is replaced by a backup of this priority: Master_Down_Interval of RFC 5798 6.1,
 * with keepalived's `down_timer_adverts` in place of 3: `n * A + A * (256 - priority) / 256`.
 */
export const masterDownInterval = (timers: Timers): number => timers.count * timers.interval + skewTime(timers)

export type Budget = {readonly crash: number; readonly cable: number; readonly planned: number}

/**
 * Seconds after which this gateway notices what has happened to the master. A pulled cable is said by the master itself where
 * the advertisements take another way; in the layout grouped its backup only misses them.
 */
export const budgetOf = (
  vars: Pick<VrrpVars, 'advert_interval' | 'profile' | 'down_timer_adverts' | 'priority' | 'layout'>,
): Budget => {
  const timers = {interval: advertInterval(vars), count: vars.down_timer_adverts, priority: vars.priority}
  const crash = masterDownInterval(timers)
  const planned = skewTime(timers)
  return {crash, cable: vars.layout === 'grouped' ? crash : planned, planned}
}
