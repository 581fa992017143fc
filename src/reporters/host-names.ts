import {listed} from './text.ts'

/** Fewer than these are named one by one. */
const leastRange = 3

type Part = {readonly before: string; readonly digits: string; readonly after: string}

/** `gw01` to `gw48` as `gw[01:48]`, as in an inventory; others by name, in their order. */
export const rangesOf = (names: readonly string[]): string[] => {
  // A name may hold several numbers; the one that gives the fewest ranges is it.
  const ways = [/^(.*?)(\d+)(.*)$/s, /^(.*\D|)(\d+)(.*)$/s].map(pattern => rangesBy(names, pattern))
  return ways.toSorted((a, b) => a.length - b.length)[0] ?? []
}

const rangesBy = (names: readonly string[], pattern: RegExp): string[] => {
  const runs: {last: Part | undefined; names: string[]}[] = []
  for (const name of names) {
    const [, before = '', digits, after = ''] = pattern.exec(name) ?? []
    const part = digits === undefined ? undefined : {before, digits, after}
    const run = runs.at(-1)
    if (run?.last && part && follows(part, run.last)) {
      run.names.push(name)
      run.last = part
    } else runs.push({last: part, names: [name]})
  }
  return runs.flatMap(({last, names: run}) => {
    const first = pattern.exec(run[0] ?? '')?.[2]
    if (run.length < leastRange || !last) return run
    return [`${last.before}[${first}:${last.digits}]${last.after}`]
  })
}

const follows = (part: Part, last: Part): boolean =>
  part.before === last.before &&
  part.after === last.after &&
  Number(part.digits) === Number(last.digits) + 1 &&
  (part.digits.length === last.digits.length || !(part.digits.startsWith('0') || last.digits.startsWith('0')))

/** Names in ranges; of many the first, and how many more. */
export const namesText = (names: readonly string[], shown: number): string => listed(rangesOf(names), shown)
