/**
 * What was measured of late. A target's probes of the last `window` seconds are kept as counts per millisecond, so that p95 needs
 * no sorting. A path is judged by the `required` best of its targets: one that is slow or gone condemns nothing.
 */
export const windowsAwk = String.raw`
# Samples of the last seconds, by path and target.
function sample(k, t, ms) {
  # A number from the first one on: an unset one would be the empty index.
  tail[k] += 0
  head[k] += 0
  at[k, tail[k]] = t
  value[k, tail[k]++] = ms
  if (ms < 0) lost[k]++
  else bins[k, ms]++
}

function expire(k,   i, ms) {
  while (head[k] < tail[k] && at[k, i = head[k]] <= now - conf["window"]) {
    ms = value[k, i]
    if (ms < 0) lost[k]--
    else if (--bins[k, ms] == 0) delete bins[k, ms]
    delete at[k, i]
    delete value[k, i]
    head[k]++
  }
}

# In whole milliseconds, the nearest rank; -1 with fewer than ten answers: never by a single ping.
function p95(k,   answers, rank, seen, ms) {
  answers = tail[k] - head[k] - lost[k]
  if (answers < 10) return -1
  rank = int(0.95 * answers)
  if (rank < 0.95 * answers) rank++
  for (ms = 1; ms <= slowest; ms++)
    if ((k, ms) in bins && (seen += bins[k, ms]) >= rank) return ms
  return slowest
}

# Sets latency[p] (ms) and loss[p] (percent) from the required best targets; -1: not known.
function measure(p,   n, i, j, k, total, gone, rank, ms, percent, swap) {
  for (i = 1; i <= targets[p]; i++) {
    k = p SUBSEP target[p, i]
    expire(k)
    total = tail[k] - head[k]
    by_latency[i] = p95(k)
    if (by_latency[i] < 0) by_latency[i] = 1e9
    by_loss[i] = total ? lost[k] / total : 1
    of_loss[i] = k
  }
  n = targets[p]
  for (i = 1; i <= n; i++)
    for (j = i + 1; j <= n; j++) {
      if (by_latency[j] < by_latency[i]) { swap = by_latency[i]; by_latency[i] = by_latency[j]; by_latency[j] = swap }
      if (by_loss[j] < by_loss[i]) {
        swap = by_loss[i]; by_loss[i] = by_loss[j]; by_loss[j] = swap
        swap = of_loss[i]; of_loss[i] = of_loss[j]; of_loss[j] = swap
      }
    }
  latency[p] = by_latency[required(p)] < 1e9 ? by_latency[required(p)] : -1
  total = 0
  for (i = 1; i <= required(p); i++) {
    k = of_loss[i]
    total += tail[k] - head[k]
    gone += lost[k]
  }
  missed[p] = gone + 0
  loss[p] = total < 10 ? -1 : 100 * gone / total
}

function required(p) { return targets[p] < conf["required"] ? targets[p] : conf["required"] }
`
