import {collectors, textfiles} from '../places.ts'

/** Seconds that one collector may take: those of checks ask all at once, each for 20 s at most. */
const [collectorSeconds, checkSeconds] = [5, 25]

/**
 * monitoring-collect fast|slow|checks: runs each program of that directory and replaces its file as a whole when it succeeded, so that neither
 * half a file nor old news is ever taken for the present (Prometheus' node exporter, README, Textfile Collector).
 */
export const collectScript = `#!/bin/sh
# Written by gatewright; changes are overwritten.
set -u
pace=$1
out=${textfiles}
new=$out/.gatewright-$pace.new
results=
[ "$pace" = checks ] && limit=${checkSeconds} || limit=${collectorSeconds}
for collector in ${collectors}/"$pace"/*; do
  [ -x "$collector" ] || continue
  name=\${collector##*/}
  if timeout --kill-after=1 $limit "$collector" >"$new" </dev/null; then
    chmod 0644 "$new" && mv -f "$new" "$out/gatewright-$pace-$name.prom" && success=1 || success=0
  else
    echo "<4>$name: exit code $?"
    success=0
  fi
  results="\${results}gatewright_collector_success{collector=\\"$name\\"} $success
"
done
printf '# TYPE gatewright_collector_success gauge\\n%s' "$results" >"$new" && chmod 0644 "$new" &&
  mv -f "$new" "$out/gatewright-$pace.prom"
# What nobody collects any more must not be stale for ever.
for file in "$out/gatewright-$pace"-*.prom; do
  name=\${file#"$out/gatewright-$pace-"}
  [ -x "${collectors}/$pace/\${name%.prom}" ] || rm -f "$file"
done
`
