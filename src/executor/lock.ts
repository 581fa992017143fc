import {hostname, userInfo} from 'node:os'
import {quote} from '../shell/quote.ts'
import type {Fragment} from '../transport/transport.ts'
import {takeBack} from './rollback.ts'
import {endLoops, forgetOutput, noteLoop, openState, processFunctions} from './state-directory.ts'

export type LockOptions = {
  /** How long to wait for another run to end. */
  readonly waitSeconds: number
  /** Takes the lock although somebody holds it. */
  readonly force?: boolean
  /** Shown to those who have to wait. */
  readonly owner?: string
  /** A run that has given no sign of life for so long is taken for dead, and its lock is taken over. */
  readonly expirySeconds?: number
  readonly stateDirectory?: string
}

/** Exit code of the lock fragment when somebody else holds the lock (EX_TEMPFAIL of sysexits.h). */
export const lockBusyCode = 75

const keptRuns = 10
/** Four beats may be lost. */
const defaultExpirySeconds = 75
export const beatMs = 15_000

/** Notes that the run lives: the host's own uptime, which no change of its clock moves. */
const beat = `beat() { read -r now _ </proc/uptime; printf '%s\\n' "\${now%.*}" >"$gw/beat.new" && mv -f "$gw/beat.new" "$gw/beat"; }`

/**
 * Takes the lock of a host for as long as the shell lives; detached steps keep it as well, so that a package manager which
 * outlives its engine is not disturbed. A reconnect of the same run first ends its old shell, then waits without limit for
 * what that has started. A run that gives no sign of life any more is ended, and said on stdout. What dead runs left half
 * written or unconfirmed is put back, and old journals are removed.
 * Fails with lockBusyCode, saying on stderr who holds the lock, since when, and what runs.
 */
export const lockFragment = (
  runId: string,
  {
    waitSeconds,
    force = false,
    owner = defaultOwner(),
    expirySeconds = defaultExpirySeconds,
    stateDirectory,
  }: LockOptions,
): Fragment => {
  const place = stateDirectory === undefined ? {runId} : {runId, stateDirectory}
  const unlink = force ? '; rm -f "$gw/lock"' : ''
  return {
    id: 'lock',
    // The descriptor belongs to the shell itself. A failed exec would end it, so the file is tried in a subshell first.
    prelude: `gw=$( ( ${openState(place)}${unlink}; : >>"$gw/lock"; printf %s "$gw" ) ) && exec 9>>"$gw/lock"`,
    script: `${openState(place)}
${processFunctions}
${endLoops}
${beat}
command -v flock >/dev/null || { echo 'flock is missing on this host (package util-linux)' >&2; exit 127; }
( : >&9 ) 2>/dev/null || { echo "cannot open the lock $gw/lock" >&2; exit 1; }
run= who= since=
get_owner() { { read -r run && read -r who && read -r since; } 2>/dev/null <"$gw/owner"; }
is_dead() {
  read -r beaten 2>/dev/null <"$gw/beat" && read -r now _ </proc/uptime || return 1
  [ $(( \${now%.*} - beaten )) -ge ${expirySeconds} ]
}
end_loops "$j"
waited=0 limit=${waitSeconds} ended=
until flock -n 9; do
  get_owner
  if [ "$run" != ${quote(runId)} ] && [ "$run" != "$ended" ] && is_dead; then
    end_loops "$gw/journal/$run"
    printf 'the run %s of %s gave no sign of life for ${expirySeconds} s: its lock was taken over\\n' "$run" "$who"
    ended=$run
    # What it has started may go on for a moment.
    [ "$limit" -ge 10 ] || limit=10
    continue
  fi
  if [ "$run" != ${quote(runId)} ] && [ "$waited" -ge "$limit" ]; then
    read -r step 2>/dev/null <"$gw/current" || step='a step'
    printf 'another run works on this host: %s of %s, since %s; it runs: %s\\n' "$run" "$who" "$since" "$step" >&2
    exit ${lockBusyCode}
  fi
  sleep 1
  waited=$((waited+1))
done
[ "$gw/lock" -ef /proc/self/fd/9 ] || { echo 'another run has taken the lock by force meanwhile' >&2; exit ${lockBusyCode}; }
printf '%s\\n' ${quote(runId)} ${quote(owner)} "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$gw/owner.new" && mv -f "$gw/owner.new" "$gw/owner"
beat
chmod 700 "$gw"
rm -f "$gw/current"
${noteLoop}
for undo in "$gw"/journal/*/*.undo; do
  [ -e "$undo" ] || continue
  [ -e "\${undo%.undo}.code" ] || s=\${undo%.undo} /bin/sh "$undo" >/dev/null 2>&1
  rm -f "$undo"
done
for secret in "$gw"/journal/*/*.secret; do
  s=\${secret%.secret}
  case $s in "$j"/*) ;; *) ${forgetOutput} ;; esac
done
${takeBack(runId)}
ls -1t "$gw/journal" | tail -n +${keptRuns + 1} | while read -r old; do rm -rf "$gw/journal/$old"; done
exit 0`,
  }
}

const defaultOwner = (): string => `${userInfo().username}@${hostname()}`

/** A sign of life of the run that holds the lock; fails when it holds it no more. */
export const beatFragment = (runId: string, {stateDirectory}: Pick<LockOptions, 'stateDirectory'> = {}): Fragment => ({
  id: 'beat',
  script: `${openState(stateDirectory === undefined ? {runId} : {runId, stateDirectory})}
${beat}
read -r run <"$gw/owner" && [ "$run" = ${quote(runId)} ] && beat`,
})
