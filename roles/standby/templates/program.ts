import {activeMarks, standbyUnits} from 'gatewright'
import {beforeFile, refusedCode} from '../places.ts'
import type {StandbyView} from '../view.ts'

/**
 * What makes the host take the place of the pair, and gives it back. It stands on the host, so that a person at its console can do it
 * when the machine that the playbooks are run from is lost with the site.
 */
export const standbyProgram = ({pair, primaryAddresses, start}: StandbyView): string => `#!/bin/sh
# Written by gatewright; changes are overwritten.
# standby status | primary | activate [confirmed] [drill] | deactivate [confirmed] [drill]
set -u
pair='${pair}'
primary='${primaryAddresses.join(' ')}'
order='${start.join(' ')}'
directory=${standbyUnits}
kept=${activeMarks[0]}
passing=${activeMarks[1]}
before=${beforeFile}

is_active() { [ -e $kept ] || [ -e $passing ]; }
units() {
  for role in $order; do [ ! -f $directory/$role ] || cat $directory/$role; done
  for file in $directory/*; do
    [ -f "$file" ] || continue
    case " $order " in *" \${file##*/} "*) ;; *) cat "$file" ;; esac
  done
}
names() { units | sed 's/^[a-z]* //' | awk '!seen[$0]++'; }
# A unit whose file is ours cannot be masked: that is where the mask would be.
maskable() {
  case $1 in *@*) set -- "$1" "\${1%%@*}@.\${1##*.}" ;; *) set -- "$1" "$1" ;; esac
  [ ! -f /etc/systemd/system/"$2" ] || [ -L /etc/systemd/system/"$2" ]
}
# Those addresses of the pair that answer.
primary() {
  for address in $primary; do
    ping -n -c 3 -i 0.3 -W 1 "$address" >/dev/null 2>&1 && echo "$address" &
  done
  wait
}
# Rules and routes that daemons make, one a line. The kernel's own come and go with the links.
made() {
  for family in -4 -6; do
    ip $family rule show | sed "s/^/$family rule /"
    ip $family -oneline route show table all | sed -E "/ proto kernel/d; /^(local|broadcast|multicast|anycast) /d; s/^/$family route /"
  done
}
# Daemons leave them in the kernel when they stop, so that a restart interrupts nothing: what was not there before is taken away.
sweep() {
  [ -f $before ] || return 0
  made | grep -vxF -f $before | while read -r family what line; do
    if [ "$what" = rule ]; then ip "$family" rule delete priority "\${line%%:*}"; continue; fi
    # shellcheck disable=SC2046
    ip "$family" route delete $(echo "$line" | awk '{
      word = 1; text = ""
      if ($1 ~ /^(blackhole|unreachable|prohibit|throw)$/) {text = $1 " "; word = 2}
      text = text $word
      for (i = word + 1; i < NF; i++) if ($i ~ /^(table|proto|metric)$/ || ($i == "dev" && !/nexthop/)) text = text " " $i " " $(i + 1)
      print text
    }') 2>/dev/null
  done
  rm -f $before
}
refuse() { echo "$1" >&2; exit ${refusedCode}; }
say() { echo "$1"; logger -t gatewright -p user.notice -- "standby: $1"; }

# Each unit that is not as it should be, as one line.
status() {
  [ -n "$(names)" ] || echo "nothing was provisioned: $directory is empty"
  names | while read -r unit; do
    state=$(systemctl is-active -- "$unit")
    enabled=$(systemctl is-enabled -- "$unit" 2>/dev/null)
    if is_active; then
      case $enabled in masked*) echo "$unit is masked" ;; esac
    else
      case $state in inactive | failed) ;; *) echo "$unit is $state" ;; esac
      case $enabled in enabled*) echo "$unit is enabled" ;; masked) ;; *) ! maskable "$unit" || echo "$unit is not masked" ;; esac
    fi
  done
}

activate() {
  [ -n "$(names)" ] || { echo "nothing was provisioned on this host: $directory is empty" >&2; exit 1; }
  if ! is_active && [ "$confirmed" = no ]; then
    answers=$(primary | tr '\\n' ' ')
    [ -z "$answers" ] || refuse "the pair $pair is still there: \${answers% } answers. Two sites would announce the same networks."
  fi
  mkdir -p \${kept%/*} \${passing%/*} \${before%/*}
  is_active || made >$before
  if [ "$drill" = yes ]; then : >$passing; else : >$kept; fi
  say "taking the place of $pair"
  masked=$(names | while read -r unit; do ! maskable "$unit" || echo "$unit"; done)
  started=$(units | sed -n 's/^start //p' | awk '!seen[$0]++')
  failed=
  # One order for all: after each systemd reads all of its units anew. What a drill has activated is cold again after a reboot.
  [ -z "$masked" ] || systemctl unmask --quiet -- $masked
  [ "$drill" = yes ] || systemctl enable --quiet -- $started || failed=' (not enabled)'
  systemctl reset-failed -- $started 2>/dev/null
  for unit in $started; do systemctl start -- "$unit" || failed="$failed $unit"; done
  [ -z "$failed" ] || { say "did not start:$failed"; exit 1; }
  say "all units of $pair are started"
}

deactivate() {
  if is_active && [ "$confirmed" = no ] && [ -z "$(primary)" ]; then
    refuse "the pair $pair does not answer: nobody would carry its traffic."
  fi
  all=$(names | tac)
  masked=$(for unit in $all; do ! maskable "$unit" || echo "$unit"; done)
  ours=$(for unit in $all; do maskable "$unit" || echo "$unit"; done)
  [ -z "$masked" ] || systemctl mask --quiet -- $masked
  [ -z "$ours" ] || systemctl disable --quiet -- $ours
  for unit in $all; do systemctl stop -- "$unit"; done
  systemctl reset-failed -- $all 2>/dev/null
  sweep
  rm -f $kept $passing
  say "cold again"
}

verb=\${1:-}
confirmed=no drill=no
for word in "$@"; do
  case $word in confirmed) confirmed=yes ;; drill) drill=yes ;; esac
done
case $verb in
status) status ;;
primary) primary ;;
activate) activate ;;
deactivate) deactivate ;;
*) echo 'standby status | primary | activate [confirmed] [drill] | deactivate [confirmed] [drill]' >&2; exit 2 ;;
esac
`
