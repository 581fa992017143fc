/**
 * The one writer of the rules and tables of a device, and of its routes in the main table (protocol 160): makes them what its
 * settings say, and touches nothing where they are. What cannot be yet, such as a route with an address that the other gateway
 * has, is tried again with the next call.
 */
export const routesSh = String.raw`#!/bin/sh
# Written by gatewright. See the README of the role wireguard.
set -u
. /usr/local/lib/gatewright/wireguard-lib
dev=$1 conf=$etc/$1
mkdir -p "$run"
exec 9>"$run/routes.lock"
flock 9

# The lines of TEXT that are no lines of OTHER.
without() { # TEXT OTHER
  echo "$1" | while read -r line; do
    case "
$2
" in
      *"
$line
"*) ;;
      *) echo "$line" ;;
    esac
  done
}

# As the settings have them; ip prints more.
plain() { sed 's/^7 /unreachable /; s/^unreachable\(.*\) dev lo/unreachable\1/; s/ proto 160//; s/ scope 253/ scope link/; s/ linkdown//; s/ dead//; s/ pref [a-z]*//; s/ metric 1024//; s/ error -[0-9]*//; s/[[:space:]]*$//'; }

priority=$(sed -n 's/^priority //p' "$conf") table=$(sed -n 's/^table //p' "$conf")
for family in 4 6; do
  if [ -n "$priority" ]; then
    wanted=$(sed -n "s/^rule $family //p" "$conf")
    found=$(ip -N "-$family" rule show | sed -n "s/[[:space:]]*$//; s/^$priority:[[:space:]]*/$priority /p")
    without "$found" "$wanted" | while read -r number rule; do
      [ -z "$number" ] || ip "-$family" rule delete priority "$number" $rule
    done
    without "$wanted" "$found" | while read -r number rule; do
      [ -z "$number" ] || ! ip "-$family" rule add priority "$number" $rule || echo "$dev: added IPv$family rule $number: $rule"
    done
    wanted=$(sed -n "s/^route $family $table //p" "$conf")
    found=$(ip -N "-$family" route show table "$table" 2>/dev/null | plain)
    without "$found" "$wanted" | while read -r route; do
      [ -z "$route" ] || ip "-$family" route delete $route table "$table"
    done
    without "$wanted" "$found" | while read -r route; do
      [ -z "$route" ] || ! ip "-$family" route replace $route table "$table" 2>/dev/null || echo "$dev: added IPv$family route to table $table: $route"
    done
  fi
  [ -e "/sys/class/net/$dev" ] || continue
  wanted=$(sed -n "s/^main $family //p" "$conf")
  found=$(ip -N "-$family" route show dev "$dev" proto 160 2>/dev/null | plain | sed 's/ .*//')
  without "$found" "$wanted" | while read -r route; do
    [ -z "$route" ] || ip "-$family" route delete "$route" dev "$dev" proto 160
  done
  without "$wanted" "$found" | while read -r route; do
    [ -z "$route" ] || ! ip "-$family" route replace "$route" dev "$dev" proto 160 2>/dev/null || echo "$dev: added IPv$family route $route"
  done
done
exit 0
`
