import {fail} from '../problem.ts'
import {str} from '../text-of.ts'
import {type Dict, isDict, isInt, isNumber, KeptText, toNumber, typeName} from '../values.ts'

/** Text, where Python would take nothing else. */
export const needText = (value: unknown, what = 'text'): string => {
  if (typeof value === 'string') return value
  return value instanceof KeptText
    ? value.text
    : fail(`${what} is needed here, not ${typeName(value)}`, 'write … | string')
}
/** A number, where Python would take nothing else. */
export const needNumber = (value: unknown): number =>
  isNumber(value)
    ? toNumber(value)
    : fail(`a number is needed here, not ${typeName(value)}`, 'write … | int or … | float')
export const needInt = (value: unknown): number =>
  isInt(value) || typeof value === 'boolean'
    ? Number(value)
    : fail(`a whole number is needed here, not ${typeName(value)}`, 'write … | int')
export const needDict = (value: unknown, who: string): Dict =>
  isDict(value) ? value : fail(`${who} needs a mapping, not ${typeName(value)}`)
export const needList = (value: unknown, who: string): readonly unknown[] =>
  Array.isArray(value) ? value : fail(`${who} needs a list, not ${typeName(value)}`)
/** As text, whatever it is. */
export const asText = (value: unknown): string => str(value)
