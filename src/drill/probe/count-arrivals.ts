/** When a numbered datagram came, in milliseconds of a clock, and its number. */
export type Arrivals = {readonly numbers: readonly number[]; readonly times: readonly number[]}

export type Count = {
  readonly sent: number
  readonly lost: number
  readonly duplicates: number
  readonly reordered: number
  /** Longest first. */
  readonly gaps: readonly {fromMs: number; toMs: number; lost: number}[]
}

/**
 * What one receiving end makes of its arrivals between two times: RFC 6412's loss of connectivity. Part of the probe program, so
 * it stands alone: it is sent to the probes as text.
 */
export function countArrivals({numbers, times}: Arrivals, periodMs: number, fromMs: number, toMs: number): Count {
  const seen = new Set<number>()
  const late: number[] = []
  const gaps: {fromMs: number; toMs: number; lost: number}[] = []
  let duplicates = 0
  let reordered = 0
  let first = -1
  let highest = -1
  let before = fromMs
  const pause = (at: number, lost: number): void => {
    // Shorter than three periods is jitter (RFC 6413 counts from three lost packets).
    if (at - before > 3 * periodMs) gaps.push({fromMs: before, toMs: at, lost})
    before = at
  }
  for (let index = 0; index < times.length; index += 1) {
    const at = times[index] ?? 0
    const number = numbers[index] ?? 0
    if (at < fromMs) continue
    if (at > toMs) {
      late.push(number)
      continue
    }
    if (first < 0) first = number
    if (seen.has(number)) duplicates += 1
    else if (number < highest) reordered += 1
    pause(at, highest < 0 ? 0 : Math.max(0, number - highest - 1))
    seen.add(number)
    highest = Math.max(highest, number)
  }
  // What was sent after the last arrival is known as silence only.
  const silent = Math.max(0, Math.round((toMs - before) / periodMs) - 1)
  pause(toMs, silent)
  // Late is not lost: a probe that was held up sends and receives what was due when it goes on.
  for (const number of late) if (number > highest && number <= highest + silent) seen.add(number)
  const sent = (first < 0 ? 0 : highest - first + 1) + silent
  gaps.sort((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs))
  return {
    sent,
    lost: Math.max(0, sent - seen.size),
    duplicates,
    reordered,
    gaps: gaps.slice(0, 100),
  }
}
