import {nearest, suggest} from '../diagnostics/nearest.ts'
import {JinjaProblem} from '../jinja/problem.ts'

/** Lookups that are there; what they do stands in run-lookup.ts. */
export const lookupNames = [
  'file',
  'env',
  'vars',
  'template',
  'fileglob',
  'first_found',
  'dict',
  'sequence',
  'items',
  'list',
] as const

/** Lookups of Ansible that no expression can use: why, and what to do instead. */
export const refusedLookups: Readonly<Record<string, readonly [why: string, fix: string]>> = {
  password: ['a plan must not make up passwords', 'put the password into a vault file'],
  pipe: ['a plan must not run commands of this machine', 'put the value into a variable'],
  lines: ['a plan must not run commands of this machine', 'put the value into a variable'],
  url: ['a plan must not depend on what a server answers', 'put the value into a variable'],
  dig: ['a plan must not depend on what a server answers', 'put the address into a variable'],
  random_choice: ['a plan must be the same each time it is made', 'put the chosen value into a variable'],
  unvault: ['files that are encrypted are decrypted where they are read', "write lookup('file', …)"],
  csvfile: ['it is not built', 'put the values into a vars file'],
  ini: ['it is not built', 'put the values into a vars file'],
  config: ['settings of Ansible do not count here', 'put the value into a variable'],
  inventory_hostnames: ['it is not built', "write groups['name']"],
  subelements: ['it is not built', 'write … | subelements(…)'],
  nested: ['it is not built', 'write … | product(…)'],
  together: ['it is not built', 'write … | zip(…)'],
  indexed_items: ['it is not built', 'write loop_control: {index_var: …}'],
  varnames: ['it is not built', 'list the names'],
}

/** Why a lookup cannot be used. */
export const lookupProblem = (given: string): JinjaProblem | undefined => {
  const name = given.replace(/^ansible\.builtin\./, '')
  const reason = refusedLookups[name]
  if (reason)
    return new JinjaProblem('not-supported', `lookup('${name}') is not supported`, {why: reason[0], fix: reason[1]})
  if ((lookupNames as readonly string[]).includes(name)) return undefined
  const fix = nearest(name, lookupNames) === undefined ? `known: ${lookupNames.join(', ')}` : suggest(name, lookupNames)
  return new JinjaProblem('unknown-lookup', `there is no lookup '${name}'`, {...(fix && {fix})})
}
