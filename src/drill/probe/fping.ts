import type {Arrivals} from './count-arrivals.ts'

/** An echo each 10 ms, which fping allows everybody; a line with the time of each answer (-D). */
export const fpingPeriodMs = 10
export const fpingWords = (address: string): readonly string[] => [
  'fping',
  '-D',
  '-l',
  '-p',
  String(fpingPeriodMs),
  '-t',
  '500',
  address,
]

const line = /^\[(\d+\.\d+)\] \S+ +: \[(\d+)\], \d+ bytes, [\d.]+ ms/

/** The answers among the lines of fping(8); lines of what timed out have no `bytes`. */
export const arrivalsOf = (lines: readonly string[]): Arrivals => {
  const found = lines.flatMap(text => {
    const [, time, number] = line.exec(text) ?? []
    return time === undefined ? [] : [{number: Number(number), at: Number(time) * 1000}]
  })
  return {numbers: found.map(({number}) => number), times: found.map(({at}) => at)}
}
