import type {Position} from '../diagnostic.ts'
import {spotOf} from '../diagnostics/positions.ts'
import {EvaluationError} from './evaluation-error.ts'
import {type Frame, keywords} from './frames.ts'
import {isMapping} from './mapping.ts'
import {environmentReason} from './schema-parts.ts'
import type {Scope} from './scope.ts'

/** The environment of a task, the inner frames' stronger. Throws EvaluationError and NeedsFacts. */
export const environmentIn = (frames: readonly Frame[], scope: Scope): Readonly<Record<string, string>> => {
  const environment: Record<string, string> = {}
  for (const {value, at} of keywords(frames, 'environment'))
    for (const [index, written] of [value].flat().entries()) {
      const place = (Array.isArray(value) ? spotOf(value, index)?.value : undefined) ?? at
      const given = scope.open(written, place, environmentReason)
      if (!isMapping(given)) throw wrong("'environment' must be a mapping, or a list of mappings", place)
      for (const [name, held] of Object.entries(given)) {
        const spot = spotOf(given, name)
        if (!/^[A-Za-z_]\w*$/.test(name)) throw wrong(`'${name}' cannot be the name of a variable`, spot?.key ?? place)
        environment[name] = textOf(held, name, spot?.value ?? place)
      }
    }
  return environment
}

const wrong = (what: string, at: Position): EvaluationError => new EvaluationError({rule: 'environment', what, at})

const textOf = (value: unknown, name: string, at: Position): string => {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  throw wrong(`'${name}' of the environment must be text`, at)
}
