import {InvalidInput, type Position} from '../diagnostic.ts'
import {spotOf} from '../diagnostics/positions.ts'
import {type RawTask, taskScopes} from './build-task.ts'
import {conditionsOf, holds} from './conditions.ts'
import {plainControl} from './control.ts'
import type {Entry, Known, TaskCall} from './model.ts'
import {attempt, decide, orInvalid, type PlayContext} from './play-context.ts'
import type {Scope} from './scope.ts'

/** Hosts on which conditions may hold; where only facts can tell, they may. */
const possible = (
  raw: RawTask,
  scopes: ReadonlyMap<string, Scope>,
  at: Position,
  {findings}: PlayContext,
): ReadonlyMap<string, Scope> => {
  const conditions = conditionsOf(raw)
  return new Map(
    [...scopes].filter(([host, scope]) => {
      const result = attempt(findings, host, at, () => holds(conditions, scope))
      return typeof result === 'string' || (typeof result === 'object' && result.value)
    }),
  )
}

/** A role of `roles:`, with its variables checked on every host of the play. */
export const buildRole = async (given: unknown, at: Position, play: PlayContext): Promise<Entry | undefined> => {
  const raw: RawTask = typeof given === 'string' ? {role: given} : (given as RawTask)
  const name = String(raw['role'])
  const place = typeof given === 'string' ? at : (spotOf(raw, 'role')?.value ?? at)
  const found = await play.roles.load(name, play.directory, place)
  if (!found) return undefined
  const scopes = possible(raw, taskScopes(raw, play), place, play)
  const call = play.calls.add(found, scopes, {at: place, others: play.roles.names(play.directory), home: play.home})
  return {
    entry: 'role',
    call,
    origin: {play: play.index, role: name, at: place},
    control: plainControl(play.become),
    when: decide(scopes, conditionsOf(raw), place),
  }
}

/** `task: vrrp.switchover`, with the role's variables on every host of the play. */
export const buildTaskCall = async (raw: RawTask, at: Position, play: PlayContext): Promise<Entry | undefined> => {
  const full = String(raw['task'])
  const place = spotOf(raw, 'task')?.value ?? at
  const [roleName = '', taskName = ''] = full.split('.')
  const found = await play.roles.load(roleName, play.directory, place)
  const task = found && (await play.roles.task(found, taskName, place))
  if (!found || !task) return undefined
  const all = taskScopes(raw, play)
  const scopes = possible(raw, all, place, play)
  const call = play.calls.add(found, scopes, {at: place, others: play.roles.names(play.directory), home: play.home})
  const args: unknown = raw['args'] ?? {}
  const argsOf = (scope: Scope): Readonly<Record<string, unknown>> =>
    scope.value(args, spotOf(raw, 'args')?.value) as Readonly<Record<string, unknown>>
  for (const [host, scope] of scopes) attempt(play.findings, host, place, () => argsOf(scope))
  const taskCall: TaskCall = Object.assign(call, {
    task: full,
    ...task,
    argsFor: (host: string, known: Known) => {
      const scope = all.get(host)
      if (!scope) throw new InvalidInput([{rule: 'unknown-host', what: `the play does not name ${host}`, at: place}])
      return orInvalid(host, place, () => argsOf(scope.knowing(known)))
    },
  })
  return {
    entry: 'task',
    call: taskCall,
    origin: {
      play: play.index,
      role: roleName,
      at: place,
      ...(raw['name'] !== undefined && {name: String(raw['name'])}),
    },
    control: plainControl(play.become),
    when: decide(scopes, conditionsOf(raw), place),
  }
}
