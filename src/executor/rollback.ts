import {posix} from 'node:path'
import {candidateOf} from '../resources/candidate.ts'
import type {Guard, Step} from '../resources/resource.ts'
import {isUnitFile} from '../resources/unit-file.ts'
import {raw} from '../shell/command.ts'
import {quote} from '../shell/quote.ts'
import type {Fragment} from '../transport/transport.ts'
import {clear, place, service, timer, wants} from './rollback-units.ts'
import {endLoops, processFunctions} from './state-directory.ts'

/** What the host takes back by itself. Only root can arm it. */
export type Rollback = {
  readonly runId: string
  /** Seconds after which it comes. */
  readonly seconds: number
  readonly guarded: readonly {readonly id: string; readonly guard: Guard}[]
}

type Kept = {readonly path: string; readonly n: number}
const keptOf = ({guarded}: Rollback): readonly Kept[] =>
  [...new Set(guarded.flatMap(({guard}) => guard.paths))].map((path, n) => ({path, n}))

/** Commands that make daemons read the files, each once. */
export const appliesOf = (guarded: Rollback['guarded']) => [
  ...new Map(guarded.flatMap(({guard: {apply}}) => (apply ? [[apply.text, apply] as const] : []))).values(),
]

/** Keeps what is there now, and lets systemd take everything back after a time, or early in the next boot. */
export const armStep = (rollback: Rollback): Step => {
  const {runId, seconds, guarded} = rollback
  const text = `${place(runId)}
${clear}
fail() { printf '%s\\n' "$1"; clear; exit 1; }
[ "$(id -u)" = 0 ] || { echo 'only root can arm a rollback: say become'; exit 1; }
[ -d /run/systemd/system ] || { echo 'systemd does not run this host, so that no rollback can be armed'; exit 1; }
umask 077
rm -rf "$r"
rm -f "$outcome"
mkdir -p "$r/files" "$gw/journal" || fail "cannot keep the former state in $r"
# keep N PATH
keep() {
  if [ -e "$2" ] || [ -L "$2" ]; then cp -a -- "$2" "$r/files/$1" || fail "cannot keep the former $2"
  else : >"$r/files/$1.absent" || fail "cannot keep the former state in $r"
  fi
}
${keptOf(rollback)
  .map(({path, n}) => `keep ${n} ${quote(path)}`)
  .join('\n')}
${guarded
  .map(({id, guard: {keep}}, n) =>
    keep
      ? `mkdir "$r/${n}" && ( kept=$r/${n}; ${keep.text}\n) </dev/null || fail ${quote(`cannot keep the former state of ${id}`)}`
      : ':',
  )
  .join('\n')}
cat /proc/sys/kernel/random/boot_id >"$r/boot" &&
printf '%s\\n' ${quote(guarded.map(({id}) => id).join(', '))} >"$r/what" &&
printf '%s\\n' ${quote(rollbackScript(rollback))} >"$r/rollback" &&
printf '%s' ${quote(service(runId))} >"$u/gatewright-rollback.service" &&
printf '%s' ${quote(timer(seconds))} >"$u/gatewright-rollback.timer" || fail "cannot write the rollback to $r and $u"
[ -d "${wants}" ] || { : >"$r/made-wants"; mkdir -m 0755 "${wants}"; }
ln -s ../gatewright-rollback.service "${wants}/gatewright-rollback.service" || fail 'cannot enable the rollback'
case $(systemctl show -p NeedDaemonReload gatewright-rollback.service gatewright-rollback.timer) in *=yes*) systemctl daemon-reload ;; esac
: >"$r/armed" && sync -f "$r/armed" "$u" && systemctl start gatewright-rollback.timer || fail 'cannot start the timer of the rollback'
logger -t gatewright -p daemon.notice -- "rollback armed for ${seconds} s: $(cat "$r/what")" 2>/dev/null
:`
  return {do: 'run', title: `arm the rollback, which comes in ${seconds} s`, command: raw(text)}
}

/** Shell text that a step of a guarded stage needs to hold: it is done only while it will be taken back. */
export const isArmed = (runId: string): string => `${place(runId)}; [ -e "$r/armed" ]`

