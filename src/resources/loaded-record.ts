import {$, type Command} from '../shell/command.ts'

/** Stands for the digest where we started a unit without being told what it reads. */
export const started = 'started'

/** What a unit was last reloaded, restarted or started with by us: `InvocationID digest`. */
export const recordOf = (unit: string): string => `/var/lib/gatewright/services/${unit}`

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

/** Records that the unit, as it runs now, has read what `$digest` was taken of. */
export const recordLoaded = (unit: string): Command => $`
mkdir -p /var/lib/gatewright/services &&
printf '%s %s\\n' "$(systemctl show -p InvocationID --value -- ${unit})" "$digest" >${`${recordOf(unit)}.new`} &&
mv -f ${`${recordOf(unit)}.new`} ${recordOf(unit)}`
