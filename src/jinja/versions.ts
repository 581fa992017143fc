import {fail, refuseIt} from './problem.ts'
import {repr} from './text-of.ts'
import {isTrue, typeName} from './values.ts'

type Part = number | string

/** LooseVersion of distutils: numbers and words, one after the other. */
const loose = (text: string): Part[] =>
  text
    .split(/(\d+|[a-z]+|\.)/)
    .filter(part => part !== '' && part !== '.')
    .map(part => (/^\d+$/.test(part) ? Number(part) : part))

const compareLoose = (a: readonly Part[], b: readonly Part[]): number => {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const [left, right] = [a[index] as Part, b[index] as Part]
    if (left === right) continue
    if (typeof left !== typeof right)
      return fail(
        `Version comparison failed: '<' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`,
      )
    return left < right ? -1 : 1
  }
  return a.length - b.length
}

/** StrictVersion: two or three numbers, perhaps a1 or b2 behind them. */
const strictParts = (text: string): number[] => {
  const found = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(text)
  if (!found) return fail(`Version comparison failed: invalid version number '${text}'`)
  const [, major, minor, patch = 0, stage, number = 0] = found
  return [Number(major), Number(minor), Number(patch), stage === undefined ? 2 : stage === 'b' ? 1 : 0, Number(number)]
}

type Semantic = {readonly core: readonly number[]; readonly before: readonly Part[]}

const semantic = (text: string): Semantic => {
  const found = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(text)
  if (!found) return fail(`Version comparison failed: invalid semantic version '${text}'`)
  const before = found[4]?.split('.').map(part => (/^\d+$/.test(part) ? Number(part) : part)) ?? []
  return {core: found.slice(1, 4).map(Number), before}
}

const compareSemantic = (a: Semantic, b: Semantic): number => {
  const core = compareLoose(a.core, b.core)
  if (core !== 0) return core
  if (a.before.length === 0 || b.before.length === 0) return b.before.length - a.before.length
  for (let index = 0; index < Math.min(a.before.length, b.before.length); index++) {
    const [left, right] = [a.before[index] as Part, b.before[index] as Part]
    if (left === right) continue
    if (typeof left !== typeof right) return typeof left === 'number' ? -1 : 1
    return left < right ? -1 : 1
  }
  return a.before.length - b.before.length
}

const operators: Readonly<Record<string, (sign: number) => boolean>> = {
  eq: sign => sign === 0,
  ne: sign => sign !== 0,
  lt: sign => sign < 0,
  le: sign => sign <= 0,
  gt: sign => sign > 0,
  ge: sign => sign >= 0,
}
const names: Readonly<Record<string, string>> = {
  '==': 'eq',
  '=': 'eq',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '!=': 'ne',
  '<>': 'ne',
}

/** The test `version`. */
export const pythonVersions = (
  value: string,
  other: string,
  operator: string,
  strict: unknown,
  type: unknown,
): boolean => {
  if (strict !== undefined && strict !== null && type !== undefined && type !== null)
    return fail("Cannot specify both 'strict' and 'version_type'")
  if (value === '') return fail('Input version value cannot be empty')
  if (other === '') return fail('Version parameter to compare against cannot be empty')
  const test =
    operators[names[operator] ?? operator] ??
    fail(`Invalid operator type (${operator})`, `it can be: ${Object.keys(names).join(' ')}`)
  const kind = isTrue(strict ?? false) ? 'strict' : (type ?? 'loose')
  if (kind === 'loose') return test(compareLoose(loose(value), loose(other)))
  if (kind === 'strict') return test(compareLoose(strictParts(value), strictParts(other)))
  if (kind === 'semver' || kind === 'semantic') return test(compareSemantic(semantic(value), semantic(other)))
  if (kind === 'pep440')
    return refuseIt(
      "version_type='pep440' is not supported",
      'its rules are those of Python packages',
      "write version_type='semver'",
    )
  return fail(`Invalid version type (${repr(kind)})`, 'it can be: loose, strict, semver')
}
