import type {Position} from '../diagnostic.ts'
import {asText} from './as-text.ts'
import {toBoolean} from './boolean.ts'
import {type Condition, holds} from './conditions.ts'
import {EvaluationError, NeedsFacts, NeedsResult} from './evaluation-error.ts'
import {conditionsIn, type Frame, keyword, layersIn, type RawTask, type Written} from './frames.ts'
import {type DueTurn, openTurns, type Turn, turnsOf} from './loop.ts'
import type {Control, Known, Origin} from './model.ts'
import {becomeUser, becomeUsers} from './play-become.ts'
import {attempt, orInvalid, type PlayContext} from './play-context.ts'
import type {Scope} from './scope.ts'

/** A task with all that can be said of it whatever it does. */
export type OpenTask = {
  readonly written: Written
  readonly raw: RawTask
  readonly at: Position
  readonly play: PlayContext
  readonly conditions: readonly Condition[]
  /** All hosts of the play, with the variables of the task there. */
  readonly scopes: ReadonlyMap<string, Scope>
  readonly control: Control
  readonly origin: Origin
  turns(host: string, known: Known): readonly DueTurn[]
}

const afterFailure = ['ansible_failed_task', 'ansible_failed_result']

/** `isChosen`: tags do not leave it out. */
export const openTask = (written: Written, isChosen: boolean, play: PlayContext): OpenTask => {
  const {raw, at, frames, blocks} = written
  const conditions = conditionsIn(frames)
  const layers = layersIn(frames)
  const isRescue = blocks.some(({part}) => part === 'rescue')
  const scopes = new Map(
    [...play.hosts].map(([host, scope]) => {
      const registered = play.registers.scope(scope, host, isChosen)
      const known = isRescue ? registered.registering(afterFailure) : registered
      return [host, known.with(layers, play.scopes.extra)]
    }),
  )
  const turns = (host: string, known: Known): readonly DueTurn[] => {
    const scope = scopes.get(host)?.knowing(known)
    return scope ? turnsOf(raw, scope, conditions) : []
  }
  const users = becomeUsers(frames, scopes, play)
  const {register, name} = raw
  const control: Control = {
    blocks,
    become: host => users.get(host) ?? (users.has(host) ? undefined : elsewhere(host, written, play)),
    ...(register !== undefined && {register: String(register)}),
    runOnce: sameOnAll('run_once', written, scopes, play),
    noLog: sameOnAll('no_log', written, scopes, play),
    anyErrorsFatal: sameOnAll('any_errors_fatal', written, scopes, play),
    ignoreErrors: (host, known) => orInvalid(host, at, () => ignoring(frames, scopes.get(host)?.knowing(known))),
    name: (host, known) => nameIn(raw, scopes.get(host)?.knowing(known)),
    notifies: (host, known) =>
      orInvalid(host, at, () => [
        ...new Set(
          turns(host, known).flatMap(turn => (turn.isDue ? play.handlers.notified(written, turn.scope).tasks : [])),
        ),
      ]),
  }
  const origin = {play: play.index, at, ...(name !== undefined && name !== null && {name: String(name)})}
  return {written, raw, at, play, conditions, scopes, control, origin, turns}
}

const ignoring = (frames: readonly Frame[], scope: Scope | undefined): boolean => {
  const {value = false, at} = keyword(frames, 'ignore_errors') ?? {}
  return typeof value === 'boolean' ? value : toBoolean(scope?.value(value, at), 'ignore_errors', at)
}

/** The name of a task; where not all of it is known, as it was written. */
export const nameIn = (raw: RawTask, scope: Scope | undefined): string | undefined => {
  const {name} = raw
  if (name === undefined || name === null) return undefined
  try {
    return asText(scope?.value(name) ?? name)
  } catch (error) {
    if (error instanceof EvaluationError || error instanceof NeedsFacts || error instanceof NeedsResult)
      return String(name)
    throw error
  }
}

/** The user on a host that the play does not name: something is delegated to it. */
const elsewhere = (host: string, {frames, at}: Written, {scopes, inventory, play, become}: PlayContext) => {
  if (!inventory.hosts.has(host)) return undefined
  const scope = scopes.of(host, play.directory).with([...play.vars, ...layersIn(frames)], scopes.extra)
  return orInvalid(host, at, () => becomeUser(frames, scope, become))
}

/** A keyword that cannot differ between the hosts of a play. */
const sameOnAll = (
  name: string,
  {frames}: Written,
  scopes: ReadonlyMap<string, Scope>,
  {findings}: PlayContext,
): boolean => {
  const written = keyword(frames, name)
  if (!written) return false
  if (typeof written.value === 'boolean') return written.value
  const {value, at} = written
  const found = new Set<boolean>()
  for (const [host, scope] of scopes) {
    const result = attempt(findings, host, at, () => toBoolean(scope.value(value, at), name, at))
    if (typeof result === 'object') found.add(result.value)
    if (result === 'later')
      findings.add({
        rule: 'not-supported',
        what: `'${name}' depends on facts or results`,
        why: 'it must be known before the first connection',
        fix: 'use variables of the inventory or the play',
        at,
      })
  }
  if (found.size > 1)
    findings.add({
      rule: 'not-supported',
      what: `'${name}' differs between the hosts of the play`,
      fix: 'write a play for each of them',
      at,
    })
  return found.has(true)
}

/** Checks on every host what can be checked before it is reached; `check` gets the turns that may come. */
export const checkTurns = (
  {raw, at, play, scopes, conditions, written}: OpenTask,
  check: (turn: Turn, host: string) => void,
): void => {
  const {findings} = play
  for (const [host, scope] of scopes) {
    const opened = attempt(findings, host, at, () => openTurns(raw, scope, conditions))
    if (typeof opened === 'string') continue
    for (const turn of opened.value) {
      const going = attempt(findings, host, at, () => holds(conditions, turn.scope))
      // Parameters are checked even where only facts decide whether they count.
      if (going === 'later' || (typeof going === 'object' && going.value)) check(turn, host)
    }
    attempt(findings, host, at, () => ignoring(written.frames, scope))
  }
}
