import {InvalidArgumentError} from 'commander'

/** The value of a flag that is a whole number. */
export const wholeNumber =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (value: string): number => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
    if (number >= least && number <= most) return number
    const upper = most === Number.MAX_SAFE_INTEGER ? 'or more' : `to ${most}`
    throw new InvalidArgumentError(`It must be a whole number, ${least} ${upper}.`)
  }
