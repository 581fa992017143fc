import {$, type Command} from '../shell/command.ts'

const directory = '/var/lib/gatewright/services'

/** Which run of the unit was started by us: its InvocationID. */
export const startRecord = (unit: string): string => `${directory}/${unit}`

/** With what a handler last reloaded or restarted the unit: `InvocationID digest`. Files that ask for one are not those that ask for the other. */
export const loadRecord = (unit: string, action: string): string => `${directory}/${unit}.${action}`

/** Prints one digest over the content of all files; one that is not there counts as such. */
export const configDigest = (config: readonly string[]): Command =>
  $`for f in ${config}; do { sha256sum <"$f"; } 2>/dev/null || echo absent; done | sha256sum | cut -d ' ' -f 1`

/**
 * Waits until a unit that was just started, restarted or reloaded stands: active at two looks 0.3 s apart in one
 * invocation, so that a daemon that dies at once and is started again by systemd does not pass. Prints its status and
 * fails otherwise, after 30 s at the latest, after 3 s of waiting for its next try.
 */
export const awaitActive = (unit: string): Command => $`
look() { systemctl show -p ActiveState -p SubState -p InvocationID -- ${unit} | tr '\\n' ' '; }
tries=0 last=
while :; do
now=$(look)
case $now in
*'ActiveState=active '*) [ "$now" = "$last" ] && break ;;
*'ActiveState=failed '* | *'ActiveState=inactive '*) tries=100 ;;
*'SubState=auto-restart '*) tries=$((tries + 9)) ;;
esac
if [ "$tries" -ge 100 ]; then systemctl status --no-pager --full --lines=20 -- ${unit}; exit 1; fi
last=$now tries=$((tries + 1))
sleep 0.3
done`

/** Records that the unit, as it runs now, was started by us; with `$digest`, that it has read what that was taken of. */
export const recordStart = (unit: string): Command => record(startRecord(unit), $`$(${invocation(unit)})`)
export const recordLoaded = (unit: string, action: string): Command =>
  record(loadRecord(unit, action), $`$(${invocation(unit)}) $digest`)

const invocation = (unit: string): Command => $`systemctl show -p InvocationID --value -- ${unit}`

const record = (path: string, content: Command): Command => $`
mkdir -p ${directory} && printf '%s\\n' "${content}" >${`${path}.new`} && mv -f ${`${path}.new`} ${path} || exit`
