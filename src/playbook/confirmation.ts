import {InvalidInput, type Position} from '../diagnostic.ts'
import {spotOf} from '../diagnostics/positions.ts'
import type {Resource} from '../resources/resource.ts'
import {$, type Command} from '../shell/command.ts'
import {EvaluationError} from './evaluation-error.ts'
import type {RawTask} from './frames.ts'
import type {Scope} from './scope.ts'

/** Kinds that know by themselves what their change means for what runs. */
const byThemselves = new Set(['service', 'sysctl', 'sysctl_line'])

/**
 * What `confirm` of a task says: the command by which a daemon reads what was changed, `true` where nothing has to; undefined:
 * the change is none that could cut the way to the host. A shell of its own, so that no quote of it ends the rollback.
 */
export const confirmationOf = (raw: RawTask, scope: Scope, place: Position): Command | undefined => {
  if (raw['confirm'] === undefined) return undefined
  const at = spotOf(raw, 'confirm')?.value ?? place
  const value = scope.value(raw['confirm'], at)
  if (value === false || value === null) return undefined
  if (value === true) return $`true`
  if (typeof value === 'string' && value.trim() !== '') return $`sh -c ${value}`
  throw new EvaluationError({
    rule: 'invalid-key',
    what: "'confirm' must be true, or a command",
    fix: "for example 'confirm: systemctl reload ssh'",
    at,
  })
}

/** The same resources, taken back by the host itself unless a new login confirms them. Throws InvalidInput. */
export const confirmed = (
  resources: readonly Resource[],
  command: Command | undefined,
  {name, at}: {readonly name: string; readonly at: Position},
): readonly Resource[] => {
  if (command === undefined) return resources
  return resources.map(resource => {
    const {kind, desired} = resource
    if (byThemselves.has(kind.name)) return {...resource, desired: {...desired, confirm: true}}
    if (kind.guard !== undefined && (kind.place !== undefined || kind.name === 'fileset'))
      return {...resource, desired: {...desired, confirm: command}}
    throw new InvalidInput([
      {
        rule: 'not-supported',
        what: `'confirm' is not supported for '${name}'`,
        why: 'nobody knows how that is taken back',
        fix: 'use it for files, links, directories, services and kernel parameters, or write a role whose exec says `undo`',
        at,
      },
    ])
  })
}
