import type {Argument, Command, Option} from 'commander'
import {type Candidates, candidatesOf, type Given} from './candidates.ts'
import type {Io} from './io.ts'

/** One way to go on: the whole word, and what it means. */
export type Candidate = {readonly word: string; readonly says?: string}

/**
 * How a command line may go on, asked by the scripts of `gatewright completion`. `words` are those after `gatewright`; the
 * last is the one that is being typed. Everything about commands and flags comes from the program itself.
 */
export const complete = async (program: Command, words: readonly string[], io: Io): Promise<readonly Candidate[]> => {
  const last = words.at(-1) ?? ''
  const {command, given, awaited, positionals, isBare} = readWords(program, words.slice(0, -1))
  const found = (of: Candidates, typed = last, before = ''): Candidate[] =>
    of.flatMap(each => {
      const {word, ...rest} = typeof each === 'string' ? {word: each} : each
      return word.startsWith(typed) ? [{word: before + word, ...rest}] : []
    })
  const ask = async (of: Option | Argument, typed: string, before = ''): Promise<Candidate[]> =>
    found(of.argChoices ?? (await candidatesOf(placeholderOf(of), {...given, typed}, io)), typed, before)
  if (awaited) return ask(awaited, last)
  const [, flag = '', value] = /^(--[^=]+)=(.*)$/s.exec(last) ?? []
  const withValue = isBare ? undefined : optionsOf(command).find(({long}) => long === flag)
  if (withValue?.required && value !== undefined) return ask(withValue, value, `${flag}=`)
  if (!isBare && last.startsWith('-')) return found(optionsOf(command).flatMap(flagsOf))
  if (command.commands.length > 0) return found(command.commands.filter(isShown).map(nameOf))
  if (command.name() === 'help') return found(program.commands.filter(isShown).map(nameOf))
  const wanted = command.registeredArguments
  const argument = wanted[positionals] ?? (wanted.at(-1)?.variadic ? wanted.at(-1) : undefined)
  return argument ? ask(argument, last) : []
}

type Read = {
  readonly command: Command
  readonly given: Omit<Given, 'typed'>
  /** The flag whose value is typed. */
  readonly awaited: Option | undefined
  readonly positionals: number
  /** After `--` nothing is a flag. */
  readonly isBare: boolean
}

const readWords = (program: Command, words: readonly string[]): Read => {
  const values = new Map<string, string[]>()
  const bare: string[] = []
  let command = program
  let awaited: Option | undefined
  let isBare = false
  const note = (option: Option, value: string): void => {
    const name = option.attributeName()
    values.set(name, [...(values.get(name) ?? []), value])
  }
  for (const word of words) {
    const option = isBare || awaited ? undefined : optionIn(command, word)
    if (awaited) {
      note(awaited, word)
      awaited = undefined
    } else if (!isBare && word === '--') isBare = true
    else if (option) {
      if (option.value === undefined) awaited = option.option
      else note(option.option, option.value)
    } else if (isBare || !word.startsWith('-')) {
      const sub = command.commands.find(each => each.name() === word || each.aliases().includes(word))
      if (sub) command = sub
      else bare.push(word)
    }
  }
  const given = {command: command.name(), values, bare}
  return {command, given, awaited, positionals: bare.length, isBare}
}

/** The flag with a value in a word: `--tags`, `--tags=a`, `-t`, `-ta`, `-Cta`. */
const optionIn = (command: Command, word: string): {option: Option; value?: string} | undefined => {
  const options = optionsOf(command).filter(({required}) => required)
  const [, long, value] = /^(--[^=]+)(?:=(.*))?$/s.exec(word) ?? []
  const named = long === undefined ? undefined : options.find(option => option.long === long)
  if (named) return {option: named, ...(value !== undefined && {value})}
  if (!/^-[^-]/.test(word)) return undefined
  const letters = Array.from(word.slice(1))
  const at = letters.findIndex(letter => options.some(({short}) => short === `-${letter}`))
  const short = options.find(option => option.short === `-${letters[at]}`)
  const rest = letters.slice(at + 1).join('')
  return short ? {option: short, ...(rest !== '' && {value: rest})} : undefined
}

const optionsOf = (command: Command): readonly Option[] => command.createHelp().visibleOptions(command)
const flagsOf = ({long, short, description}: Option): Candidate[] => [{word: long ?? short ?? '', says: description}]
const nameOf = (command: Command): Candidate => ({word: command.name(), says: command.description()})
const isShown = (command: Command): boolean => !command.name().startsWith('_')
const placeholderOf = (of: Option | Argument): string =>
  'flags' in of ? (/<([^>.]+)/.exec(of.flags)?.[1] ?? '') : of.name()
