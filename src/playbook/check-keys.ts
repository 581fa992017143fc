import type {Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {copyMarks} from '../diagnostics/positions.ts'
import type {RawTask} from './frames.ts'
import {moduleName} from './module-names.ts'
import {ansibleHint} from './not-supported.ts'
import {violations} from './validate.ts'

/** A task without what it does would only be called so; what it does is what was refused. */
const saysWhatToDo = (raw: object, owner: string): boolean =>
  !['a task', 'a handler'].includes(owner) ||
  Object.keys(raw).some(key => key === 'task' || moduleName(key) !== undefined)

/**
 * Checks one mapping of a playbook. What the schema refused is left out of the result, so that all the rest is still
 * checked; undefined: nothing can be made of it.
 */
export const checkKeys = (
  schema: object,
  raw: unknown,
  {at, owner}: {readonly at: Position; readonly owner: string},
  findings: Findings,
): RawTask | undefined => {
  const problems = violations(schema, raw, {
    at,
    owner,
    unknown: name => ansibleHint(name, owner),
    missing: name => (name === 'hosts' ? "add 'hosts: PATTERN'" : undefined),
  })
  for (const {diagnostic} of problems) findings.add(diagnostic)
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return undefined
  const broken = new Set(problems.flatMap(({path, unknownKey}) => (unknownKey ? [] : [path[0]])))
  if (owner !== 'a play' && (broken.size > 0 || (problems.length > 0 && !saysWhatToDo(raw, owner)))) return undefined
  return copyMarks(raw, Object.fromEntries(Object.entries(raw).filter(([key]) => !broken.has(key))))
}
