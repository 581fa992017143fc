import type {VrrpVars} from './view.ts'

type Timers = Pick<VrrpVars, 'advert_interval' | 'down_timer_adverts' | 'priority'>

/**
 * Seconds after which a silent master is replaced by a backup of this priority: Master_Down_Interval of RFC 5798 6.1,
 * with keepalived's `down_timer_adverts` in place of 3: `n * A + A * (256 - priority) / 256`.
 */
export const masterDownInterval = ({advert_interval: advert, down_timer_adverts: count, priority}: Timers): number =>
  count * advert + (advert * (256 - priority)) / 256
