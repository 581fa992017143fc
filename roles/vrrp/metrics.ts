import {type Monitored, monitored} from 'gatewright'
import {beatSeconds} from './templates/follow-script.ts'
import {conntrackTrack, stateFile, type VrrpVars} from './view.ts'

/**
 * The state as a number: 0 unknown (nobody follows keepalived), 1 FAULT or STOP, 2 BACKUP, 3 MASTER. Whether it is ready to take over, what
 * conntrackd has done, and a digest of the rules of NAT, which are equal on both gateways but for names of devices.
 */
const program = ({
  name,
  router_id,
  conntrack,
  nat,
}: Monitor): string => String.raw`labels='name="${name}",vrid="${router_id}"'
state=0 since=0
if read -r text 2>/dev/null <${stateFile}; then
  beat=$(expr "$text" : '.*"beat":\([0-9]*\)')
  since=$(expr "$text" : '.*"since":\([0-9]*\)')
  [ $(($(date +%s) - beat)) -gt ${3 * beatSeconds} ] || case $text in
  *'"state":"MASTER"'*) state=3 ;;
  *'"state":"BACKUP"'*) state=2 ;;
  *) state=1 ;;
  esac
fi
echo "# HELP gatewright_vrrp_state 0 unknown, 1 fault, 2 backup, 3 master
# TYPE gatewright_vrrp_state gauge
gatewright_vrrp_state{$labels} $state
# HELP gatewright_vrrp_since_seconds when it came into this state, in Unix time
# TYPE gatewright_vrrp_since_seconds gauge
gatewright_vrrp_since_seconds{$labels} $since"
${conntrack ? connections : ''}${nat.length > 0 ? rules : ''}`

type Monitor = Pick<VrrpVars, 'name' | 'router_id' | 'conntrack' | 'nat'>

/** The track is 0 when conntrackd has got what the peer knows, which a daemon that is gone since does not have any more. */
const connections = String.raw`told=$(conntrackd -s 2>/dev/null) && [ "$(cat ${conntrackTrack} 2>/dev/null)" = 0 ] && ready=1 || ready=0
echo "# HELP gatewright_conntrackd_ready whether it has the connections of the peer
# TYPE gatewright_conntrackd_ready gauge
gatewright_conntrackd_ready $ready"
echo "$told" | awk '
  /^[a-z].*:$/ { part = $0; sub(/:$/, "", part); gsub(/ /, "_", part) }
  /^connections (created|updated|destroyed):/ {
    what = $2; sub(/:/, "", what)
    counter(part "_" what, $3); counter(part "_" what "_failed", $5)
  }
  /^current active connections:/ { print "# TYPE gatewright_conntrackd_connections gauge\ngatewright_conntrackd_connections{part=\"" part "\"} " $4 }
  / Pckts sent/ { counter("packets_sent", $1); counter("packets_received", $4) }
  / Error send/ { counter("errors_sent", $1); counter("errors_received", $4) }
  / Lost msgs/ { counter("messages_malformed", $1); counter("messages_lost", $4) }
  function counter(name, value) {
    name = "gatewright_conntrackd_" name "_total"
    print "# TYPE " name " counter\n" name " " value
  }'
`

const rules = String.raw`echo "# HELP gatewright_nat_rules_info a digest of the rules of NAT
# TYPE gatewright_nat_rules_info gauge
gatewright_nat_rules_info{hash=\"$(nft --stateless list table inet gatewright_nat 2>/dev/null | sed 's/oifname "[^"]*"//' | sha256sum | cut -c 1-16)\"} 1"
`

/** What monitoring watches of VRRP. */
export const watched = (vars: VrrpVars): Monitored =>
  monitored({
    what: 'vrrp',
    name: vars.name,
    id: vars.router_id,
    metrics: {name: 'vrrp', program: program(vars)},
  })
