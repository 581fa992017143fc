import {InvalidInput} from '../diagnostic.ts'
import {spotOf} from '../diagnostics/positions.ts'
import {holds} from './conditions.ts'
import {keyword, type Written} from './frames.ts'
import type {Entry, Known, TaskCall} from './model.ts'
import {type OpenTask, openTask} from './open-task.ts'
import {attempt, orInvalid, type PlayContext} from './play-context.ts'
import type {Scope} from './scope.ts'

/** Hosts on which conditions may hold; where only facts or results can tell, they may. */
const possible = ({scopes, conditions, at, play}: OpenTask): ReadonlyMap<string, Scope> =>
  new Map(
    [...scopes].filter(([host, scope]) => {
      const result = attempt(play.findings, host, at, () => holds(conditions, scope))
      return typeof result === 'string' || result.value
    }),
  )

/** Decides conditions for a host once what they need is there. */
const decide =
  ({scopes, conditions, at}: OpenTask) =>
  (host: string, known: Known): boolean => {
    const scope = scopes.get(host)
    return scope !== undefined && orInvalid(host, at, () => holds(conditions, scope.knowing(known)))
  }

/** A role of `roles:`, with its variables checked on every host of the play. */
export const buildRole = async (written: Written, isChosen: boolean, play: PlayContext): Promise<Entry | undefined> => {
  const {raw} = written
  const name = String(raw['role'] ?? raw['name'])
  const at = (spotOf(raw, 'role') ?? spotOf(raw, 'name'))?.value ?? written.at
  const {directory} = play.play
  const found = await play.roles.load(name, directory, at)
  if (!found) return undefined
  const task = openTask({...written, at}, isChosen, play)
  const place = {
    at,
    others: play.roles.names(directory),
    home: play.home,
    become: (host: string) => task.control.become(host),
  }
  const call = play.calls.add(found, possible(task), place)
  return {
    entry: 'role',
    call,
    origin: {play: play.index, role: name, at},
    control: {...task.control, name: () => undefined},
    when: decide(task),
  }
}

/** Keywords that count for modules only. */
const withoutEffect = [
  'loop',
  'with_items',
  'delegate_to',
  'environment',
  'changed_when',
  'failed_when',
  'until',
  'confirm',
]

/** `task: vrrp.switchover`, with the role's variables on every host of the play. */
export const buildTaskCall = async (
  written: Written,
  isChosen: boolean,
  play: PlayContext,
): Promise<Entry | undefined> => {
  const {raw, frames} = written
  const full = String(raw['task'])
  const at = spotOf(raw, 'task')?.value ?? written.at
  for (const name of withoutEffect) {
    const given = keyword(frames, name)
    if (given)
      play.findings.add({
        rule: 'not-supported',
        what: `'${name}' is not supported for a task of a role`,
        why: `${full} decides that itself`,
        fix: 'give it arguments, or take the task out of the block',
        at: spotOf(raw, name)?.key ?? given.at,
      })
  }
  const {directory} = play.play
  const [roleName = '', taskName = ''] = full.split('.')
  const found = await play.roles.load(roleName, directory, at)
  const functions = found && (await play.roles.task(found, taskName, at))
  if (!found || !functions) return undefined
  const task = openTask({...written, at}, isChosen, play)
  const scopes = possible(task)
  const place = {
    at,
    others: play.roles.names(directory),
    home: play.home,
    become: (host: string) => task.control.become(host),
  }
  const call = play.calls.add(found, scopes, place)
  const args: unknown = raw['args'] ?? {}
  const argsOf = (scope: Scope): Readonly<Record<string, unknown>> =>
    scope.value(args, spotOf(raw, 'args')?.value) as Readonly<Record<string, unknown>>
  for (const [host, scope] of scopes)
    attempt(play.findings, host, at, () => [argsOf(scope), play.handlers.notified(written, scope)])
  const taskCall: TaskCall = Object.assign(call, {
    task: full,
    ...functions,
    argsFor: (host: string, known: Known) => {
      const scope = task.scopes.get(host)
      if (!scope) throw new InvalidInput([{rule: 'unknown-host', what: `the play does not name ${host}`, at}])
      return orInvalid(host, at, () => argsOf(scope.knowing(known)))
    },
  })
  return {
    entry: 'task',
    call: taskCall,
    origin: {...task.origin, role: roleName, at},
    control: task.control,
    when: decide(task),
  }
}

const metas = ['flush_handlers', 'noop']

/** `meta:`: the handlers that are due run, or nothing does. */
export const buildMeta = (
  written: Written,
  action: unknown,
  isChosen: boolean,
  play: PlayContext,
): Entry | undefined => {
  const {raw, at, frames} = written
  const place = spotOf(raw, 'meta')?.value ?? at
  const refuse = (what: string, fix: string): undefined => {
    play.findings.add({rule: 'not-supported', what, fix, at: place})
    return undefined
  }
  if (!metas.includes(String(action)))
    return refuse(`'meta: ${String(action)}' is not supported`, reasons[String(action)] ?? `known: ${metas.join(', ')}`)
  if (raw['loop'] !== undefined || raw['with_items'] !== undefined || raw['register'] !== undefined)
    return refuse("'meta' has neither a loop nor a result", "remove 'loop' and 'register'")
  if (action === 'noop') return undefined
  if (frames.some(({owner}) => owner === 'a handler'))
    return refuse("'meta: flush_handlers' cannot be a handler", 'remove it')
  const task = openTask(written, isChosen, play)
  possible(task)
  return {entry: 'flush', origin: task.origin, control: task.control, when: decide(task)}
}

const reasons: Readonly<Record<string, string>> = {
  end_play: "write 'when:' in a block around what follows",
  end_host: "write 'when:' in a block around what follows",
  end_batch: "write 'when:' in a block around what follows",
  clear_facts: 'remove it: facts are asked anew in each run',
  clear_host_errors: 'remove it: a failed host stays out of the run',
  refresh_inventory: 'remove it: the inventory is read in each run',
  reset_connection: 'remove it: a change of groups counts from the next run',
}
