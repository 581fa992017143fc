import type {Gap} from './model.ts'

export type Pause = {readonly fromMs: number; readonly toMs: number}

/**
 * How long a gap was a silence of the path: its length less the period, and less the time in which one of the probes itself stood
 * still, but never less than what was lost in it. `pauses` undefined: a probe that does not tell its pauses; then only loss counts.
 */
export const silenceMs = (
  {fromMs, toMs, lost}: Gap,
  periodMs: number,
  pauses: readonly Pause[] | undefined,
): number => {
  const lostMs = lost * periodMs
  if (!pauses) return lost === 0 ? 0 : toMs - fromMs - periodMs
  return Math.max(0, lostMs, toMs - fromMs - periodMs - overlapMs({fromMs, toMs}, pauses))
}

/** How much of a time is covered by others, which may overlap each other. */
const overlapMs = ({fromMs, toMs}: Pause, pauses: readonly Pause[]): number => {
  let covered = 0
  let until = fromMs
  for (const pause of pauses.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const from = Math.max(until, pause.fromMs)
    const to = Math.min(toMs, pause.toMs)
    if (to <= from) continue
    covered += to - from
    until = to
  }
  return covered
}
