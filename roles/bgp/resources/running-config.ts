import {$, type Kind, resourceOf, Unreadable} from 'gatewright'

export type RunningConfigDesired = {readonly unit: string; readonly file: string}
/** Lines that only one of both has, each after its contexts; passwords are masked. */
export type Drift = {readonly missing: readonly string[]; readonly surplus: readonly string[]}

/**
 * That FRR runs with what its file says. Somebody's `vtysh` or a reload that failed half way is seen here, and put right by
 * reloading, which changes only the lines that differ. Order says nothing in FRR: what is numbered carries its number.
 */
export const runningConfigKind: Kind<RunningConfigDesired, Drift> = {
  name: 'running-config',
  identify: ({unit}) => unit,
  probe: ({unit, file}) => ({
    // Two contexts deep at most; `exit` ends one, in the running configuration as in the file.
    command: $`
systemctl is-active --quiet ${unit} || exit 0
test -e ${file} || exit 0
running=$(VTYSH_HISTFILE=/dev/null vtysh -c 'show running-config' 2>/dev/null) || { echo 'vtysh cannot ask the daemons' >&2; exit 1; }
{ cat ${file}; printf '\\n@running\\n%s\\n' "$running"; } | awk '
  /^@running$/ { second = 1; next }
  /^ *!/ || /^ *$/ || /^ *(exit|end|exit-address-family)$/ || /^(Building|Current) configuration/ { next }
  { match($0, /^ */); depth = RLENGTH; context[depth] = substr($0, depth + 1)
    sub(/password .*/, "password ***", context[depth])
    key = context[0]; for (i = 1; i <= depth; i++) if (i == depth || i < depth && context[i] != "") key = key " / " context[i]
    for (i = depth + 1; i <= 4; i++) context[i] = ""
    secret = $0; if (second) running[key] = running[key] secret "|"; else { written[key] = written[key] secret "|"; if (!(key in at)) { at[key] = ++count; order[count] = key } }
    if (second && !(key in written)) print "+" key }
  END { for (i = 1; i <= count; i++) if (written[order[i]] != running[order[i]]) print "-" order[i] }'`,
    parse({code, stdout, stderr}) {
      if (code !== 0) throw new Unreadable(stderr.trim() || `exit code ${code}`)
      const lines = stdout.split('\n')
      const marked = (sign: string): string[] => lines.filter(line => line.startsWith(sign)).map(line => line.slice(1))
      return {missing: marked('-'), surplus: marked('+')}
    },
  }),
  diff: (_desired, {missing, surplus}) => [
    ...missing.map(line => ({path: 'running configuration', from: 'lacks', to: line})),
    ...surplus.map(line => ({path: 'running configuration', from: line, to: 'without'})),
  ],
  steps: ({unit}) => [
    {
      do: 'run',
      title: `reload ${unit}, which runs with other lines than its file`,
      command: $`systemctl reload ${unit}`,
    },
  ],
  problems: () => [],
}

/** `runningConfig({unit: 'frr', file: '/etc/frr/frr.conf'})` */
export const runningConfig = resourceOf(runningConfigKind)
