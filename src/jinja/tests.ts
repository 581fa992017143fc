import {bind, type Given} from './arguments.ts'
import {compare, contains, equals} from './compare.ts'
import type {Tools} from './evaluator.ts'
import {knowsFilter, knowsTest} from './evaluator.ts'
import {regexOf} from './filters/regex-filters.ts'
import {fail, refuseIt} from './problem.ts'
import {str} from './text-of.ts'
import {
  Callable,
  held,
  isDict,
  isFloat,
  isInt,
  isNumber,
  isTrue,
  iterate,
  KeptText,
  toNumber,
  typeName,
  Undefined,
} from './values.ts'
import {pythonVersions} from './versions.ts'

type Test = (value: unknown, given: Given, tools: Tools) => boolean

const isText = (value: unknown): boolean => typeof value === 'string' || value instanceof KeptText
const textOf = (value: unknown): string => str(value)
const number = (value: unknown): number =>
  isNumber(value) ? toNumber(value) : fail(`a ${typeName(value)} is no number`)

/** A key of a registered result; `usual` where it has none. */
const resultKey = (value: unknown, name: string, key: string, usual: unknown): unknown => {
  if (!isDict(value))
    return fail(`the test '${name}' needs a registered result, not ${typeName(value)}`, 'register it first')
  return held(value, key) ?? usual
}
const failed: Test = value => isTrue(resultKey(value, 'failed', 'failed', false))
const succeeded: Test = value => !isTrue(resultKey(value, 'succeeded', 'failed', false))
const skipped: Test = value => isTrue(resultKey(value, 'skipped', 'skipped', false))
const changed: Test = value => {
  const own = resultKey(value, 'changed', 'changed', undefined)
  if (own !== undefined) return isTrue(own)
  const results = resultKey(value, 'changed', 'results', [])
  return Array.isArray(results) && results.some(result => isDict(result) && isTrue(held(result, 'changed') ?? false))
}
const matching =
  (name: string, how: 'match' | 'search' | 'fullmatch'): Test =>
  (value, given) => {
    const [pattern = '', ignoreCase, multiline, type = how] = bind(
      name,
      ['pattern=', 'ignorecase=', 'multiline=', ...(name === 'regex' ? ['match_type='] : [])],
      given,
    )
    const regex = regexOf(pattern, ignoreCase, multiline)
    const found = regex.exec(textOf(value))
    if (type === 'search') return found !== null
    const text = textOf(value)
    const anchored = new RegExp(
      type === 'fullmatch' ? `^(?:${regex.source})$` : `(?:${regex.source})`,
      `${regex.flags}y`.replace('g', ''),
    )
    const start = anchored.exec(text)
    return start !== null && start.index === 0 && (type !== 'fullmatch' || start[0].length === text.length)
  }
const version: Test = (value, given) => {
  const [other, operator = 'eq', strict, type] = bind(
    'version',
    ['version', 'operator=', 'strict=', 'version_type='],
    given,
  )
  return pythonVersions(textOf(value), textOf(other), textOf(operator), strict, type)
}
const order =
  (name: string, test: (sign: number) => boolean): Test =>
  (value, given) =>
    test(compare(value, bind(name, ['b'], given)[0]))
const equal: Test = (value, given) => equals(value, bind('==', ['b'], given)[0])
const every = (a: unknown, b: unknown): boolean => iterate(a).every(item => contains(iterate(b), item))
const looks = 'it looks at files of the machine that gatewright runs on'

/** Tests of Ansible that no expression can use, and why. */
export const refusedTests: Readonly<Record<string, string>> = {
  vault_encrypted: 'an encrypted value is a secret here, whether it came from a vault or not',
  ...Object.fromEntries(
    'directory is_dir file is_file link is_link exists link_exists is_same_file same_file mount is_mount'
      .split(' ')
      .map(name => [name, looks]),
  ),
}

