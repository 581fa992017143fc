import {choiceAwk} from './choice.ts'
import {reportAwk} from './report.ts'
import {statesAwk} from './states.ts'
import {windowsAwk} from './windows.ts'

/**
 * The decisions of the tracker, in one place and without a clock, a network or a process of its own: configuration, memory and
 * events with their times (seconds since boot) come in as lines, what is to be done goes out as lines.
 *
 * In: `probe T UPLINK FAMILY TARGET MS|lost`, `device T DEVICE up|down`, `steer T yes|no`, `override T prefer|drain|none UPLINK`,
 * `changed T` (somebody touched routes or rules), `tick T UNIX` once a second.
 * Out: `nft COMMANDS`, `flush FAMILY MARK/MASK all|nat`, `track NUMBER`, `reconcile`, `publish N`, `memorise N` (files of that number are complete), `alive`, `log TEXT`.
 */
export const decideAwk = String.raw`# Written by gatewright. See docs of the role mwan; run by mwan-tracker.
BEGIN { conf["tick"] = 1; track = ""; reconciled = -1e9 }

$1 == "set" { conf[$2] = $3; if ($2 == "timeout") slowest = int($3 * 1000) + 1; next }
$1 == "uplink" { device[$2] = $3; flows[$2] = $4; on_down[$2] = $5; next }
$1 == "path" {
  p = path[++paths] = $2 "/" $3
  name[p] = $2; family_of[p] = $3; state[p] = "up"; latency[p] = loss[p] = -1
  for (i = 4; i <= NF; i++) target[p, ++targets[p]] = $i
  next
}
$1 == "policy" {
  policy_name[++policies] = $2; offset[$2] = $3; last[$2] = $4; chooses[$2] = $5
  for (i = 6; i <= NF; i++) {
    split($i, field, ":")
    member[$2, ++members[$2]] = field[1]; metric[$2, members[$2]] = field[2]; weight[$2, members[$2]] = field[3]
  }
  next
}
$1 == "was" && ($2 in state) { state[$2] = $3; since[$2] = $4; left[$2] = $5; left_at[$2] = $6 == "-" ? "" : $6; next }
$1 == "drains" && ($2 in state) { drain_at[$2] = $3; next }
$1 == "favours" && ($3 in state) { favourite[$2] = $3; next }

$1 == "probe" || $1 == "device" || $1 == "steer" || $1 == "override" || $1 == "changed" || $1 == "tick" { if ($2 > now) now = $2 }

$1 == "probe" && ($3 "/" $4) in state {
  p = $3 "/" $4
  if ($6 == "lost") ms = -1
  else { ms = int($6); if (ms < $6) ms++; if (ms < 1) ms = 1; if (ms > slowest) ms = slowest }
  result(p, $5, ms)
  heard[p, $5] = now
  if (ms < 0) { judge(p); settle(0) }
  else for (p in owed) { choose(0); break }
}
$1 == "device" {
  down = $4 == "down"
  if (down == no_carrier[$3]) next
  no_carrier[$3] = down
  for (i = 1; i <= paths; i++) if (device[name[path[i]]] == $3) judge(path[i])
  settle(0)
  print "reconcile"
}
$1 == "steer" && ($3 == "yes") != steering {
  steering = $3 == "yes"
  say(steering ? "steers" : "watches only")
  # Flows that came with the virtual address may be those of an uplink that is down here.
  for (i = 1; i <= paths; i++) if (state[path[i]] == "down") owed[path[i]] = 1
  settle(steering)
}
$1 == "override" {
  if ($3 == "none") $3 = $4 = ""
  if (override[1] == $3 && override[2] == $4) next
  say($3 == "" ? "no override" : "override: " $3 " " $4)
  override[1] = $3; override[2] = $4
  settle(0)
}
$1 == "changed" { touched = 1 }
$1 == "tick" {
  clock = $3
  for (i = 1; i <= paths; i++) { if (since[path[i]] == "") since[path[i]] = now; hear_silence(path[i]); measure(path[i]); judge(path[i]) }
  if (now - reconciled >= conf["reconcile"]) touched = restore = 1
  settle(restore)
  if (touched) { print "reconcile"; reconciled = now }
  touched = restore = 0
  ticked = now
  report()
  if (!remembered) remember()
  if (++ticks % 5 == 1) print "alive"
}
{ fflush() }

# Everything that follows from the states.
function settle(always,   i, p, alive, known) {
  choose(always)
  is_lost = 0
  for (i = 1; i <= paths; i++) { p = path[i]; known[family_of[p]] = 1; if (state[p] != "down") alive[family_of[p]] = 1 }
  for (p in known) if (!(p in alive)) is_lost = 1
  if (track != (is_lost ? conf["penalty"] : 0)) print "track " (track = is_lost ? conf["penalty"] : 0)
}
${windowsAwk}${statesAwk}${choiceAwk}${reportAwk}`
