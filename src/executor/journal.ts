import {hostname, userInfo} from 'node:os'
import {quote} from '../shell/quote.ts'
import type {Fragment} from '../transport/transport.ts'
import {endLoops, noteLoop, openState, type Place, processFunctions} from './state-directory.ts'

export type LockOptions = {
  /** How long to wait for another run to end. */
  readonly waitSeconds: number
  /** Takes the lock although somebody holds it. */
  readonly force?: boolean
  /** Shown to those who have to wait. */
  readonly owner?: string
  readonly stateDirectory?: string
}

/** Exit code of the lock fragment when somebody else holds the lock (EX_TEMPFAIL of sysexits.h). */
export const lockBusyCode = 75

const keptRuns = 10

/**
 * Takes the lock of a host for as long as the shell lives; detached steps keep it as well, so that a package manager which
 * outlives its engine is not disturbed. A reconnect of the same run first ends its old shell, then waits without limit for
 * what that has started. Puts back what dead runs left half written and removes old journals.
 * Fails with lockBusyCode, saying on stderr who holds the lock, since when, and what runs.
 */
export const lockFragment = (
  runId: string,
  {waitSeconds, force = false, owner = `${userInfo().username}@${hostname()}`, stateDirectory}: LockOptions,
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
command -v flock >/dev/null || { echo 'flock is missing on this host (package util-linux)' >&2; exit 127; }
( : >&9 ) 2>/dev/null || { echo "cannot open the lock $gw/lock" >&2; exit 1; }
run= who= since=
get_owner() { { read -r run && read -r who && read -r since; } 2>/dev/null <"$gw/owner"; }
end_loops
waited=0
until flock -n 9; do
  get_owner
  if [ "$run" != ${quote(runId)} ] && [ "$waited" -ge ${waitSeconds} ]; then
    read -r step 2>/dev/null <"$gw/current" || step='a step'
    printf 'another run works on this host: %s of %s, since %s; it runs: %s\\n' "$run" "$who" "$since" "$step" >&2
    exit ${lockBusyCode}
  fi
  sleep 1
  waited=$((waited+1))
done
[ "$gw/lock" -ef /proc/self/fd/9 ] || { echo 'another run has taken the lock by force meanwhile' >&2; exit ${lockBusyCode}; }
printf '%s\\n' ${quote(runId)} ${quote(owner)} "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$gw/owner.new" && mv -f "$gw/owner.new" "$gw/owner"
chmod 700 "$gw"
rm -f "$gw/current"
${noteLoop}
for undo in "$gw"/journal/*/*.undo; do
  [ -e "$undo" ] || continue
  [ -e "\${undo%.undo}.code" ] || s=\${undo%.undo} /bin/sh "$undo" >/dev/null 2>&1
  rm -f "$undo"
done
ls -1t "$gw/journal" | tail -n +${keptRuns + 1} | while read -r old; do rm -rf "$gw/journal/$old"; done
exit 0`,
  }
}

/** What a step left behind. No code: it was started and never ended. */
/** `errors` is what a step said on stderr, where it was kept apart. */
export type JournalEntry = {readonly code: number | undefined; readonly output: string; readonly errors: string}

/** Asks which steps of a run have been started and how they ended; waits for those that still run. */
export const journalFragment = (runId: string, place: Omit<Place, 'runId'> = {}): Fragment => ({
  id: 'journal',
  script: `${openState({runId, ...place})}
${processFunctions}
${endLoops}
end_loops
for id in "$j"/*.id; do
  s=\${id%.id}
  [ -e "$id" ] || continue
  while [ ! -e "$s.code" ] && [ -e "$s.start" ] && read -r pid started <"$s.start" && is_alive "$pid" "$started"; do sleep 0.2 2>/dev/null || sleep 1; done
  code=-
  [ ! -e "$s.code" ] || read -r code <"$s.code"
  [ -e "$s.start" ] || [ "$code" != - ] || continue
  printf '%s %s ' "$code" "$(base64 <"$id" | tr -d '\\n')"
  [ ! -e "$s.out" ] || base64 <"$s.out" | tr -d '\\n'
  printf ' '
  [ ! -e "$s.err" ] || base64 <"$s.err" | tr -d '\\n'
  echo
done`,
})

/** Reads the answer to journalFragment: entries by step id. Steps that were never started are not in it. */
export const parseJournal = (stdout: string): Map<string, JournalEntry> =>
  new Map(
    stdout
      .split('\n')
      .filter(line => line !== '')
      .map(line => {
        const [code = '-', id = '', output = '', errors = ''] = line.split(' ')
        return [text(id), {code: code === '-' ? undefined : Number(code), output: text(output), errors: text(errors)}]
      }),
  )

const text = (base64: string): string => Buffer.from(base64, 'base64').toString()
