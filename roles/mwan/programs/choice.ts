/**
 * Which uplink new flows of a policy take: 60 buckets per policy and family in the map `choice`, and in the sets `moved` the marks of
 * uplinks whose flows choose anew with their next packet; replaced in one transaction of nftables. 60 divides evenly among 2, 3, 4, 5 and 6; a bucket keeps its uplink while that is usable, so that the hash of a
 * sticky flow moves only where it must.
 */
export const choiceAwk = String.raw`
# Lower is better; members of equal rank share. 1e9: not to be used.
function rank(policy, p, i,   r) {
  if (!(p in state) || state[p] == "down") return 1e9
  if (override[1] == "prefer" && override[2] == name[p]) return -1
  r = state[p] == "up" ? 0 : 1e5
  if (override[1] == "drain" && override[2] == name[p]) r += 2e5
  return r + (chooses[policy] == "latency" ? 0 : metric[policy, i])
}

function buckets(policy, family,   i, p, best, ranked, key) {
  best = 1e9
  for (i = 1; i <= members[policy]; i++) {
    p = member[policy, i] "/" family
    ranks[i] = rank(policy, p, i)
    if (ranks[i] < best) best = ranks[i]
  }
  if (chooses[policy] == "latency" && best < 1e9) keep_fastest(policy, family, best)
  for (i = 1; i <= members[policy]; i++) ranked = ranked " " ranks[i]
  key = policy "/" family
  if (ranked != ranked_as[key]) { text_of[key] = divide(policy, family, best, key); ranked_as[key] = ranked }
  for (i = 1; i <= members[policy]; i++) if (has[key, i]) selected[member[policy, i] "/" family] = 1
  return text_of[key]
}

function divide(policy, family, best, key,   i, b, text, owner, known, base) {
  shares[key] = ""
  for (i = 1; i <= members[policy]; i++) {
    has[key, i] = 0
    if ((member[policy, i] "/" family) in state) known = 1
  }
  # A family that no member has is none of the policy's business, and main decides; unless only tunnels may carry it.
  if ((!known && last[policy] !~ /^confined/) || (best == 1e9 && last[policy] == "default")) return ""
  base = offset[policy] + (family == 6 ? 64 : 0)
  for (b = 0; b < 60; b++) {
    owner = best == 1e9 ? 0 : owner_of(policy, b, best)
    if (owner) has[key, owner]++
    text = text (b ? ", " : "") (base + b) " : goto " (owner ? (last[policy] ~ /^confined/ ? "confine_" : "use_") member[policy, owner] : "lost_" last[policy])
  }
  for (i = 1; i <= members[policy]; i++)
    if (has[key, i]) shares[key] = shares[key] (shares[key] == "" ? "" : ",") member[policy, i] "=" has[key, i]
  return text
}

# The members of the best metric divide the buckets, whether usable or not; what falls to one that is not goes to the others.
function owner_of(policy, b, best,   i, of, tier) {
  for (i = 1; i <= members[policy]; i++)
    if (ranks[i] == best) { tier = metric[policy, i]; break }
  if (best >= 0 && best < 1e5 && chooses[policy] != "latency") {
    i = draw(policy, b, tier, 1e9)
    if (ranks[i] == best) return i
  }
  return draw(policy, (b * 37 + 11) % 60, "", best)
}

function draw(policy, b, tier, only,   i, total, position) {
  for (i = 1; i <= members[policy]; i++)
    if (tier == "" ? ranks[i] == only : metric[policy, i] == tier) total += weight[policy, i]
  position = (b + 0.5) * total / 60
  for (i = 1; i <= members[policy]; i++)
    if (tier == "" ? ranks[i] == only : metric[policy, i] == tier) {
      position -= weight[policy, i]
      if (position < 0) return i
    }
}

# One of several uplinks that are equally well: the present one, until another was clearly faster for long enough.
function keep_fastest(policy, family, best,   i, p, q, fastest, present, key) {
  key = policy "/" family
  for (i = 1; i <= members[policy]; i++) {
    if (ranks[i] != best) continue
    p = member[policy, i] "/" family
    if (p == favourite[key]) present = i
    if (!fastest || (latency[p] >= 0 && (latency[q] < 0 || latency[p] < latency[q]))) { fastest = i; q = p }
  }
  p = favourite[key]
  if (!present) { present = fastest; favourite[key] = q; remembered = 0; delete contender[key] }
  else if (p != q && latency[p] - latency[q] > conf["better_ms"] && latency[q] >= 0 && latency[q] < latency[p] * (1 - conf["better_percent"] / 100)) {
    if (contender[key] != q) { contender[key] = q; contender_since[key] = now }
    if (now - contender_since[key] >= conf["better_time"]) {
      say(key " prefers " q " (p95 " latency[q] " ms) to " p " (" latency[p] " ms)")
      present = fastest; favourite[key] = q; remembered = 0; delete contender[key]
    }
  } else delete contender[key]
  for (i = 1; i <= members[policy]; i++) if (i != present && ranks[i] == best) ranks[i] = 1e9
}

function choose(always,   i, family, text, all, moving, p) {
  for (p in selected) { was_selected[p] = 1; delete selected[p] }
  for (i = 1; i <= policies; i++)
    for (family = 4; family <= 6; family += 2) {
      text = buckets(policy_name[i], family)
      if (text != "") all = all (all == "" ? "" : ", ") text
    }
  if (all != chosen) for (p in was_selected) if (!(p in selected) && state[p] == "up") leave_behind(p)
  for (p in was_selected) delete was_selected[p]
  for (p in selected) { delete drain_at[p]; delete vacated[p] }
  for (p in drain_at) if (now >= drain_at[p]) { vacate(p); delete drain_at[p]; remembered = 0 }
  for (p in owed) if (is_replaceable(p)) { to_flush[p] = 1; delete owed[p] }
  moving = replaced("map", "choice", all) "; " replaced("set", "moved4", leaving(4)) "; " replaced("set", "moved6", leaving(6))
  if (steering && (moving != told || always)) print "nft " moving
  chosen = all
  told = moving
  for (p in to_flush) {
    if (steering) print "flush " family_of[p] " " flows[name[p]] " " (on_down[name[p]] == "move" ? "nat" : "all")
    delete to_flush[p]
  }
}

function replaced(kind, of, elements) {
  return "flush " kind " inet gatewright_mwan " of (elements == "" ? "" : "; add element inet gatewright_mwan " of " { " elements " }")
}

# Marks of the uplinks whose flows are to go elsewhere: those that are dead, and those that they have to leave.
function leaving(family,   i, p, all, field) {
  for (i = 1; i <= paths; i++) {
    p = path[i]
    if (family_of[p] != family || on_down[name[p]] != "move") continue
    if (!(p in vacated) && !(state[p] == "down" && is_replaceable(p))) continue
    split(flows[name[p]], field, "/")
    all = all (all == "" ? "" : ", ") field[1]
  }
  return all
}

# Nothing is gained by ending or moving flows that have nowhere else to go, and where every uplink fell silent at once it may be this
# host that heard nothing. So the flows of a dead uplink leave when another one of its policies has answered since, while it is silent
# still; and not for one that is just back itself, before a probe of this one had the time to be.
function is_replaceable(p,   i, j, q) {
  if (!no_carrier[device[name[p]]] && answering(p, -1) >= required(p)) return 0
  for (i = 1; i <= policies; i++) {
    if (!is_member(policy_name[i], name[p])) continue
    for (j = 1; j <= members[policy_name[i]]; j++) {
      q = member[policy_name[i], j] "/" family_of[p]
      if (q == p || !(q in state) || state[q] == "down" || now - since[q] < conf["timeout"] + 2 * conf["interval"]) continue
      if (answering(q, since[p]) >= required(q)) return 1
    }
  }
  return 0
}

function is_member(policy, uplink,   i) {
  for (i = 1; i <= members[policy]; i++) if (member[policy, i] == uplink) return 1
  return 0
}

# Targets whose last probe was answered, and after that time.
function answering(p, after,   i, k, n) {
  for (i = 1; i <= targets[p]; i++) {
    k = p SUBSEP target[p, i]
    if (successes[k] > 0 && answered[k] > after) n++
  }
  return n + 0
}

# New flows go elsewhere although this uplink is well: what happens to its own.
function leave_behind(p) {
  if (override[1] == "drain" && override[2] == name[p]) return
  if (conf["failback"] == "flush") vacate(p)
  if (conf["failback"] == "drain") { drain_at[p] = now + conf["drain"]; remembered = 0 }
}

function vacate(p) { to_flush[p] = 1; if (on_down[name[p]] == "move") vacated[p] = 1 }
`
