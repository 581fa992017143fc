import {$, type Command} from 'gatewright'

/**
 * FRR's own judgement of a candidate: `vtysh -C` knows all commands and no meaning; `bgpd -C` knows the meaning of its part and
 * ends with 0 whatever it finds, so that anything it says is a refusal. Neither prints a password.
 */
export const validateFrrConf = (candidate: string): Command => $`
said=$(vtysh -C -f ${candidate} 2>&1) || { printf '%s\\n' "$said" | sed 's/password .*/password ***/'; exit 1; }
part=$(mktemp) || exit
trap 'rm -f "$part"' EXIT
awk '/^bfd$/ { other = 1 } !other && !/^service / { print } /^exit$/ { other = 0 }' ${candidate} >"$part" || exit
said=$(/usr/lib/frr/bgpd -C -S -n -Z -p 0 -f "$part" 2>&1)
[ -z "$said" ] || { printf '%s\\n' "$said" | sed 's/password .*/password ***/'; exit 1; }`
