import {posix} from 'node:path'
import {type Foresight, type PathPatch, Unforeseen} from './foresight.ts'
import {ancestorsOf, type PathQuestion} from './path-question.ts'
import {nothing, type PathPart, type PathState, type TreeEntry} from './path-state.ts'
import {Unreadable} from './resource.ts'

/** What stands at a path once the changes planned before have been made, told from what its probe saw. */
export const foreseePath = (
  question: PathQuestion,
  probed: PathState,
  foresight: Foresight,
): PathState | Unforeseen => {
  const rerouted =
    probed.via.find(link => foresight.at(link)?.type !== undefined) ??
    ancestorsOf(probed.named).find(above => foresight.at(above)?.type === 'link')
  if (rerouted !== undefined) return later(rerouted)
  const place = placeOf(question, probed, foresight)
  if (place instanceof Unforeseen) return place
  refuseBlocked(question, probed, place.at, foresight)
  const state = withHint({...probed, ...place.patch, at: place.at}, foresight)
  const peer = question.peer === undefined ? undefined : peerOf(question.peer, probed.peer, foresight)
  if (peer instanceof Unforeseen) return peer
  return {
    ...state,
    ...surroundings(question, probed, state.at, foresight),
    ...(peer && {peer}),
    ...treeOf(question, probed, state.at, foresight),
  }
}

/** What will stand at the other path. */
const peerOf = (
  path: string,
  probed: PathPart | undefined,
  foresight: Foresight,
): PathPart | Unforeseen | undefined => {
  const patch = foresight.at(path)
  const peer = patch && {...nothing, ...probed, ...patch}
  if (peer?.type === 'link') return later(path)
  if (peer) return peer.type === 'absent' ? nothing : peer
  return probed ?? (foresight.willExist(path) ? {...nothing, type: 'other'} : undefined)
}

const later = (path: string): Unforeseen => new Unforeseen(`${path} will be another: what it leads to is seen then`)

/** A file on the way is no directory: one that stands there, or one that is put there. */
const refuseBlocked = (
  {isAbsentBelowFile}: PathQuestion,
  {blocked, base}: PathState,
  at: string,
  foresight: Foresight,
): void => {
  if (isAbsentBelowFile) return
  const above = ancestorsOf(at)
  const put = above.find(path => ['file', 'other'].includes(foresight.at(path)?.type ?? ''))
  const isCleared = foresight.at(above[above.indexOf(base ?? '/') + 1] ?? '')?.type !== undefined
  if (put !== undefined) throw new Unreadable(`${put} is not a directory`)
  if (blocked !== undefined && !isCleared) throw new Unreadable(blocked)
}

type Place = {readonly at: string; readonly patch: PathPatch | undefined}

/** Where the path will lead to, and what will be different there. */
const placeOf = ({follow, into}: PathQuestion, probed: PathState, foresight: Foresight): Place | Unforeseen => {
  const own = {at: probed.at, patch: foresight.at(probed.at)}
  const at = probed.named
  const top = foresight.at(at)
  if (top?.type === undefined) return follow && own.patch?.type === 'link' ? later(own.at) : own
  if (top.type === 'directory' && into !== undefined) {
    const inside = posix.join(at, into)
    return {at: inside, patch: foresight.at(inside) ?? nothing}
  }
  if (top.type !== 'link' || (!follow && into === undefined)) return {at, patch: top}
  const target = posix.resolve(posix.dirname(at), top.target ?? '')
  const there = foresight.at(target)
  if (there?.type === undefined || there.type === 'link' || into !== undefined) return later(at)
  return {at: target, patch: there}
}

/** What a package brings where nothing is: nobody knows its content yet. */
const withHint = (state: PathState, foresight: Foresight): PathState => {
  const directory = foresight.directories.get(state.at)
  const hint = directory ?? foresight.files.get(state.at)
  if (state.type !== 'absent' || hint === undefined) return state
  return {
    ...state,
    type: directory ? 'directory' : 'file',
    mode: hint.mode ?? (directory ? '0755' : '0644'),
    owner: [hint.owner ?? 'root'],
    group: [hint.group ?? 'root'],
    sha256: undefined,
    content: undefined,
  }
}

const surroundings = (
  {owner = 'root', group = 'root'}: PathQuestion,
  probed: PathState,
  at: string,
  foresight: Foresight,
): Partial<PathState> => {
  const directory = posix.dirname(at)
  const base = baseOf(directory, probed, foresight)
  const patch = foresight.at(base)
  const seen = base === (probed.base ?? posix.dirname(probed.at)) ? probed.parent : undefined
  const parent =
    patch?.mode && patch.type !== 'absent' ? {mode: patch.mode, group: patch.group ?? seen?.group ?? []} : seen
  const isSame = directory === posix.dirname(probed.at)
  const hasParent = foresight.willHave(directory) ?? (isSame && probed.hasParent)
  return {
    hasParent,
    base,
    parent,
    hasOwner: probed.hasOwner || foresight.users.has(owner),
    hasGroup: probed.hasGroup || foresight.groups.has(group),
    // What was in it may have gone, and what was not may have come.
    isEmpty: isEmptyAfter(probed, at, foresight),
  }
}

const baseOf = (directory: string, probed: PathState, foresight: Foresight): string => {
  const known = probed.base ?? (probed.hasParent ? posix.dirname(probed.at) : '/')
  const isThere = (path: string): boolean =>
    path === '/' || (foresight.willHave(path) ?? (known === path || known.startsWith(`${path}/`)))
  let base = directory
  while (!isThere(base)) base = posix.dirname(base)
  return base
}

const isEmptyAfter = (probed: PathState, at: string, foresight: Foresight): boolean => {
  const below = foresight.below(at)
  if (below.some(([, {type}]) => type !== 'absent')) return false
  return probed.isEmpty || foresight.at(at)?.type === 'directory'
}

/** What will be in a directory, below it as well. */
const treeOf = ({tree}: PathQuestion, probed: PathState, at: string, foresight: Foresight): Pick<PathState, 'tree'> => {
  if (!tree) return {}
  const isNew = foresight.at(at)?.type !== undefined
  const seen = isNew
    ? []
    : (probed.tree ?? []).filter(({path}) => foresight.at(posix.join(at, path))?.type === undefined)
  const entries = new Map(seen.map(entry => [entry.path, entry]))
  for (const [full, patch] of foresight.below(at)) {
    const path = posix.relative(at, full)
    const entry: TreeEntry = {...nothing, ...entries.get(path), ...patch, path}
    if (entry.type !== 'absent') entries.set(path, entry)
  }
  return {tree: [...entries.values()]}
}
