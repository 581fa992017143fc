import {posix} from 'node:path'
import type {Command} from '../shell/command.ts'
import {foreseePath} from './foresee-path.ts'
import {type Foresight, type Provides, Unforeseen} from './foresight.ts'
import {changesBetween, providesBetween, stepsBetween, type Writing} from './path-change.ts'
import {type PathQuestion, pathQuestion} from './path-question.ts'
import {type PathState, pathState} from './path-state.ts'
import type {Change, Kind, Step} from './resource.ts'

/** A kind about one path: what it wants there follows from what is there. */
export type PathKind<Desired extends object> = {
  readonly name: string
  readonly identify: (desired: Desired) => string
  readonly question: (desired: Desired) => PathQuestion
  /** What shall stand there, or why that cannot be, as a sentence. The same state: nothing is to be done. */
  readonly wanted: (desired: Desired, current: PathState) => PathState | string
  readonly writing?: (desired: Desired) => Writing
  readonly problems: (desired: Desired) => readonly string[]
  readonly act?: true
  readonly isBeside?: (first: Desired, later: Desired) => boolean
  /** Unless said otherwise, each is done in its place. */
  readonly isInOrder?: (desired: Desired) => boolean
  /** Directories above that are missing are made. */
  readonly makesParents?: (desired: Desired) => boolean
  /** Where the general ones do not do. */
  readonly changes?: (desired: Desired, before: PathState, after: PathState) => readonly Change[]
  readonly steps?: (desired: Desired, before: PathState, after: PathState) => readonly Step[]
  readonly provides?: (desired: Desired, before: PathState, after: PathState) => Provides
}

/** `confirm`: what makes the host use it, where it can cut the way to the host. */
type Confirmable = {readonly confirm?: Command}

export const pathKind = <Desired extends object>(own: PathKind<Desired>): Kind<Desired, PathState> => {
  const goal = (desired: Desired, current: PathState): PathState => {
    const wanted = own.wanted(desired, current)
    return typeof wanted === 'string' ? current : wanted
  }
  return {
    name: own.name,
    ...(own.act && {act: true as const}),
    identify: own.identify,
    ...(own.isBeside && {isBeside: own.isBeside}),
    place: current => current,
    isInOrder: own.isInOrder ?? (() => true),
    probe: desired => {
      const question = own.question(desired)
      return {command: pathQuestion(question), parse: answer => pathState(question.path, answer)}
    },
    predict: (desired, current, foresight: Foresight) => {
      const question = own.question(desired)
      const state = foreseePath(question, current, foresight)
      if (state instanceof Unforeseen || !question.content || state.type !== 'file' || state.content) return state
      return current.type === 'file' && state.sha256 === current.sha256 ? state : new Unforeseen(unknownContent(state))
    },
    obstacle(desired, current) {
      const wanted = own.wanted(desired, current)
      if (typeof wanted === 'string') return wanted
      return wanted.type === 'absent'
        ? undefined
        : pathObstacle(own.question(desired), current, own.makesParents?.(desired))
    },
    diff(desired, current) {
      const after = goal(desired, current)
      return own.changes?.(desired, current, after) ?? changesBetween(current, after)
    },
    steps(desired, _changes, current) {
      const after = goal(desired, current)
      return own.steps?.(desired, current, after) ?? stepsBetween(current, after, own.writing?.(desired))
    },
    provides(desired, _changes, current) {
      const after = goal(desired, current)
      return own.provides?.(desired, current, after) ?? providesBetween(current, after)
    },
    guard(desired, _changes, {at}) {
      const {confirm: apply}: Confirmable = desired
      return apply && {paths: [at], apply}
    },
    paths: desired => [own.question(desired).path],
    problems: own.problems,
  }
}

const unknownContent = ({at}: PathState): string => `what is in ${at} is known only once it is there`

/** Why nothing can be put there. */
export const pathObstacle = (
  {owner, group}: Pick<PathQuestion, 'owner' | 'group'>,
  {at, hasParent, hasOwner, hasGroup}: PathState,
  makesParents = false,
): string | undefined => {
  if (!hasParent && !makesParents)
    return `the directory ${posix.dirname(at)} does not exist, and nothing before provides it`
  if (!hasOwner) return `the user ${owner} does not exist, and nothing before provides it`
  if (!hasGroup) return `the group ${group} does not exist, and nothing before provides it`
  return undefined
}
