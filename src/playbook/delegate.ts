import {suggest} from '../diagnostics/nearest.ts'
import {EvaluationError} from './evaluation-error.ts'
import {keyword, type Written} from './frames.ts'
import {omit} from './host-scopes.ts'
import type {PlayContext} from './play-context.ts'
import type {Scope} from './scope.ts'

/** The host on which a task is done instead of its own. Throws EvaluationError. */
export const delegateOf = (
  {frames}: Written,
  scope: Scope,
  host: string,
  {inventory}: PlayContext,
): string | undefined => {
  const written = keyword(frames, 'delegate_to')
  const value = written && scope.open(written.value, written.at)
  if (!written || value === omit || value === host) return undefined
  const name = String(value)
  if (inventory.hosts.has(name) || name === 'localhost') return name
  const fix = suggest(name, [...inventory.hosts.keys(), 'localhost'])
  throw new EvaluationError({
    rule: 'unknown-host',
    what: `'delegate_to' names ${name === '' ? 'no host' : `'${name}'`}, which is not in the inventory`,
    ...(fix !== undefined && {fix}),
    at: written.at,
  })
}
