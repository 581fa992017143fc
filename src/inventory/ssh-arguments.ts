import {split} from 'shlex'
import type {Diagnostic, Position} from '../diagnostic.ts'
import {type ConfigLine, configLines} from './ssh-config-lines.ts'

const sshArguments = ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args'] as const

/** Options of the ssh program in the inventory, as words, each with the place of its variable. */
export type GivenArguments = readonly {
  readonly variable: string
  readonly words: readonly string[]
  readonly at: Position
}[]

export const givenArguments = (
  values: Readonly<Record<string, any>>,
  placeOf: (variable: string) => Position,
): GivenArguments =>
  sshArguments.flatMap(variable =>
    values[variable] === undefined ? [] : [{variable, words: split(String(values[variable])), at: placeOf(variable)}],
  )

/** Letters without a value that change nothing here: compression, verbosity, terminal, forwarding of X11. */
const harmless = /^-[CqvtTxX]+$/
/** Keywords that concern only how the ssh program shares its connections. */
const ofTheProgram = /^(control(master|persist|path)|compression|loglevel|tcpkeepalive|batchmode)$/

/** The options as lines of ssh_config, as far as another transport than the ssh program can honour them. */
export const argumentLines = (given: GivenArguments): {lines: ConfigLine[]; problems: Diagnostic[]} => {
  const lines: ConfigLine[] = []
  const problems: Diagnostic[] = []
  for (const {variable, words, at} of given)
    for (let index = 0; index < words.length; index += 1) {
      const word = words[index] ?? ''
      const value = (): string => word.slice(2) || (words[(index += 1)] ?? '')
      if (harmless.test(word)) continue
      if (word.startsWith('-o')) {
        const read = configLines(value(), at.file).map(line => ({...line, at}))
        lines.push(...read.filter(({keyword}) => !ofTheProgram.test(keyword)))
      } else if (word.startsWith('-J')) lines.push({keyword: 'proxyjump', words: [value()], at})
      else if (word.startsWith('-i')) lines.push({keyword: 'identityfile', words: [value()], at})
      else if (word.startsWith('-p')) lines.push({keyword: 'port', words: [value()], at})
      else if (word.startsWith('-l')) lines.push({keyword: 'user', words: [value()], at})
      else {
        problems.push({
          rule: 'not-supported',
          what: `the transport ssh2 cannot honour '${word}' in '${variable}'`,
          fix: "set gatewright_transport: openssh (or --transport openssh), which uses the system's own ssh",
          at,
        })
        break
      }
    }
  return {lines, problems}
}

/** The words without -J: the way through jump hosts is made, and checked, by the engine itself. */
export const withoutJump = (words: readonly string[]): string[] =>
  words.flatMap((word, index) => {
    const isJump = word.startsWith('-J') || words[index - 1] === '-J'
    return isJump ? [] : [word]
  })
