/**
 * The one writer of the uplinks' tables and of the rules in our range of priorities: makes them what /etc/gatewright/mwan/routes
 * says, and touches nothing where they are. A route whose device or gateway is not there yet is tried again when a link changes.
 */
export const routesSh = String.raw`#!/bin/sh
# Written by gatewright. See the README of the role mwan.
set -u
conf=/etc/gatewright/mwan/routes
exec 9>/run/gatewright/mwan/routes.lock
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

read -r _ first last <"$conf"

# A device that is made anew has what systemd-sysctl and udev give it only where there is udev, and a moment later.
for device in $(sed -n 's/^loose //p' "$conf"); do
  filter=/proc/sys/net/ipv4/conf/$device/rp_filter
  [ ! -w "$filter" ] || [ "$(cat "$filter")" = 2 ] || echo 2 >"$filter" || :
done

for family in 4 6; do
  wanted=$(sed -n "s/^rule $family //p" "$conf")
  found=$(ip -N "-$family" rule show |
    sed -n 's/ \[detached\]//g; s/[[:space:]]*$//; / lookup /!{ s/ 6$/ blackhole/; s/ 7$/ unreachable/; }; s/^\([0-9]*\):[[:space:]]*/\1 /p' |
    while read -r priority rule; do
      [ "$priority" -lt "$first" ] || [ "$priority" -gt "$last" ] || echo "$priority $rule"
    done)
  without "$found" "$wanted" | while read -r priority rule; do
    [ -z "$priority" ] || ! ip "-$family" rule delete priority "$priority" $rule || echo "removed IPv$family rule $priority: $rule"
  done
  without "$wanted" "$found" | while read -r priority rule; do
    [ -z "$priority" ] || ! ip "-$family" rule add priority "$priority" $rule || echo "added IPv$family rule $priority: $rule"
  done

  for table in $(sed -n 's/^table //p' "$conf"); do
    wanted=$(sed -n "s/^route $family $table //p" "$conf")
    found=$(ip -N "-$family" route show table "$table" 2>/dev/null |
      sed 's/ scope 253/ scope link/; s/ linkdown//; s/ dead//; s/ pref [a-z]*//; s/ metric 1024//; s/[[:space:]]*$//')
    without "$found" "$wanted" | while read -r route; do
      [ -z "$route" ] || ! ip "-$family" route delete $route table "$table" || echo "removed IPv$family route of table $table: $route"
    done
    without "$wanted" "$found" | while read -r route; do
      [ -z "$route" ] || ! ip "-$family" route replace $route table "$table" 2>/dev/null || echo "added IPv$family route to table $table: $route"
    done
  done
done
exit 0
`
