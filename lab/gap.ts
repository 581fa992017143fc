/** One answered probe: its number and when the answer came, in milliseconds. */
export type Reply = {readonly sequence: number; readonly atMs: number}

export type Gap = {
  readonly replies: number
  /** Probes up to the last one answered that got no answer. */
  readonly lost: number
  /** Median time between two answers. */
  readonly periodMs: number
  /** Longest time between two answers, less the period: how long nothing came back. */
  readonly gapMs: number
  /** Time of the last answer before the longest gap and the first one after it. */
  readonly fromMs: number
  readonly toMs: number
}

const line = /^\[(\d+\.\d+)\] .*icmp_seq=(\d+) .*time=/

/** Reads the answers out of what `ping -D` (iputils) printed; its sequence numbers wrap at 65536. */
export const repliesOf = (output: string): Reply[] => {
  const replies: Reply[] = []
  let wraps = 0
  for (const text of output.split('\n')) {
    const [, time, sequence] = line.exec(text) ?? []
    if (time === undefined || text.includes('DUP!')) continue
    const last = replies.at(-1)?.sequence ?? 0
    if (Number(sequence) + wraps * 65536 < last - 32768) wraps++
    replies.push({sequence: Number(sequence) + wraps * 65536, atMs: Number(time) * 1000})
  }
  return replies
}

/**
 * The longest gap among answers (RFC 6412's loss of connectivity, seen from outside), or undefined where fewer than
 * `atLeast` answers came: then nothing was measured.
 */
export const longestGap = (replies: readonly Reply[], atLeast = 100): Gap | undefined => {
  if (replies.length < atLeast) return undefined
  const times = replies.map(({atMs}) => atMs)
  const pauses = times
    .slice(1)
    .map((at, index) => ({pause: at - (times[index] ?? at), fromMs: times[index] ?? at, toMs: at}))
  const sorted = pauses.map(({pause}) => pause).toSorted((a, b) => a - b)
  const periodMs = sorted[Math.floor(sorted.length / 2)] ?? 0
  const longest = pauses.reduce((a, b) => (b.pause > a.pause ? b : a))
  const sent = (replies.at(-1)?.sequence ?? 0) - (replies[0]?.sequence ?? 0) + 1
  return {
    replies: replies.length,
    lost: sent - replies.length,
    periodMs,
    gapMs: Math.max(0, longest.pause - periodMs),
    fromMs: longest.fromMs,
    toMs: longest.toMs,
  }
}
