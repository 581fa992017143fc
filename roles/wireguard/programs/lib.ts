import {keptDirectory, programs, runDirectory, settingsDirectory} from '../places.ts'

/**
 * /usr/local/lib/gatewright/wireguard-lib: what the programs of the role share. Keys go through pipes and files of mode 0600,
 * never through arguments, which every user of the host can read.
 */
export const libSh = String.raw`# Written by gatewright. See the README of the role wireguard.
etc=${settingsDirectory} run=${runDirectory} kept=${keptDirectory} lib=${programs}

setting() { sed -n "s/^set $2 //p" "$etc/$1"; }
devices() { (cd "$etc" 2>/dev/null && ls); }

# It has changed to its next key, and the settings still know that one.
is_rotated() {
  [ -r "/etc/wireguard/$1.next" ] && [ -r "$kept/$1.rotated" ] &&
    [ "$(cat "$kept/$1.rotated")" = "$(setting "$1" next_public_key)" ]
}

expected_key() { if is_rotated "$1"; then setting "$1" next_public_key; else setting "$1" public_key; fi; }

# What wg(8) takes of a file for wg-quick(8), with the private key in use.
stripped() { # DEVICE [FILE]
  if is_rotated "$1"; then read -r next <"/etc/wireguard/$1.next"; else next=; fi
  sed '/^\(Address\|MTU\|Table\|PostUp\) = /d' "\${2:-/etc/wireguard/$1.conf}" | while IFS= read -r line; do
    case $line in
      'PrivateKey = '*) [ -z "$next" ] || line="PrivateKey = $next" ;;
    esac
    printf '%s\n' "$line"
  done
}

# The addresses and the size in the settings, in place; link-local ones are the kernel's.
set_addresses() { # DEVICE
  mtu=$(setting "$1" mtu)
  [ "$(cat "/sys/class/net/$1/mtu")" = "$mtu" ] || ip link set dev "$1" mtu "$mtu" || return
  own=$(sed -n 's/^address //p' "$etc/$1") found=$(ip -o address show dev "$1" scope global | awk '{ print $4 }')
  for address in $own; do
    case " $(echo $found) " in *" $address "*) ;; *) ip address replace "$address" dev "$1" || return ;; esac
  done
  for address in $found; do
    case " $(echo $own) " in *" $address "*) ;; *) ip address delete "$address" dev "$1" ;; esac
  done
}

# Where peers were seen last, by this gateway or by the other one, as "key endpoint"; what came over the network is looked at
# closely.
seen_endpoints() { # DEVICE
  cat "$run/endpoints" "$run/peer-endpoints" 2>/dev/null | awk -v device="$1" -v conf="$etc/$1" '
    BEGIN { while ((getline line <conf) > 0) { split(line, f, " "); if (f[1] == "peer" || f[1] == "next") known[f[2]] } }
    NF != 4 || $1 != device || !($2 in known) || $4 !~ /^[0-9]+$/ { next }
    $3 !~ /^([0-9.]+|\[[0-9a-f:.]+\]):[0-9]+$/ { next }
    !($2 in seen) || $4 + 0 > seen[$2] { seen[$2] = $4 + 0; endpoint[$2] = $3 }
    END { for (key in endpoint) print key, endpoint[key] }'
}

# Gives a device that has just come up the endpoints that its file does not know. The peers are made anew: WireGuard has tried to
# reach them without an endpoint already, and does not try again within 5 s (REKEY_TIMEOUT).
restore_endpoints() { # DEVICE
  endpoints=$(seen_endpoints "$1")
  [ -n "$endpoints" ] || return 0
  echo "$endpoints" | awk '{ print "peer", $1, "remove" }' | xargs -r -n 240 wg set "$1"
  stripped "$1" | awk -v endpoints="$endpoints" '
    BEGIN { n = split(endpoints, lines, "\n"); for (i = 1; i <= n; i++) { split(lines[i], f, " "); at[f[1]] = f[2] } }
    /^Endpoint = / && (key in at) { next }
    /^\[/ { key = "" }
    { print }
    /^PublicKey = / { key = $3; if (key in at) print "Endpoint = " at[key] }' | wg syncconf "$1" /dev/stdin
}

# Has each peer whose endpoint is known shake hands now: a keepalive that is switched on is sent at once.
greet_peers() { # DEVICE
  { sed -n '/^peer /p; /^next /p' "$etc/$1"; wg show "$1" endpoints | sed 's/^/at /'; } | awk '
    $1 == "peer" { keepalive[$2] = $4 }
    $1 == "next" { keepalive[$2] = keepalive[$3] }
    $1 == "at" && $3 != "(none)" && ($2 in keepalive) { print $2, keepalive[$2] }' >"$run/greet.$1"
  awk '{ print "peer", $1, "persistent-keepalive", 0 }' "$run/greet.$1" | xargs -r -n 180 wg set "$1"
  awk '{ print "peer", $1, "persistent-keepalive", ($2 == 0 ? 1 : $2) }' "$run/greet.$1" | xargs -r -n 180 wg set "$1"
  awk '$2 == 0 { print "peer", $1, "persistent-keepalive", 0 }' "$run/greet.$1" | xargs -r -n 180 wg set "$1"
  rm -f "$run/greet.$1"
}

# Peers whose endpoint is to be looked up: none is known, or nobody has heard them for longer than a rekeying and its retries take
# when all is well (120 + 3 * 5 s). "key endpoint found"; what is no peer of the device yet is not made one.
stale_peers() { # DEVICE NOW
  { sed -n '/^peer /p; /^next /p' "$etc/$1"; wg show "$1" latest-handshakes | sed 's/^/shook /'; wg show "$1" endpoints | sed 's/^/at /'; } | awk -v now="$2" '
    $1 == "peer" && $5 != "-" { endpoint[$2] = $5 }
    $1 == "next" && ($3 in endpoint) { endpoint[$2] = endpoint[$3] }
    $1 == "shook" { shook[$2] = $3 }
    $1 == "at" { found[$2] = $3 }
    END { for (key in endpoint) if ((key in found) && (found[key] == "(none)" || now - shook[key] > 135)) print key, endpoint[key], found[key] }'
}

# A peer that is changing its key is known by two: what is behind it belongs to the one that shook hands last; of two within one
# second it is the next one, since a device that comes up has its present key for a moment.
adopt_keys() { # DEVICE
  grep -q '^next ' "$etc/$1" 2>/dev/null || return 0
  { cat "$etc/$1"; wg show "$1" latest-handshakes | sed 's/^/shook /'; wg show "$1" allowed-ips | sed 's/^/has /'; } | awk '
    $1 == "peer" { allowed[$2] = $6; name[$2] = $3 }
    $1 == "next" { old[++count] = $3; new[count] = $2 }
    $1 == "shook" { at[$2] = $3 + 0 }
    $1 == "has" { owns[$2] = $3 != "(none)" }
    END { for (i = 1; i <= count; i++) {
      from = old[i]; to = new[i]
      if (at[from] > at[to]) { from = new[i]; to = old[i] }
      if (allowed[old[i]] != "-" && at[to] > 0 && !owns[to]) print from, to, allowed[old[i]], name[old[i]]
    } }' | while read -r from to allowed name; do
    wg set "$1" peer "$to" allowed-ips "$allowed" && echo "<5>key device=$1 peer=$name key=$to before=$from"
  done
}
`.replaceAll('\\${', '${')
