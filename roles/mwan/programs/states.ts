/**
 * Which uplinks are up, degraded or down, from the probes alone. Leaving is at once, returning takes `up` answers in a row from
 * the required number of targets (the first ones where there is nothing else), a whole window below stricter thresholds, and `hold` seconds since it was left; one that left too often within an
 * hour is damped.
 */
export const statesAwk = String.raw`
function result(p, address, ms,   k) {
  k = p SUBSEP address
  sample(k, now, ms)
  if (ms < 0) { failures[k]++; successes[k] = 0 }
  else { successes[k]++; failures[k] = 0; answered[k] = now }
}

# A prober that says nothing (no route, no device, no process) has lost what it should have sent.
function hear_silence(p,   i, k, patience) {
  patience = conf["timeout"] + 2 * conf["interval"]
  for (i = 1; i <= targets[p]; i++) {
    k = p SUBSEP target[p, i]
    # This program itself did not run for a while: then nobody was listening.
    if (!(k in heard) || now - ticked > 5 * conf["tick"] + patience) heard[k] = now
    while (now - heard[k] > patience) {
      heard[k] += conf["interval"]
      result(p, target[p, i], -1)
    }
  }
}

function flaps(p,   n, i, fields, recent) {
  n = split(left_at[p], fields, ",")
  for (i = 1; i <= n; i++)
    if (fields[i] > now - 3600) recent = recent (recent == "" ? "" : ",") fields[i]
  left_at[p] = recent
  return recent == "" ? 0 : split(recent, fields, ",")
}

function is_damped(p) { return flaps(p) > conf["flaps"] }
function pause(p) { return is_damped(p) ? conf["damp"] : conf["hold"] }

# Better than the stricter thresholds; the hold is no use to an uplink that is well for a moment only.
function is_well(p, returned) {
  if (returned >= required(p) && latency[p] >= 0 && latency[p] < conf["latency_up"] && loss[p] >= 0 && loss[p] < conf["loss_up"])
    return now - well_since[p] >= conf["window"]
  well_since[p] = now
  return 0
}

function judge(p,   i, k, alive, returned, to) {
  for (i = 1; i <= targets[p]; i++) {
    k = p SUBSEP target[p, i]
    if (failures[k] < conf["down"]) alive++
    if (successes[k] >= conf["up"]) returned++
  }
  to = state[p]
  if (no_carrier[device[name[p]]] || alive < required(p)) to = "down"
  else if (state[p] == "up") {
    # One or two lost packets are no loss rate.
    if (latency[p] > conf["latency_down"] || (loss[p] > conf["loss_down"] && missed[p] >= 3)) to = "degraded"
  } else if (is_well(p, returned) && now - left[p] >= pause(p)) to = "up"
  else if (state[p] == "down" && (returned >= required(p) || (answering(p, -1) >= required(p) && is_last(p)))) to = "degraded"
  if (to != state[p]) enter(p, to)
}

# A policy has nothing else: then the first answers are enough.
function is_last(p,   i) {
  for (i = 1; i <= policies; i++) if (is_member(policy_name[i], name[p]) && !others(policy_name[i], p)) return 1
  return 0
}

# How many other uplinks a policy could use, of the same family.
function others(policy, p,   i, q, n) {
  for (i = 1; i <= members[policy]; i++) {
    q = member[policy, i] "/" family_of[p]
    if (q != p && (q in state) && state[q] != "down") n++
  }
  return n + 0
}

function enter(p, to) {
  say(p " is " to ", it was " state[p] measured(p))
  if (state[p] == "up") left_at[p] = left_at[p] (left_at[p] == "" ? "" : ",") now
  if (state[p] == "up" || to == "down") left[p] = now
  state[p] = to
  since[p] = now
  remembered = 0
  if (to == "down") owed[p] = 1
  else delete owed[p]
}

function measured(p) {
  if (no_carrier[device[name[p]]]) return ": no carrier on " device[name[p]]
  return (latency[p] < 0 ? "" : ": p95 " latency[p] " ms") (loss[p] < 0 ? "" : ", " sprintf("%.1f", loss[p]) " % lost")
}
`
