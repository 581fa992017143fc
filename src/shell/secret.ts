import {inspect} from 'node:util'

const mask = '***'

/** A value that prints as `***` wherever it is shown; only the code that sends it to its host reveals it. */
export class Secret {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }
  reveal(): string {
    return this.#value
  }
  toString(): string {
    return mask
  }
  toJSON(): string {
    return mask
  }
  [inspect.custom](): string {
    return mask
  }
}

/** Reveals a secret, passes a plain string through. */
export const reveal = (value: string | Secret): string => (value instanceof Secret ? value.reveal() : value)
