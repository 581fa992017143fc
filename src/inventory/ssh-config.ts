import {globSync, readFileSync} from 'node:fs'
import {homedir, userInfo} from 'node:os'
import {isAbsolute, join} from 'node:path'
import type {Position} from '../diagnostic.ts'
import {displayPath} from '../playbook/paths.ts'
import {type ConfigLine, configLines, fits, fitsList} from './ssh-config-lines.ts'

export type Setting = {readonly words: readonly string[]; readonly at: Position}

/** What ssh_config says about a host: the first value of each keyword, and all of those that add up. */
export type Settings = ReadonlyMap<string, readonly Setting[]>

/** Criteria and files that nobody here can follow. */
export type Obstacle = {readonly what: string; readonly at: Position}

/** Files of ssh_config in the order in which ssh reads them. */
export type ConfigFiles = readonly {readonly file: string; readonly isUsers: boolean}[]

const several = new Set(['identityfile', 'certificatefile', 'sendenv', 'setenv', 'localforward', 'remoteforward'])
const deepest = 16

/** The files that ssh reads unless it is told another. */
export const defaultConfigFiles = (): ConfigFiles => [
  {file: join(homedir(), '.ssh', 'config'), isUsers: true},
  {file: '/etc/ssh/ssh_config', isUsers: false},
]

const texts = new Map<string, readonly ConfigLine[] | undefined>()

/** The lines of a file, read once; undefined: it is not there. */
const linesOf = (file: string): readonly ConfigLine[] | undefined => {
  if (!texts.has(file)) {
    let lines: readonly ConfigLine[] | undefined
    try {
      lines = configLines(readFileSync(file, 'utf8'), displayPath(file))
    } catch {
      lines = undefined
    }
    texts.set(file, lines)
  }
  return texts.get(file)
}

/** Evaluates ssh_config for the name by which a host is asked for; `given` stands before all files. */
export const evaluateConfig = (
  name: string,
  files: ConfigFiles,
  given: readonly ConfigLine[] = [],
): {settings: Settings; obstacles: readonly Obstacle[]} => {
  const settings = new Map<string, Setting[]>()
  const obstacles: Obstacle[] = []
  const pass = {isFinal: false, wantsFinal: false}

  const set = ({keyword, words, at}: ConfigLine): void => {
    const known = settings.get(keyword)
    if (known === undefined) settings.set(keyword, [{words, at}])
    else if (several.has(keyword) && !pass.isFinal) known.push({words, at})
  }
  const value = (keyword: string): string | undefined => settings.get(keyword)?.[0]?.words[0]

  const criterion = (kind: string, argument: string, at: Position): boolean => {
    const patterns = argument.split(',')
    switch (kind) {
      case 'all':
        return true
      case 'host':
        return fitsList((value('hostname') ?? name).replaceAll('%h', name).toLowerCase(), patterns)
      case 'originalhost':
        return fitsList(name, patterns)
      case 'user':
        return fitsList(value('user') ?? userInfo().username, patterns)
      case 'localuser':
        return fitsList(userInfo().username, patterns)
      case 'canonical':
        return false
      case 'final':
        pass.wantsFinal = true
        return pass.isFinal
      default:
        obstacles.push({what: `'Match ${kind}' cannot be decided here`, at})
        return false
    }
  }
  const matches = ({words, at}: ConfigLine): boolean => {
    let isMatch = true
    for (let index = 0; index < words.length; index += 1) {
      const [, negation, kind = '', inline] = /^(!?)([A-Za-z]+)(?:=(.*))?$/.exec(words[index] ?? '') ?? []
      const lower = kind.toLowerCase()
      const argument = ['all', 'canonical', 'final'].includes(lower) ? '' : (inline ?? words[(index += 1)] ?? '')
      // As ssh: after a criterion that does not hold, commands are not run any more.
      if (isMatch && criterion(lower, argument, at) === (negation === '!')) isMatch = false
    }
    return isMatch
  }
  const read = (lines: readonly ConfigLine[], file: ConfigFiles[number], enclosing: boolean, depth: number): void => {
    let isActive = enclosing
    for (const line of lines) {
      const {keyword, words, at} = line
      if (keyword === 'host')
        isActive =
          enclosing &&
          words.some(pattern => !pattern.startsWith('!') && fits(name, pattern)) &&
          !words.some(pattern => pattern.startsWith('!') && fits(name, pattern.slice(1)))
      else if (keyword === 'match') isActive = enclosing && matches(line)
      else if (keyword === 'include') {
        if (depth >= deepest) obstacles.push({what: 'Include goes too deep, or round in a circle', at})
        else if (isActive)
          for (const path of words.flatMap(pattern => includedFiles(pattern, file)))
            read(linesOf(path) ?? [], {...file, file: path}, true, depth + 1)
      } else if (isActive) set(line)
    }
  }
  const readAll = (): void => {
    for (const file of files) read(linesOf(file.file) ?? [], file, true, 0)
  }
  for (const line of given) set(line)
  readAll()
  if (pass.wantsFinal) {
    pass.isFinal = true
    readAll()
  }
  return {settings, obstacles}
}

const includedFiles = (pattern: string, {isUsers}: ConfigFiles[number]): string[] => {
  const base = isUsers ? join(homedir(), '.ssh') : '/etc/ssh'
  const home = pattern.startsWith('~/') ? join(homedir(), pattern.slice(2)) : pattern
  const path = isAbsolute(home) ? home : join(base, home)
  return globSync(path).toSorted((a, b) => (a < b ? -1 : 1))
}
