/**
 * wireguard-sessions.awk: two looks at the devices to the lines of the journal. WireGuard itself logs nothing and knows no
 * sessions: a peer counts as connected while its last handshake is younger than 180 s (REJECT_AFTER_TIME of the protocol, after
 * which its keys are void). Input: the settings of all devices, the memory of the last look, and what `wg show all dump` says.
 * Output: `log <line>`, `peer <memory>`, `met <device> <key>` and `drift <device>`.
 */
export const sessionsAwk = String.raw`
BEGIN { void = 180 }
function known(k) { if (!(k in at)) { order[++count] = k; at[k] = count } }
function who(k) { split(k, part, SUBSEP); return "device=" part[1] " peer=" title(part[1], part[2]) " key=" part[2] }
# One that was just removed is in no settings any more.
function title(device, key) { return (device SUBSEP key) in name ? name[device, key] : (device SUBSEP key) in called ? called[device, key] : "unknown" }
function ended(k, why) {
  print "log disconnect " who(k) " from=" endpoint[k] " seconds=" (alive[k] > since[k] ? alive[k] - since[k] : 0) " received=" received[k] " sent=" sent[k] " why=" why
  session[k] = 0
}

FNR == 1 { file = FILENAME; sub(/.*\//, "", file) }
# What this host is told of its peers.
file != "sessions.memory" && file != "devices.look" {
  if ($1 == "peer") name[file, $2] = $3
  if ($1 == "next") name[file, $2] = name[file, $3]
  if ($1 == "set" && $2 ~ /public_key$/) own[file, $3]
  next
}
file == "sessions.memory" {
  k = $2 SUBSEP $3
  known(k)
  session[k] = $4; since[k] = $5; alive[k] = $6; endpoint[k] = $7; rx[k] = $8; tx[k] = $9; received[k] = $10; sent[k] = $11; shook[k] = $12; called[k] = $13
  next
}
# device public-key preshared-key endpoint allowed-ips latest-handshake received sent keepalive; five fields are the device itself.
NF == 5 { looked[$1]; if (!(($1, $3) in own)) drift[$1]; next }
NF == 9 {
  k = $1 SUBSEP $2
  known(k)
  seen[k]
  if (!(k in name)) drift[$1]
  # Counters begin again with a new device.
  more_rx = $7 - ($7 < rx[k] ? 0 : rx[k])
  more_tx = $8 - ($8 < tx[k] ? 0 : tx[k])
  if (more_rx > 0) alive[k] = now
  rx[k] = $7 + 0; tx[k] = $8 + 0
  received[k] += more_rx; sent[k] += more_tx
  if ($6 + 0 > shook[k]) shook[k] = $6 + 0
  fresh = shook[k] > 0 && now - shook[k] <= void
  if (session[k] && !fresh) ended(k, "silent")
  if (!session[k] && fresh) {
    session[k] = 1; since[k] = shook[k]; alive[k] = now; received[k] = more_rx; sent[k] = more_tx
    print "met", $1, $2
    print "log connect " who(k) " from=" $4 " networks=" $5
  } else if (session[k] && $4 != endpoint[k] && $4 != "(none)")
    print "log roam " who(k) " from=" endpoint[k] " to=" $4
  if ($4 != "(none)") endpoint[k] = $4
}
END {
  for (k in name) { split(k, part, SUBSEP); if ((part[1] in looked) && !(k in seen)) drift[part[1]] }
  for (device in drift) print "drift", device
  for (i = 1; i <= count; i++) {
    k = order[i]
    split(k, part, SUBSEP)
    if (!(k in seen) && session[k]) {
      if (index(lowered, " " part[1] " ")) ended(k, "standby")
      else if (part[1] in looked) ended(k, "removed")
      else if (now - shook[k] > void) ended(k, "silent")
    }
    # The device is gone for the moment, or the peer is there.
    if ((k in seen) || session[k])
      print "peer", part[1], part[2], session[k] + 0, since[k] + 0, alive[k] + 0, endpoint[k] == "" ? "-" : endpoint[k], rx[k] + 0, tx[k] + 0, received[k] + 0, sent[k] + 0, shook[k] + 0, title(part[1], part[2])
  }
}
`
