import {InvalidArgumentError} from 'commander'

/** The value of a flag that is a whole number. */
export const wholeNumber =
  (least: number) =>
  (value: string): number => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
    if (number >= least) return number
    throw new InvalidArgumentError(`It must be a whole number, ${least} or more.`)
  }
