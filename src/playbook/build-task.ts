import {type Diagnostic, InvalidInput, type Position} from '../diagnostic.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {copyMarks, placeOf, spotOf} from '../diagnostics/positions.ts'
import type {Handler, Resource} from '../resources/resource.ts'
import {coerceParameters} from './coerce-parameters.ts'
import {conditionsOf, holds} from './conditions.ts'
import {plainControl} from './control.ts'
import {omit} from './host-scopes.ts'
import {copyTree, isMapping} from './mapping.ts'
import type {Entry, Known} from './model.ts'
import {attempt, orInvalid, type PlayContext} from './play-context.ts'
import type {ModuleCall} from './read-module-call.ts'
import {asList} from './read-playbook.ts'
import type {Scope} from './scope.ts'
import {validate} from './validate.ts'

export type RawTask = Readonly<Record<string, any>>

/** The scopes of a task: those of its play and the task's own `vars`. */
export const taskScopes = (raw: RawTask, {hosts, scopes}: PlayContext): ReadonlyMap<string, Scope> => {
  const vars: unknown = raw['vars']
  if (!isMapping(vars)) return hosts
  const layer = {name: `vars of the task '${raw['name'] ?? ''}'`, vars}
  return new Map([...hosts].map(([host, scope]) => [host, scope.with([layer], scopes.extra)]))
}

/** The values of a `loop:`, or one round without `item`. */
const rounds = (raw: RawTask, scope: Scope): readonly Scope[] => {
  if (raw['loop'] === undefined) return [scope]
  const at = spotOf(raw, 'loop')?.value
  const items = scope.value(raw['loop'], at)
  if (Array.isArray(items)) return items.map(item => scope.withValue('item', item))
  throw new InvalidInput([
    {rule: 'loop', what: "'loop' must give a list", fix: 'a mapping becomes one with | dict2items', ...(at && {at})},
  ])
}

const withoutOmitted = (value: unknown): unknown => {
  if (Array.isArray(value)) return copyMarks(value, value.filter(item => item !== omit).map(withoutOmitted))
  if (!isMapping(value)) return value
  const kept = Object.entries(value).filter(([, held]) => held !== omit)
  return copyMarks(value, Object.fromEntries(kept.map(([key, held]) => [key, withoutOmitted(held)])))
}

const isConstant = (value: unknown): boolean => !JSON.stringify(value ?? null).includes('{{')

/** A task that is one of our kinds, checked as far as that is possible without facts. */
export const buildTask = (raw: RawTask, call: ModuleCall, at: Position, play: PlayContext): Entry | undefined => {
  const {findings} = play
  const {name, module, parameters, isComplete, place} = call
  const owner = `'${name}'`
  const fitting = (values: unknown): unknown => coerceParameters(module.schema, withoutOmitted(values))
  const written = validate(module.schema, fitting(copyTree(parameters)), {
    noun: 'parameter',
    owner,
    at: place,
  })
  const constant = isConstant(parameters)
  const certain = written.filter(({rule}) => constant || !rule.startsWith('invalid-'))
  for (const problem of certain) findings.add(problem)
  const conditions = conditionsOf(raw)
  const scopes = taskScopes(raw, play)
  const notify = handlersOf(raw, play)

  const make = (host: string, scope: Scope): readonly Resource[] => {
    const values = fitting(scope.value(parameters, place)) as Record<string, unknown>
    const problems: Diagnostic[] = validate(module.schema, values, {noun: 'parameter', owner, at: place}).map(
      problem => ({...problem, host}),
    )
    if (problems.length > 0) throw new InvalidInput(problems)
    const resources = module.make(values, {
      host,
      notify: notify(scope),
      title: raw['name'] === undefined ? name : String(raw['name']),
      taskId: `${place.file}:${place.line}`,
      at: place,
      find: path => path,
      render: file => file,
    })
    for (const resource of resources)
      for (const what of resource.kind.problems(resource.desired)) {
        const field = what.split(':')[0] ?? ''
        problems.push({
          rule: 'invalid-parameter',
          what: `'${name}' cannot be done: ${what}`,
          fix: 'correct the parameter',
          at: placeOf(values, [field]) ?? place,
          ...(!constant && {host}),
        })
      }
    if (problems.length > 0) throw new InvalidInput(problems)
    return resources
  }
  const all = (host: string, known: Known | undefined): readonly Scope[] => {
    const scope = scopes.get(host)?.knowing(known)
    return scope ? rounds(raw, scope) : []
  }
  const perRound = (host: string, known: Known | undefined): readonly Scope[] =>
    all(host, known).filter(round => holds(conditions, round))

  if (certain.length === 0 && isComplete)
    for (const host of scopes.keys()) {
      const going = attempt(findings, host, at, () => perRound(host, undefined))
      const scope = scopes.get(host)
      // Parameters are checked even where only facts decide whether they count.
      const sure =
        going === 'later' && raw['loop'] === undefined && scope ? [scope] : typeof going === 'object' ? going.value : []
      for (const round of sure) attempt(findings, host, place, () => make(host, round))
    }
  return {
    entry: 'rounds',
    control: plainControl(play.become),
    isLoop: raw['loop'] !== undefined,
    origin: {play: play.index, at, ...(raw['name'] !== undefined && {name: String(raw['name'])})},
    rounds: (host, known) =>
      orInvalid(host, at, () =>
        all(host, known).map(round =>
          holds(conditions, round)
            ? {does: 'resources', resources: make(host, round), environment: {}, judge: {}}
            : {does: 'nothing'},
        ),
      ),
  }
}

/** The handlers that a task notifies; an unknown one is a problem at its name. */
const handlersOf = (raw: RawTask, {handlers, findings}: PlayContext): ((scope: Scope) => readonly Handler[]) => {
  const given: unknown = raw['notify']
  const known = asList(given).flatMap((name, index) => {
    const handler = handlers.get(name)
    if (handler) return [handler]
    const at = Array.isArray(given) ? spotOf(given, index)?.value : spotOf(raw, 'notify')?.value
    const fix = suggest(name, handlers.keys())
    findings.add({
      rule: 'unknown-handler',
      what: `the play has no handler '${name}'`,
      fix: fix ?? "add it below 'handlers:'",
      ...(at && {at}),
    })
    return []
  })
  return scope => known.map(make => make(scope))
}
