import {quote} from './quote.ts'
import {Secret} from './secret.ts'

export type Word = string | number | Command
export type Interpolation = Word | readonly Word[]

/** A piece of POSIX shell text, built and never run here; `stdin` is what it reads, the only way a secret may travel. */
export class Command {
  readonly text: string
  readonly stdin: string | Secret | undefined
  constructor(text: string, stdin?: string | Secret) {
    this.text = text
    this.stdin = stdin
  }
  /** The same command, reading `content`. */
  reading(content: string | Secret): Command {
    return new Command(this.text, content)
  }
  toString(): string {
    return this.text
  }
  toJSON(): string {
    return this.text
  }
}

const word = (value: Word): string => {
  if (value instanceof Command) {
    if (value.stdin !== undefined) throw new TypeError('a command that reads content cannot be part of another command')
    return value.text
  }
  if ((value as unknown) instanceof Secret)
    throw new TypeError(
      'a secret may not stand in a command line, where every user of the host can read it: use .reading(secret)',
    )
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new TypeError(`cannot interpolate ${value === null ? 'null' : typeof value} into a command`)
  return quote(String(value))
}

/** Builds a command from a template: every interpolated string, number or list of these is quoted, a Command is not. */
export const $ = (parts: TemplateStringsArray, ...values: Interpolation[]): Command =>
  new Command(
    parts.reduce((text, part, index) => {
      const value = values[index - 1] as Interpolation
      return text + (Array.isArray(value) ? value.map(word).join(' ') : word(value as Word)) + part
    }),
  )

/** Shell text taken as it is, without quoting: for constants of the program, never for values from outside. */
export const raw = (text: string): Command => new Command(text)
