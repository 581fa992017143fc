import {$, type Kind, resourceOf, Unreadable, unsupported} from 'gatewright'
import {refusalFile} from '../templates/start-script.ts'

type SchedulingDesired = {
  readonly unit: string
  /** SCHED_RR priority of the process that sends and awaits advertisements. */
  readonly priority: number
}
/** undefined: it does not run. */
type SchedulingState = {readonly policy: string; readonly priority: number} | undefined

/** sched.h; proc(5), fields 40 and 41 of stat. */
const policies = ['SCHED_OTHER', 'SCHED_FIFO', 'SCHED_RR', 'SCHED_BATCH', '', 'SCHED_IDLE', 'SCHED_DEADLINE']

/**
 * How the kernel really schedules keepalived's VRRP process. What was asked for says nothing: a cgroup without a realtime budget
 * or a sandboxed unit refuses it, and keepalived itself goes back to normal scheduling without a word.
 */
const schedulingKind: Kind<SchedulingDesired, SchedulingState> = {
  name: 'scheduling',
  identify: ({unit}) => unit,
  probe: ({priority}) => ({
    command: $`
p=$(cat /run/vrrp.pid 2>/dev/null) && kill -0 "$p" 2>/dev/null || { echo stopped; exit 0; }
sed 's/^.*) //' "/proc/$p/stat" || exit
if [ -s ${refusalFile} ]; then cat ${refusalFile}; fi`,
    parse({code, stdout, stderr}) {
      const [first = '', ...refusal] = stdout.trim().split('\n')
      if (code !== 0 || first === '') throw new Unreadable(stderr.trim() || `exit code ${code}`)
      if (first === 'stopped') return undefined
      // Without the first two fields, the process and its name.
      const fields = first.split(' ').map(Number)
      const current = {policy: policies[fields[38] ?? 0] ?? 'unknown', priority: fields[37] ?? 0}
      return current.policy !== 'SCHED_RR' && refusal.length > 0
        ? unsupported(`realtime scheduling is refused: ${refusal.join(' ')} (priority ${priority} asked for)`)
        : current
    },
  }),
  // The start of keepalived asks for it; whether the host grants it is seen by the next probe.
  predict: (desired, current, foresight) =>
    current === undefined && foresight.changesOf('service', desired.unit).length > 0 ? wanted(desired) : current,
  diff(desired, current) {
    const {policy, priority} = wanted(desired)
    if (current === undefined) return [{path: 'policy', from: null, to: policy}]
    return [
      ...(current.policy === policy ? [] : [{path: 'policy', from: current.policy, to: policy}]),
      ...(current.priority === priority ? [] : [{path: 'priority', from: current.priority, to: priority}]),
    ]
  },
  steps: ({unit, priority}) => [
    {
      do: 'run',
      title: `schedule ${unit} in realtime`,
      command: $`for p in $(cat /run/keepalived.pid /run/vrrp.pid); do chrt --rr --pid ${priority} "$p" || exit; done`,
    },
  ],
  problems: ({priority}) =>
    priority >= 1 && priority <= 99 ? [] : [`priority: ${priority} is not in the range 1 to 99 of sched(7)`],
}

const wanted = ({priority}: SchedulingDesired): NonNullable<SchedulingState> => ({policy: 'SCHED_RR', priority})

export const scheduling = resourceOf(schedulingKind)
