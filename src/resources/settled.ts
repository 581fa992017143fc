import {Foresight, Unforeseen} from './foresight.ts'
import {isSameAccount} from './path-change.ts'
import type {PathState} from './path-state.ts'
import {type Answer, type Resource, readCurrent, Unreadable, Unsupported} from './resource.ts'

/** A resource and what its probe answered. */
export type Answered = {readonly resource: Resource; readonly answer: Answer | undefined}

/** What stands where a resource about one path is; undefined for other kinds, and where it cannot be told. */
export const placeOf = ({resource, answer}: Answered, foresight?: Foresight): PathState | undefined => {
  const {kind} = resource
  if (!kind.place) return undefined
  const current = readCurrent(resource, answer, foresight)
  const isUnknown = [Unreadable, Unsupported, Unforeseen].some(type => current instanceof type)
  return isUnknown ? undefined : kind.place(current)
}

/**
 * Whether several resources about one path, each carried out after the other, leave it as it is: a file that is written
 * whole and then gets a line is right when it holds both.
 */
export const leaveAsItIs = (chain: readonly Answered[], foresight = new Foresight()): boolean => {
  const look = foresight.branch()
  let first: PathState | undefined
  for (const each of chain) {
    const {kind, desired} = each.resource
    const state = placeOf(each, look)
    const current = readCurrent(each.resource, each.answer, look)
    if (!state || kind.obstacle?.(desired, current)) return false
    first ??= state
    const changes = kind.diff(desired, current)
    if (changes === 'unknown') return false
    if (changes.length > 0) look.add(kind.provides?.(desired, changes, current) ?? {})
  }
  return first !== undefined && isSame(first, look)
}

const isSame = (first: PathState, look: Foresight): boolean => {
  if ([...look.added].some(path => path !== first.at)) return false
  const patch = look.at(first.at) ?? {}
  // What was in a directory that is made anew is gone.
  if (first.type === 'directory' && patch.type !== undefined && !first.isEmpty) return false
  const last = {...first, ...patch}
  return (
    (['type', 'mode', 'sha256', 'target'] as const).every(part => first[part] === last[part]) &&
    (first.type === 'absent' || (isSameAccount(first.owner, last.owner) && isSameAccount(first.group, last.group)))
  )
}
