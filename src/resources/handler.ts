import {$} from '../shell/command.ts'
import {awaitActive, configDigest, loadRecord, recordLoaded, recordStart, startRecord} from './loaded-record.ts'
import {type Kind, type Resource, resourceOf, Unreadable} from './resource.ts'
import {broken, pathRule, unitRule} from './rules.ts'
import {isRunning, readProperties, readTimestamp} from './systemd-show.ts'

export type HandlerDesired = {
  readonly unit: string
  readonly action: 'reload' | 'restart'
  /** Files whose change notifies it. */
  readonly config: readonly string[]
}

/** `stale`: the unit runs with an older configuration than what is on the disk. */
export type HandlerState = {readonly active: boolean; readonly stale: boolean}

/**
 * That a running unit has read its configuration as it is now. What was last loaded by us is recorded together with the
 * unit's InvocationID; a unit started by others has read what was there then, so that a file changed since is the debt.
 */
export const handlerKind: Kind<HandlerDesired, HandlerState> = {
  name: 'handler',
  identify: ({action, unit}) => `${action} ${unit}`,
  probe: ({unit, action, config}) => ({
    command: $`
systemctl show --timestamp=us+utc -p ActiveState,SubState,InvocationID,InactiveExitTimestamp,InactiveExitTimestampMonotonic,ExecMainStartTimestamp -- ${unit} || exit
echo "digest=$(${configDigest(config)})"
if [ -e ${startRecord(unit)} ]; then r=$(cat ${startRecord(unit)}) || exit; echo "started=$r"; fi
if [ -e ${loadRecord(unit, action)} ]; then r=$(cat ${loadRecord(unit, action)}) || exit; echo "loaded=$r"; fi
read -r up rest </proc/uptime; echo "uptime=$up"; date +now=%s.%N
${config.map(newest).reduce((all, one) => $`${all}\n${one}`, $`:`)}
exit 0`,
    parse(answer) {
      const read = readProperties(unit, answer)
      if (!read.has('ActiveState')) throw new Unreadable(`${unit}: systemctl tells nothing of this unit`)
      const active = isRunning(read.get('ActiveState'), read.get('SubState'))
      if (!active || config.length === 0) return {active, stale: false}
      const invocation = read.get('InvocationID') || 'none'
      const [loaded, digest] = (read.get('loaded') ?? '').split(' ')
      if (loaded === invocation) return {active, stale: digest !== read.get('digest')}
      const isOurs = read.get('started') === invocation
      const written = [...answer.stdout.matchAll(/^mtime=(.+)$/gm)].map(([, seconds]) => Number(seconds))
      return {active, stale: Math.max(...written) > startedBefore(read) - (isOurs ? 0 : clockTick)}
    },
  }),
  diff: (_desired, {active, stale}) =>
    active && stale ? [{path: 'loaded configuration', from: 'older', to: 'current'}] : [],
  steps: ({unit, action, config}) => [
    {
      do: 'run',
      title: `${action} ${unit}`,
      timeoutMs: 180_000,
      // The digest is taken first: what is written during the reload must count as not loaded.
      command: $`
digest=$(${configDigest(config)})
verb=${action}
[ "$verb" = restart ] || [ "$(systemctl show -p CanReload --value -- ${unit})" = yes ] || verb=restart
systemctl "$verb" -- ${unit} || { systemctl status --no-pager --full --lines=20 -- ${unit}; exit 1; }
${awaitActive(unit)}
[ "$verb" = reload ] || {
${recordStart(unit)}
}
${recordLoaded(unit, action)}`,
    },
  ],
  problems: ({unit, config}) => broken(unitRule('unit', unit), ...config.map(path => pathRule('config', path))),
}

/**
 * Time of modification. That a file has gone is told by the record only: its directory changes for other reasons too, and
 * a reload that nothing asks for would never end.
 */
const newest = (path: string) => $`t=$(stat -L -c %.9Y -- ${path} 2>/dev/null) && printf 'mtime=%s\\n' "$t"`

/**
 * A moment, in seconds since 1970, when the unit had certainly not read its configuration: the earliest of what systemd
 * tells, by the clock of then and by today's: a clock that was set in between must not hide a change.
 */
const startedBefore = (read: ReadonlyMap<string, string>): number => {
  const monotonic = Number(read.get('InactiveExitTimestampMonotonic') ?? 0) / 1e6
  const starts = [
    readTimestamp(read.get('InactiveExitTimestamp')),
    readTimestamp(read.get('ExecMainStartTimestamp')),
    monotonic > 0 ? Number(read.get('now')) - Number(read.get('uptime')) + monotonic : undefined,
  ]
  return Math.min(...starts.filter(start => start !== undefined))
}

/**
 * Time stamps of files and /proc/uptime are up to 10 ms coarse, in seconds: two of these are allowed for, at the price of
 * a reload too many. Not after a start of ours: what the plan wrote just before it was there, and nothing since for 0.3 s.
 */
const clockTick = 0.02

/** The debt of one unit. The planner makes it of a `Handler` and the paths of all that notify it. */
export const handlerResource = (desired: HandlerDesired): Resource<HandlerDesired, HandlerState> =>
  resourceOf(handlerKind)(desired)
