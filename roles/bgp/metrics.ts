import {type Monitored, monitored} from 'gatewright'
import type {Session} from './sessions.ts'

/**
 * The exporter of FRR tells states and counts; what it does not tell is a session without a policy, which RFC 8212 keeps empty.
 * `show bgp neighbors json` has a line for each property, indented by the depth.
 */
const program = String.raw`VTYSH_HISTFILE=/dev/null vtysh -c 'show bgp neighbors json' | awk '
  function flush() {
    if (peer == "") return
    up[++count] = "gatewright_bgp_up{name=\"" peer "\"} " isUp
    if (families > 0) policy[count] = "gatewright_bgp_policy{name=\"" peer "\"} " (maps == 2 * families ? 1 : 0)
  }
  /^  "[0-9a-fA-F.:]+":\{/ { flush(); split($0, parts, "\""); peer = parts[2]; isUp = families = maps = 0 }
  /^    "bgpState":"Established"/ { isUp = 1 }
  /^    "addressFamilyInfo":\{/ { inside = 1 }
  /^    \}/ { inside = 0 }
  inside && /^      "[A-Za-z0-9]*":\{/ { families++ }
  inside && /"(in|out)boundPathPolicyConfig":true/ { maps++ }
  END {
    flush()
    print "# HELP gatewright_bgp_up whether the session is established\n# TYPE gatewright_bgp_up gauge"
    for (i = 1; i <= count; i++) print up[i]
    print "# HELP gatewright_bgp_policy whether there is a route map for each direction\n# TYPE gatewright_bgp_policy gauge"
    for (i = 1; i <= count; i++) if (i in policy) print policy[i]
  }'
`

/** What monitoring watches: each session that is to be up. */
export const watched = (sessions: readonly Session[]): Monitored[] =>
  sessions
    .filter(({shutdown}) => !shutdown)
    .map(({address, bfd}) =>
      monitored({
        what: 'bgp',
        name: address,
        ...(bfd !== undefined && {bfd: true as const}),
        metrics: {name: 'bgp', program},
      }),
    )
