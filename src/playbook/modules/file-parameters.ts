import {split} from 'shlex'
import {InvalidInput, type Position} from '../../diagnostic.ts'
import {placeOf} from '../../diagnostics/positions.ts'
import type {Attributes} from '../../resources/path-change.ts'
import {fourDigits} from '../../resources/symbolic-mode.ts'
import {text} from './schema-parts.ts'

/** Parts that Ansible's modules about files have in common. */

const mode = {
  description: "octal digits in quotes ('0644'), or symbolic ('u=rw,g=r', 'u+x'); left out, it stays as it is",
  anyOf: [text, {type: 'integer', minimum: 0}],
  examples: ['0644', 'u=rw,g=r,o='],
} as const

export const ownership = {mode, owner: text, group: text} as const

export const flag = (description: string): object => ({type: 'boolean', description})

export const validate = {
  type: 'string',
  description: 'a command that checks the new content, with %s in its place; no shell reads it',
  examples: ['visudo -cf %s'],
} as const

const selinux = {why: 'SELinux labels are not set here', fix: "remove it; a policy's own labels stay as they are"}
export const refusedOfFiles = {
  seuser: selinux,
  serole: selinux,
  setype: selinux,
  selevel: selinux,
  attributes: {why: 'chattr(1) flags are no state that could be kept', fix: "use 'command: chattr …' with a guard"},
  unsafe_writes: {why: 'a file is always replaced at once, never written in place', fix: 'remove it'},
} as const

export type Parameters = Readonly<Record<string, any>>

/** Throws what is wrong with a parameter, at its place. */
export const refuse = (parameters: Parameters, field: string, what: string, fix: string, at: Position): never => {
  throw new InvalidInput([{rule: 'invalid-parameter', what, fix, at: placeOf(parameters, [field]) ?? at}])
}

/** Mode, owner and group as they are given; a number is the mode itself. */
export const attributesOf = ({mode, owner, group}: Parameters): Attributes => ({
  ...(mode !== undefined && {mode: typeof mode === 'number' ? fourDigits(mode) : String(mode)}),
  ...(owner !== undefined && {owner}),
  ...(group !== undefined && {group}),
})

/** Without doubled slashes and those at the end. */
export const plainPath = (path: string): string => path.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')

/** The words of a validator: Ansible splits it as a shell would, puts the file for %s, and runs it without a shell. */
export const checkOf = (parameters: Parameters, at: Position): {readonly check?: readonly string[]} => {
  const command: unknown = parameters['validate']
  if (typeof command !== 'string') return {}
  const wrong = (what: string, fix: string) => refuse(parameters, 'validate', `'validate' ${what}`, fix, at)
  const plain = command.replaceAll('%%', '')
  if (plain.split('%s').length !== 2 || plain.replace('%s', '').includes('%'))
    wrong('must hold %s once, and no other % than %%', 'put %s where the new file stands')
  if (/[$~]/.test(command)) wrong('is run without a shell, which alone knows $ and ~', 'write the path itself')
  try {
    return {check: split(command).map((word: string) => word.replaceAll('%%', '%'))}
  } catch {
    return wrong('has quotes that are never closed', 'close them')
  }
}
