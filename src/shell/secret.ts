import {AsyncLocalStorage} from 'node:async_hooks'
import {inspect} from 'node:util'

const mask = '***'
const register = new AsyncLocalStorage<Set<string>>()

/** Runs `work` with a register of its own, in which every secret that is made or opened in it puts its text. */
export const registeringSecrets = <Result>(work: () => Result): Result => register.run(new Set(), work)

/** The texts of all secrets of the present run; it grows with them. */
export const registeredSecrets = (): ReadonlySet<string> => register.getStore() ?? new Set()

/** For a password that is never a `Secret`: it is masked in the output of the present run. */
export const registerSecret = (text: string): void => void register.getStore()?.add(text)

/** A value that prints as `***` wherever it is shown; only the code that sends it to its host reveals it. */
export class Secret {
  #value: string | number | (() => string)
  /** A function is asked once, when somebody needs the value. A number is one for expressions and schemas. */
  constructor(value: string | number | (() => string)) {
    this.#value = value
    if (typeof value !== 'function') registerSecret(String(value))
  }
  reveal(): string {
    return String(this.open())
  }
  /** With its type, for who computes with it or checks it. */
  open(): string | number {
    if (typeof this.#value === 'function') {
      this.#value = this.#value()
      registerSecret(this.#value)
    }
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
