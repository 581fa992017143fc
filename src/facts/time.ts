import {$} from '../shell/command.ts'
import type {Fact} from './fact.ts'
import {assignmentsOf} from './lines.ts'

export type TimeFact = {
  /** Seconds since 1970 by the host's clock. */
  readonly now: number
  /** What disciplines the clock, as far as it can be asked without waking anything up. */
  readonly source: 'chrony' | 'timesyncd' | 'unknown'
  /** undefined: cannot be told. */
  readonly synchronised: boolean | undefined
  /** By chrony's own estimate. */
  readonly offsetSeconds?: number
  readonly stratum?: number
}

/**
 * Whether the clock is kept right: chronyc(1) where chronyd answers, else the mark that systemd-timesyncd leaves.
 * timedatectl(1) is not asked, because that starts a service by D-Bus.
 */
export const time: Fact<TimeFact> = {
  name: 'time',
  command: $`
date +now=%s.%N
if command -v chronyc >/dev/null && t=$(chronyc -c -n tracking 2>/dev/null); then printf 'chrony=%s\\n' "$t"
elif [ -e /run/systemd/timesync/synchronized ]; then echo timesyncd=yes
elif [ -d /run/systemd/timesync ]; then echo timesyncd=no
fi
exit 0`,
  parse(answer) {
    const read = assignmentsOf('time', answer)
    const now = Number(read.get('now'))
    const timesyncd = read.get('timesyncd')
    // Reference ID, its name, stratum, reference time, system time offset, ..., leap status.
    const fields = read.get('chrony')?.split(',')
    if (fields)
      return {
        now,
        source: 'chrony',
        synchronised: fields.at(-1) !== 'Not synchronised' && fields[2] !== '0',
        offsetSeconds: Number(fields[4]),
        stratum: Number(fields[2]),
      }
    return timesyncd === undefined
      ? {now, source: 'unknown', synchronised: undefined}
      : {now, source: 'timesyncd', synchronised: timesyncd === 'yes'}
  },
}
