import {type Diagnostic, InvalidInput} from '../diagnostic.ts'
import {copyMarks, placeOf, spotOf} from '../diagnostics/positions.ts'
import type {Handler, Resource} from '../resources/resource.ts'
import {coerceParameters} from './coerce-parameters.ts'
import {holds} from './conditions.ts'
import {confirmationOf, confirmed} from './confirmation.ts'
import {delegateOf} from './delegate.ts'
import {environmentIn} from './environment.ts'
import {findFile} from './find-file.ts'
import {keyword} from './frames.ts'
import {omit} from './host-scopes.ts'
import {judgeOf, judging} from './judge.ts'
import {isLoop, type Turn} from './loop.ts'
import {copyTree, isMapping} from './mapping.ts'
import type {Entry, Round} from './model.ts'
import {checkTurns, nameIn, type OpenTask} from './open-task.ts'
import {attempt, orInvalid} from './play-context.ts'
import type {ModuleCall} from './read-module-call.ts'
import {renderFor} from './render-for.ts'
import {type Say, says} from './say.ts'
import {validate} from './validate.ts'

const withoutOmitted = (value: unknown): unknown => {
  if (Array.isArray(value)) return copyMarks(value, value.filter(item => item !== omit).map(withoutOmitted))
  if (!isMapping(value)) return value
  const kept = Object.entries(value).filter(([, held]) => held !== omit)
  return copyMarks(value, Object.fromEntries(kept.map(([key, held]) => [key, withoutOmitted(held)])))
}

const isConstant = (value: unknown): boolean => !JSON.stringify(value ?? null).includes('{{')

const commands = new Set(['command', 'shell', 'raw', 'script', 'exec', 'debug', 'assert', 'fail'])

/** What surrounds a task must be something that its module can have. */
const checkKeywords = ({raw, at, play, written: {frames}}: OpenTask, {name}: ModuleCall): void => {
  if (raw['changed_when'] !== undefined && !commands.has(name))
    play.findings.add({
      rule: 'not-supported',
      what: `'changed_when' is not supported for '${name}'`,
      why: 'what it changes is measured',
      fix: 'remove it',
      at: spotOf(raw, 'changed_when')?.key ?? at,
    })
  if (raw['confirm'] !== undefined && keyword(frames, 'delegate_to') !== undefined)
    play.findings.add({
      rule: 'not-supported',
      what: "'confirm' is not supported together with 'delegate_to'",
      why: 'a new login would be one to another host than the one that is changed',
      fix: 'write a play for the host that is changed',
      at: spotOf(raw, 'confirm')?.key ?? at,
    })
  if (raw['until'] !== undefined && says[name])
    play.findings.add({
      rule: 'not-supported',
      what: `'until' is not supported for '${name}'`,
      why: 'it gives the same each time',
      fix: "write 'until' in the task whose result it waits for",
      at: spotOf(raw, 'until')?.key ?? at,
    })
}