/** Every test, by its short name. */
export const tests: Readonly<Record<string, Test>> = {
  defined: value => !(value instanceof Undefined),
  undefined: value => value instanceof Undefined,
  none: value => value === null,
  boolean: value => typeof value === 'boolean',
  true: value => value === true,
  false: value => value === false,
  integer: value => isInt(value),
  float: value => isFloat(value),
  number: value => isNumber(value),
  string: isText,
  mapping: value => isDict(value),
  sequence: value => Array.isArray(value) || isText(value) || isDict(value),
  iterable: value => Array.isArray(value) || isText(value) || isDict(value),
  callable: value => value instanceof Callable,
  odd: value => Math.abs(number(value) % 2) === 1,
  even: value => number(value) % 2 === 0,
  divisibleby: (value, given) => number(value) % number(bind('divisibleby', ['num'], given)[0]) === 0,
  lower: value => textOf(value) === textOf(value).toLowerCase() && textOf(value) !== textOf(value).toUpperCase(),
  upper: value => textOf(value) === textOf(value).toUpperCase() && textOf(value) !== textOf(value).toLowerCase(),
  escaped: () => false,
  filter: value => typeof value === 'string' && knowsFilter(value),
  test: value => typeof value === 'string' && knowsTest(value),
  sameas: (value, given) => {
    const [other] = bind('sameas', ['other'], given)
    if (value !== null && typeof value === 'object')
      return refuseIt('sameas of lists and mappings is not supported', 'it compares places in memory', 'write ==')
    return value === other && typeof value === typeof other
  },
  in: (value, given) => contains(bind('in', ['seq'], given)[0], value),
  contains: (value, given) => contains(value, bind('contains', ['value'], given)[0]),
  '==': equal,
  '!=': (value, given, tools) => !equal(value, given, tools),
  '<': order('<', sign => sign < 0),
  '<=': order('<=', sign => sign <= 0),
  '>': order('>', sign => sign > 0),
  '>=': order('>=', sign => sign >= 0),
  eq: equal,
  equalto: equal,
  ne: (value, given, tools) => !equal(value, given, tools),
  lt: order('lt', sign => sign < 0),
  lessthan: order('lessthan', sign => sign < 0),
  le: order('le', sign => sign <= 0),
  gt: order('gt', sign => sign > 0),
  greaterthan: order('greaterthan', sign => sign > 0),
  ge: order('ge', sign => sign >= 0),
  subset: (value, given) => every(value, bind('subset', ['b'], given)[0]),
  issubset: (value, given) => every(value, bind('issubset', ['b'], given)[0]),
  superset: (value, given) => every(bind('superset', ['b'], given)[0], value),
  issuperset: (value, given) => every(bind('issuperset', ['b'], given)[0], value),
  nan: value => isNumber(value) && Number.isNaN(toNumber(value)),
  isnan: value => isNumber(value) && Number.isNaN(toNumber(value)),
  all: value => iterate(value).every(isTrue),
  any: value => iterate(value).some(isTrue),
  match: matching('match', 'match'),
  search: matching('search', 'search'),
  regex: matching('regex', 'search'),
  version,
  version_compare: version,
  truthy: (value, given) => truthy(value, given),
  falsy: (value, given) => !truthy(value, given),
  failed,
  failure: failed,
  succeeded,
  success: succeeded,
  successful: succeeded,
  changed,
  change: changed,
  skipped,
  skip: skipped,
  unreachable: value => isTrue(resultKey(value, 'unreachable', 'unreachable', false)),
  reachable: value => !isTrue(resultKey(value, 'reachable', 'unreachable', false)),
  finished: value => Number(resultKey(value, 'finished', 'finished', 1)) === 1,
  started: value => Number(resultKey(value, 'started', 'started', 1)) === 1,
  abs: value => textOf(value).startsWith('/'),
  is_abs: value => textOf(value).startsWith('/'),
  ...Object.fromEntries(
    Object.entries(refusedTests).map(([name, why]) => [
      name,
      () => refuseIt(`the test '${name}' is not supported`, why),
    ]),
  ),
}

/** `convert_bool`: words such as "no" are what they say. */
const truthy = (value: unknown, given: Given): boolean => {
  const [convert = false] = bind('truthy', ['convert_bool='], given)
  const text = (isText(value) ? textOf(value) : isNumber(value) ? String(toNumber(value)) : '').toLowerCase().trim()
  if (isTrue(convert)) {
    if (['y', 'yes', 'on', '1', 'true', 't', '1.0'].includes(text)) return true
    if (['n', 'no', 'off', '0', 'false', 'f', '0.0'].includes(text)) return false
  }
  return isTrue(value)
}
