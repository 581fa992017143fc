import type {Findings} from '../diagnostics/findings.ts'
import {spotOf} from '../diagnostics/positions.ts'
import {toBoolean} from './boolean.ts'
import {coerceParameters} from './coerce-parameters.ts'
import {EvaluationError} from './evaluation-error.ts'
import type {RawPlay} from './read-playbook.ts'
import {staticValue} from './static-values.ts'

type Order = (hosts: readonly string[]) => readonly string[]
const byName = (a: string, b: string): number => (a < b ? -1 : 1)
const orders: Readonly<Record<string, Order>> = {
  reverse_inventory: hosts => hosts.toReversed(),
  sorted: hosts => hosts.toSorted(byName),
  reverse_sorted: hosts => hosts.toSorted(byName).toReversed(),
  shuffle: hosts =>
    hosts
      .map(host => ({host, at: Math.random()}))
      .toSorted((a, b) => a.at - b.at)
      .map(({host}) => host),
}

type Size = number | string

/** What a play says of itself as a whole; it cannot differ between its hosts. */
export type PlaySettings = {
  readonly gatherFacts: boolean
  readonly serial: Size | readonly Size[] | undefined
  readonly anyErrorsFatal: boolean
  readonly maxFailPercentage: number | undefined
  readonly order: Order
}

export const playSettings = ({raw, at, statics}: RawPlay, findings: Findings): PlaySettings => {
  const place = (key: string) => spotOf(raw, key)?.value ?? at
  const read = (key: string): unknown =>
    raw[key] === undefined || raw[key] === null ? undefined : staticValue(raw[key], place(key), statics, findings)
  const flag = (key: string, otherwise: boolean): boolean => {
    const value = read(key)
    if (value === undefined) return otherwise
    try {
      return toBoolean(value, key, place(key))
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error
      findings.add(error.toDiagnostic(undefined))
      return otherwise
    }
  }
  const percentage = read('max_fail_percentage')
  const most = coerceParameters({type: 'number'}, String(percentage).replace(/%$/, ''))
  const wrong = (key: string, what: string): void =>
    findings.add({rule: 'invalid-key', what: `'${key}' must be ${what}`, at: place(key)})
  if (percentage !== undefined && typeof most !== 'number') wrong('max_fail_percentage', 'a percentage')
  const serial = read('serial') as PlaySettings['serial']
  if (serial !== undefined && ![serial].flat().every(size => /^([1-9]\d*|\d+%)$/.test(String(size))))
    wrong('serial', 'a number of hosts, a percentage, or a list of these')
  return {
    gatherFacts: flag('gather_facts', true),
    serial,
    anyErrorsFatal: flag('any_errors_fatal', false),
    maxFailPercentage: typeof most === 'number' ? most : undefined,
    order: orders[String(raw['order'])] ?? (hosts => hosts),
  }
}