/** A task that names a module, checked as far as that is possible before its host is reached. */
export const buildTask = (task: OpenTask, call: ModuleCall): Entry => {
  const {raw, at, play, written} = task
  const {findings} = play
  const {name, module, parameters, isComplete, place} = call
  const owner = `'${name}'`
  checkKeywords(task, call)
  const fitting = (values: unknown): unknown => coerceParameters(module.schema, withoutOmitted(values))
  const asWritten = validate(module.schema, fitting(copyTree(parameters)), {noun: 'parameter', owner, at: place})
  const constant = isConstant(parameters)
  const certain = asWritten.filter(({rule}) => constant || !rule.startsWith('invalid-'))
  for (const problem of certain) findings.add(problem)

  const checked = (host: string, {scope}: Turn): Record<string, any> => {
    const values = fitting(scope.value(parameters, place)) as Record<string, unknown>
    const problems = validate(module.schema, values, {noun: 'parameter', owner, at: place})
    if (problems.length > 0) throw new InvalidInput(problems.map(problem => ({...problem, host})))
    return values
  }
  const id = taskId(task, call)
  const make = (host: string, turn: Turn, index: number, units: readonly Handler[]): readonly Resource[] => {
    const values = checked(host, turn)
    const made = module.make(values, {
      host,
      notify: units,
      title: nameIn(raw, turn.scope) ?? name,
      taskId: isLoop(raw) ? `${id}#${index}` : id,
      at: place,
      keys: findings.keys,
      find: (path, directory) => findFile(path, directory, {written, base: play.play.directory, at: place, host}),
      render: (file, options) =>
        renderFor(file, options, {
          scope: turn.scope,
          roots: [written.directory, play.play.directory],
          at: place,
          keys: findings.keys,
        }),
    })
    const resources = confirmed(made, confirmationOf(raw, turn.scope, place), {name, at: place})
    const problems = resources.flatMap(resource =>
      resource.kind.problems(resource.desired).map((what): Diagnostic => {
        const field = what.split(':')[0] ?? ''
        return {
          rule: 'invalid-parameter',
          what: `'${name}' cannot be done: ${what}`,
          fix: 'correct the parameter',
          at: placeOf(values, [field]) ?? place,
          ...(!constant && {host}),
        }
      }),
    )
    if (problems.length > 0) throw new InvalidInput(problems)
    return resources
  }
  const say = says[name]
  const round = (host: string, turn: Turn, index: number, units: readonly Handler[]): Round => {
    if (say) return sayRound(say, checked(host, turn), {turn, host, task})
    const on = delegateOf(written, turn.scope, host, play)
    return {
      does: 'resources',
      resources: make(host, turn, index, units),
      ...(on !== undefined && {on}),
      environment: environmentIn(written.frames, turn.scope),
      judge: judgeOf(raw, turn.scope, host, at),
    }
  }

  const unitsOf = (turns: readonly Turn[]): readonly Handler[] => {
    const all = turns.flatMap(turn => play.handlers.notified(written, turn.scope).units)
    return [...new Map(all.map(handler => [handler.id, handler])).values()]
  }
  if (certain.length === 0 && isComplete)
    checkTurns(task, (turn, host) => {
      attempt(findings, host, place, () => round(host, turn, 0, unitsOf([turn])))
      const own = raw['register']
      const judged = own === undefined ? turn.scope : turn.scope.registering([String(own)])
      for (const condition of judging(raw)) attempt(findings, host, condition.at, () => holds([condition], judged))
    })
  return {
    entry: 'rounds',
    control: task.control,
    isLoop: isLoop(raw),
    origin: task.origin,
    rounds: (host, known) =>
      orInvalid(host, at, () => {
        const turns = task.turns(host, known)
        // As in Ansible, a loop that has changed something notifies what all its rounds notify.
        const units = unitsOf(turns.filter(({isDue}) => isDue))
        return turns.map((turn, index): Round => {
          const {item, label, isDue} = turn
          return {
            ...(item && {item}),
            ...(label !== undefined && {label}),
            ...(isDue ? round(host, turn, index, units) : {does: 'nothing'}),
          }
        })
      }),
  }
}

const sayRound = (
  say: Say,
  values: Record<string, any>,
  {turn, host, task: {raw, at, play}}: {turn: Turn; host: string; task: OpenTask},
): Round => {
  const said = say(values, turn.scope, play.verbosity)
  if (said === undefined) return {does: 'nothing'}
  const judge = judgeOf(raw, turn.scope, host, at)
  const first = {...said.result, changed: judge.changed?.(said.result) ?? false}
  const isFailed = judge.failed?.(first) ?? first.failed
  const result = {...first, failed: isFailed, ...(judge.failed && {failed_when_result: isFailed})}
  return {does: 'say', message: said.message, failed: isFailed, result}
}

/** File and line, counted where one line stands several times in a run. */
const taskId = ({play}: OpenTask, {place}: ModuleCall): string => {
  const id = `${place.file}:${place.line}`
  const count = (play.taskIds.get(id) ?? 0) + 1
  play.taskIds.set(id, count)
  return count === 1 ? id : `${id} (${count})`
}
