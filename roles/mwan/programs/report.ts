/** What is written down each second: state.json and metrics.prom for readers, memory for the next start of the tracker. */
export const reportAwk = String.raw`
function say(text) { print "log " text }

function unix(t) { return sprintf("%.0f", clock - (now - t)) }
function number(n, format) { return n < 0 ? "null" : sprintf(format, n) }
function up_targets(p,   i, n) {
  for (i = 1; i <= targets[p]; i++) if (failures[p SUBSEP target[p, i]] < conf["down"]) n++
  return n + 0
}
# 0 to 100: answers of the window, none when down.
function score(p) { return state[p] == "down" ? 0 : loss[p] < 0 ? 100 : int(100 - loss[p]) }

function report(   i, p, file, separator, family, key) {
  # A number of its own for each: the reader of these lines may be behind.
  file = dir "/state." ++reports
  printf "{\"version\":1,\"time\":%s,\"steering\":%s,\"override\":%s,\"lost\":%s,\"uplinks\":[", clock, steering ? "true" : "false", override[1] == "" ? "null" : "\"" override[1] " " override[2] "\"", is_lost ? "true" : "false" >file
  for (i = 1; i <= paths; i++) {
    p = path[i]
    printf "%s\n{\"name\":\"%s\",\"family\":%s,\"device\":\"%s\",\"state\":\"%s\",\"since\":%s,\"latency_p95_ms\":%s,\"loss_percent\":%s,\"score\":%d,\"flaps\":%d,\"damped\":%s,\"carrier\":%s,\"selected\":%s,\"targets_up\":%d,\"targets\":%d}", separator, name[p], family_of[p], device[name[p]], state[p], unix(since[p]), number(latency[p], "%d"), number(loss[p], "%.1f"), score(p), flaps(p), is_damped(p) ? "true" : "false", no_carrier[device[name[p]]] ? "false" : "true", (p in selected) ? "true" : "false", up_targets(p), targets[p] >file
    separator = ","
  }
  printf "\n],\"policies\":{" >file
  separator = ""
  for (i = 1; i <= policies; i++) {
    printf "%s\"%s\":{\"ipv4\":\"%s\",\"ipv6\":\"%s\"}", separator, policy_name[i], shares[policy_name[i] "/4"], shares[policy_name[i] "/6"] >file
    separator = ","
  }
  print "}}" >file
  close(file)
  metrics(dir "/metrics." reports)
  print "publish " reports
}

function metrics(file,   i, p) {
  head_of(file, "steering", "whether this gateway steers")
  print "gatewright_mwan_steering " (steering ? 1 : 0) >file
  head_of(file, "lost", "whether every uplink of a family is down")
  print "gatewright_mwan_lost " (is_lost ? 1 : 0) >file
  head_of(file, "updated_seconds", "when this was written, in Unix time")
  print "gatewright_mwan_updated_seconds " clock >file
  family_metric(file, "state", "2 up, 1 degraded, 0 down")
  family_metric(file, "selected", "whether new flows of a policy take it")
  family_metric(file, "latency_p95_seconds", "95th percentile of the round trips in the window")
  family_metric(file, "loss_ratio", "lost probes of the window")
  family_metric(file, "flaps", "how often it was left within an hour")
  close(file)
}

function head_of(file, metric_name, help) {
  print "# HELP gatewright_mwan_" metric_name " " help >file
  print "# TYPE gatewright_mwan_" metric_name " gauge" >file
}

function family_metric(file, metric_name, help,   i, p, v) {
  head_of(file, metric_name, help)
  for (i = 1; i <= paths; i++) {
    p = path[i]
    if (metric_name == "state") v = state[p] == "up" ? 2 : state[p] == "degraded" ? 1 : 0
    if (metric_name == "selected") v = p in selected ? 1 : 0
    if (metric_name == "flaps") v = flaps(p)
    if (metric_name == "latency_p95_seconds") v = latency[p] < 0 ? "NaN" : latency[p] / 1000
    if (metric_name == "loss_ratio") v = loss[p] < 0 ? "NaN" : loss[p] / 100
    print "gatewright_mwan_" metric_name "{uplink=\"" name[p] "\",family=\"ipv" family_of[p] "\"} " v >file
  }
}

# Read by the next start of this program in the same boot; times are seconds since boot.
function remember(   i, p, file, key) {
  file = dir "/memory." reports
  print "memory" >file
  for (i = 1; i <= paths; i++) {
    p = path[i]
    print "was " p " " state[p] " " since[p] " " left[p] + 0 " " (left_at[p] == "" ? "-" : left_at[p]) >file
    if (p in drain_at) print "drains " p " " drain_at[p] >file
  }
  for (key in favourite) print "favours " key " " favourite[key] >file
  close(file)
  remembered = 1
  print "memorise " reports
}
`
