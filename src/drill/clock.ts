/** How far a host's clock is ahead of ours, and by how much that may be wrong: half of the time that asking took. */
export type ClockOffset = {readonly offsetMs: number; readonly uncertainMs: number}

/** Asks `times` times and takes the quickest answer, as NTP does (RFC 5905 10). `read` gives the host's Unix time in ms. */
export const compareClocks = async (
  now: () => number,
  read: () => Promise<number>,
  times = 5,
): Promise<ClockOffset> => {
  let best: ClockOffset | undefined
  for (let round = 0; round < times; round += 1) {
    const asked = now()
    const theirs = await read()
    const answered = now()
    const uncertainMs = (answered - asked) / 2
    if (!best || uncertainMs < best.uncertainMs) best = {offsetMs: theirs - (asked + answered) / 2, uncertainMs}
  }
  return best ?? {offsetMs: 0, uncertainMs: 0}
}