/** What runs on the host, whenever that is: it needs nobody and can be run again. */
const rollbackScript = (rollback: Rollback): string => {
  const {runId, guarded} = rollback
  const kept = keptOf(rollback)
  const reads = kept.some(({path}) => isUnitFile(path)) ? 'run systemd "systemctl daemon-reload"' : ':'
  return `# Written by gatewright: takes back what the run ${runId} changed and nobody confirmed.
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 077
${place(runId)}
${clear}
mv "$r/armed" "$r/rolling" 2>/dev/null || [ -e "$r/rolling" ] || { clear; exit 0; }
${processFunctions}
${endLoops}
read -r boot </proc/sys/kernel/random/boot_id
read -r armed <"$r/boot"
why=timer
[ ! -e "$r/now" ] || why=now
[ "$boot" = "$armed" ] || why=boot
log() { logger -t gatewright -p daemon.warning -- "$1" 2>/dev/null || printf '%s\\n' "$1"; }
log "taking back what nobody confirmed: $(cat "$r/what")"
: >"$r/problems"
trouble() { log "$1"; printf 'problem %s\\n' "$1" | tr '\\n' ' ' >>"$r/problems"; echo >>"$r/problems"; }
# What still runs of the change must not undo this.
[ "$why" != timer ] || {
  end_loops "$gw/journal/$run"
  for start in "$gw/journal/$run"/*.start; do
    [ -e "$start" ] && [ ! -e "\${start%.start}.code" ] && read -r pid started <"$start" && is_alive "$pid" "$started" || continue
    kill -s KILL -- "-$pid" 2>/dev/null || kill -s KILL "$pid"
  done
}
same() {
  if [ -L "$1" ] || [ -L "$2" ]; then [ "$(readlink "$1")" = "$(readlink "$2")" ]
  else cmp -s "$1" "$2" && [ "$(stat -c '%a %u %g' "$1")" = "$(stat -c '%a %u %g' "$2")" ]
  fi
}
# back N PATH CANDIDATE: what is right already keeps its time of modification
back() {
  if [ -e "$r/files/$1.absent" ]; then
    [ -e "$2" ] || [ -L "$2" ] || return 0
    said=$(rm -f -- "$2" 2>&1) || trouble "cannot remove $2: $said"
  else
    same "$r/files/$1" "$2" && return 0
    said=$( { rm -f -- "$3" && cp -a -- "$r/files/$1" "$3" && mv -fT -- "$3" "$2"; } 2>&1 ) || trouble "cannot put back $2: $said"
  fi
  log "$2 is back"
}
# run WHAT COMMAND
run() { said=$(timeout 30 /bin/sh -c "$2" 2>&1 </dev/null) || trouble "$1: $said"; }
${kept
  .toReversed()
  .map(({path, n}) => `back ${n} ${quote(path)} ${quote(posix.join(`${candidateOf(path)}-rollback`))}`)
  .join('\n')}
${reads}
[ "$why" = boot ] || {
${guarded
  .map(({id, guard: {restore}}, n) =>
    restore ? `export kept="$r/${n}"; run ${quote(id)} ${quote(restore.text)}` : ':',
  )
  .toReversed()
  .join('\n')}
${appliesOf(guarded)
  .map(({text}) => `run ${quote(text)} ${quote(text)}`)
  .join('\n')}
:
}
mkdir -p "$gw/journal/$run"
{ printf 'rolled back %s\\n' "$why"; cat "$r/what" "$r/problems"; } >"$outcome.new" && mv -f "$outcome.new" "$outcome"
log 'the former state is back'
sync
clear
# This boot has begun with the units that are gone now.
[ "$why" != boot ] || systemctl daemon-reload`
}

const tell = `tries=0
while [ -e "$r" ] && [ "$tries" -lt 300 ]; do sleep 0.2; tries=$((tries+1)); done
cat "$outcome" "$outcome.told" 2>/dev/null
exit 0`

/** Ends a rollback over a new login, and tells what has become of it: \`confirmed\`, \`rolled back\` or nothing. */
export const confirmFragment = (runId: string): Fragment => ({
  id: 'confirm',
  title: 'the confirmation of the change',
  script: `${place(runId)}
${clear}
if mv "$r/armed" "$r/confirmed" 2>/dev/null || [ -e "$r/confirmed" ]; then
echo confirmed >"$outcome"
clear
fi
${tell}`,
})

/** Has the former state put back at once, and tells the same. */
export const cancelFragment = (runId: string): Fragment => ({
  id: 'cancel',
  title: 'the rollback of the change',
  script: `${place(runId)}
[ ! -e "$r/armed" ] || { : >"$r/now"; systemctl start gatewright-rollback.service || /bin/sh "$r/rollback" >/dev/null 2>&1; }
${tell}`,
})

/** Shell text that takes back what a dead run left unconfirmed, and says on stdout what was. Needs $gw. */
export const takeBack = (runId: string): string => `for left in "$gw"/rollback/*/rollback; do
  [ -e "$left" ] && [ "$left" != "$gw/rollback/"${quote(runId)}/rollback ] || continue
  systemctl start gatewright-rollback.service >/dev/null 2>&1
  [ ! -e "$left" ] || /bin/sh "$left" >/dev/null 2>&1
done
for told in "$gw"/journal/*/rollback; do
  [ -e "$told" ] && read -r first <"$told" || continue
  case $first in 'rolled back'*) ;; *) continue ;; esac
  run=\${told%/*} run=\${run##*/}
  [ "$run" != ${quote(runId)} ] || continue
  printf 'the run %s did not confirm what it changed, and the host took it back: %s\\n' "$run" "$(sed 1d "$told" | tr '\\n' ' ')"
  mv -f "$told" "$told.told"
done`

export type Ended = {
  readonly is: 'confirmed' | 'rolled back' | 'nothing'
  /** What brought the former state back. */
  readonly by?: 'timer' | 'boot' | 'now'
  readonly problems: readonly string[]
}

/** Reads the answer to confirmFragment or cancelFragment. */
export const parseEnded = (stdout: string): Ended => {
  const [first = '', ...rest] = stdout.split('\n')
  const problems = rest.filter(line => line.startsWith('problem ')).map(line => line.slice('problem '.length).trim())
  if (first === 'confirmed') return {is: 'confirmed', problems}
  const by = /^rolled back (timer|boot|now)$/.exec(first)?.[1] as Ended['by']
  return by ? {is: 'rolled back', by, problems} : {is: 'nothing', problems}
}
