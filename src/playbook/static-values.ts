import {resolve} from 'node:path'
import type {Position} from '../diagnostic.ts'
import {Findings} from '../diagnostics/findings.ts'
import {spotOf} from '../diagnostics/positions.ts'
import type {Inventory} from '../inventory/model.ts'
import {VarsFiles} from '../inventory/vars-files.ts'
import {EvaluationError, NeedsFacts, NeedsResult} from './evaluation-error.ts'
import type {RawTask} from './frames.ts'
import {groupsSpecial} from './groups-special.ts'
import {omit} from './host-scopes.ts'
import {type Layer, Scope} from './scope.ts'

export const asList = (value: unknown): readonly string[] =>
  value === undefined || value === null ? [] : [value].flat().map(String)

/** The files of a play's `vars_files`, each with its place. */
export const varsFilesOf = (raw: RawTask, at: Position): readonly {readonly file: string; readonly at: Position}[] => {
  const given: unknown = raw['vars_files']
  const whole = spotOf(raw, 'vars_files')?.value ?? at
  return asList(given).map((file, index) => ({
    file,
    at: (Array.isArray(given) ? spotOf(given, index)?.value : undefined) ?? whole,
  }))
}

/**
 * What is known before any host is: the variables of a play, its files and `-e`, and the groups of the inventory. Names of hosts, of imported files, tags
 * and whatever is the same for a whole play are evaluated with these, as in Ansible.
 */
export const staticScope = (
  own: readonly Layer[],
  raw: RawTask,
  {
    at,
    directory,
    extra,
    inventory,
  }: {
    readonly at: Position
    readonly directory: string
    readonly extra: readonly Layer[]
    readonly inventory: Inventory
  },
): Scope => {
  const scope = new Scope(
    [...own, ...extra],
    new Map([
      ['playbook_dir', () => directory],
      ['groups', groupsSpecial(inventory)],
      ['omit', () => omit],
    ]),
  )
  const reader = new VarsFiles(new Findings())
  const files = varsFilesOf(raw, at).flatMap(({file}) => {
    try {
      return reader.read(resolve(directory, String(scope.value(file)))) ?? []
    } catch {
      return []
    }
  })
  return scope.with(files, extra)
}

/** The value of what cannot differ between hosts; undefined after a problem. */
export const staticValue = (value: unknown, at: Position, scope: Scope, findings: Findings): unknown => {
  try {
    return scope.value(value, at)
  } catch (error) {
    if (error instanceof EvaluationError) {
      const {fix, ...problem} = error.toDiagnostic(undefined, at)
      const own =
        error.rule === 'undefined-variable' ? 'here only the variables of the play, -e and groups are known' : fix
      findings.add({...problem, ...(own !== undefined && {fix: own})})
    } else if (error instanceof NeedsFacts || error instanceof NeedsResult)
      findings.add({
        rule: 'undefined-variable',
        what: error.message,
        why: 'it must be known before any host is',
        fix: 'use variables of the play and -e',
        at,
      })
    else throw error
    return undefined
  }
}
