import {quote} from '../shell/quote.ts'

/*
 * What the engine keeps on a host, 0700: `lock`, `owner` (who holds it), `beat` (the uptime at its last sign of life), and `journal/<run>/` with, for each step, `.id`,
 * `.secret` (it was given one), `.start` (process id and start time), `.out`, `.code` (written last), `.undo` (while a write is under way), and
 * `loop.<pid>` for each shell that ran steps.
 */

/** Where journals and lock are; a shell that is not root's keeps its own in its home. */
export type Place = {
  readonly runId: string
  /** For tests: instead of /var/lib/gatewright. */
  readonly stateDirectory?: string
}

/** A name that is safe for a file, and different for different texts. */
export const fileNameOf = (text: string): string => encodeURIComponent(text).replace(/[*'()!~.]/g, encodeCharacter)

const encodeCharacter = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`

/** Shell text that sets $gw, the state directory, and $j, the journal of the run, and creates both. */
export const openState = ({runId, stateDirectory}: Place): string => `umask 077
${
  stateDirectory === undefined
    ? 'if [ "$(id -u)" = 0 ]; then gw=/var/lib/gatewright; else gw=$HOME/.local/state/gatewright; fi'
    : `gw=${quote(stateDirectory)}`
}
j=$gw/journal/${fileNameOf(runId)}
[ -d "$j" ] || mkdir -p "$j" || { echo "cannot keep a journal in $j" >&2; exit 1; }`

/**
 * Shell functions about processes. A process is known by its id and its start time, because ids are used again.
 * self FILE: notes the process that runs this. is_alive PID TICKS. ticks_of PID: sets $ticks.
 */
export const processFunctions = `ticks_of() {
  ticks=
  read -r stat 2>/dev/null </proc/"$1"/stat || return 1
  stat=\${stat##*) }
  set -- $stat
  ticks=\${20}
}
self() { read -r pid rest </proc/self/stat; ticks_of "$pid"; printf '%s %s\\n' "$pid" "$ticks" >"$1"; }
is_alive() { ticks_of "$1" && [ "$ticks" = "$2" ]; }`

/**
 * Shell function end_loops JOURNAL: ends the shells that a run has left behind. The server may not have noticed that their
 * connection is gone, and such a shell would go on with what it has been sent. Needs processFunctions.
 */
export const endLoops = `end_loops() {
  for loop in "$1"/loop.*; do
    [ -e "$loop" ] && read -r pid started <"$loop" || continue
    [ "$pid" = "$$" ] && continue
    is_alive "$pid" "$started" && kill -KILL "$pid" 2>/dev/null
    rm -f "$loop"
  done
}`

/** Shell text that forgets what step $s said, once it was told, where that may repeat a secret. */
export const forgetOutput = `[ ! -e "$s.secret" ] || { : >"$s.out"; rm -f "$s.err"; }`

/** Shell text that notes the shell which runs this, for end_loops. */
export const noteLoop = `[ -e "$j/loop.$$" ] || { ticks_of "$$"; printf '%s %s\\n' "$$" "$ticks" >"$j/loop.$$"; }`
