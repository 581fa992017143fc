import {holderTrack, notifyFifo, runDirectory, splitTrack, stateFile, type VrrpView} from '../view.ts'

/** Seconds between two refreshments of `beat`; a state older than three of them is not to be believed. */
export const beatSeconds = 2
/** Seconds that one hook may take. */
export const hookSeconds = 5
/**
 * Looks (of 2.3 to 3.3 s each where a path is silent) that a peer has which comes back: while a machine boots its links come up one after the
 * other, and the sync link may be the last. It was seen 0.9 s after the others in the lab.
 */
const graceLooks = 4
/** There while the sync path is lost and the peer lives. */
const splitFile = `${runDirectory}/split`
export const hookDirectory = '/etc/gatewright/vrrp.d'
export const followPath = '/usr/local/lib/gatewright/vrrp-follow'

/**
 * The one reader of keepalived's notifications, which a FIFO keeps in order. keepalived.conf(5): a line is
 * `GROUP|INSTANCE "<name>" <STATE> <priority>`; STOP is said of instances only.
 */
export const followScript = ({
  name,
  group,
  watched,
  tracks,
  vote,
}: Pick<VrrpView, 'name' | 'group' | 'watched' | 'tracks' | 'vote'>): string => `#!/bin/sh
# Written by gatewright; changes are overwritten.
# Follows keepalived: keeps ${stateFile} and runs the programs of ${hookDirectory} at each change.
set -u
fifo=${notifyFifo}
file=${stateFile}
state='' since=0

save() {
  printf '{"name":"%s","state":"%s","since":%s,"beat":%s}\\n' ${name} "$state" "$since" "$(date +%s)" >"$file.new" &&
    mv -f "$file.new" "$file"
}

run_hooks() {
  lower=$(printf %s "$state" | tr A-Z a-z)
  for hook in ${hookDirectory}/*; do
    [ -f "$hook" ] && [ -x "$hook" ] || continue
    timeout --kill-after=1 ${hookSeconds} "$hook" "$lower" ${name} 3<&- </dev/null || echo "<3>$hook $lower: exit code $?"
  done
}

change() {
  [ "$1" != "$state" ] || { save; return; }
  echo "\${state:-nothing} -> $1"
  state=$1 since=$(date +%s)
${tracks.some(({file}) => file === holderTrack) ? hold : ''}  save
  run_hooks
}

is_alive() { kill -0 "$(cat /run/keepalived.pid 2>/dev/null || echo none)" 2>/dev/null; }

if [ -r "$file" ]; then
  state=$(sed -n 's/.*"state":"\\([A-Z]*\\)".*/\\1/p' "$file")
  since=$(sed -n 's/.*"since":\\([0-9]*\\).*/\\1/p' "$file")
fi
exec 3<>"$fifo"
# By way of the FIFO, so that one process alone writes the state.
while sleep ${beatSeconds}; do echo BEAT; done >&3 3<&- &
${watched.length > 0 ? watch(watched) : ''}${vote ? judge(vote) : ''}while read -r kind who to rest <&3; do
  case "$kind $who $to" in
  BEAT*) [ -n "$state" ] && is_alive && save ;;
  '${group ? 'GROUP' : 'INSTANCE'} "${name}" MASTER' | '${group ? 'GROUP' : 'INSTANCE'} "${name}" BACKUP' | '${group ? 'GROUP' : 'INSTANCE'} "${name}" FAULT') change "$to" ;;
  'INSTANCE "${group?.[0] ?? name}" STOP') change STOP ;;
  esac
done
`

/** The bonus of the gateway that is master. */
const hold = `  if [ "$state" = MASTER ]; then echo 1; else echo 0; fi >${holderTrack}\n`

/**
 * The sync path is lost and the peer lives: both are master, and the neighbours believe the one that became it last. The other
 * one gives up until the way is back: the one that was master when the sync path answered for the last time, looked at before it
 * was asked, for the backup takes over within a second. The other links are asked all at once: a peer that is gone has to be known to be
 * before it has booted again. It is decided once, and outlives a new start of this program. A peer that was
 * gone altogether is no second master when it comes back: the only one must not give up to a machine that boots.
 */
const judge = ({
  sync,
  others,
}: NonNullable<VrrpView['vote']>): string => `answers() { ping -q -n -c 3 -i 0.2 -W 1 "$1" >/dev/null 2>&1; }
lives() {
  asked= found=1
  for address in ${others.join(' ')}; do answers "$address" & asked="$asked $!"; done
  for each in $asked; do wait "$each" && found=0; done
  return $found
}
mend() { [ ! -e ${splitFile} ] || { echo 0 >${splitTrack}; rm -f ${splitFile}; echo 'the sync path is back, or the peer is gone'; }; }
before=no grace=0
while sleep 0.5; do
  now=no
  grep -q '"state":"MASTER"' "$file" 2>/dev/null && now=yes
  if answers ${sync}; then
    before=$now grace=0
    mend
  elif ! lives; then
    grace=${graceLooks}
    mend
  elif [ "$grace" -gt 0 ]; then grace=$((grace - 1))
  elif [ ! -e ${splitFile} ]; then
    : >${splitFile}
    if [ "$before" = yes ]; then
      echo '<3>the sync path is lost and the peer lives: giving up, as it is master now'
      echo 1 >${splitTrack}
    fi
  fi
done 3<&- &
`

/** In a container, where keepalived cannot follow processes. Without a child process but one, as it goes on for ever. */
const watch = (watched: VrrpView['watched']): string => `is_missing() {
  for comm in /proc/[0-9]*/comm; do
    read -r found <"$comm" && [ "$found" = "$1" ] && return 1
  done 2>/dev/null
  return 0
}
tell() {
  missing=0 was=
  is_missing "$1" && missing=1
  read -r was <"$2"
  [ "$missing" = "$was" ] || echo "$missing" >"$2"
}
while sleep 0.5; do
${watched.map(({process, file}) => `  tell ${process} ${file}\n`).join('')}done 3<&- &
`
