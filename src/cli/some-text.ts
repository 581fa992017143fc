import {InvalidArgumentError} from 'commander'

/** An option that has to say something. */
export const someText = (value: string): string => {
  if (value.trim() !== '') return value
  throw new InvalidArgumentError('It must say something.')
}
