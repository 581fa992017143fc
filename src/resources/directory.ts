import {posix} from 'node:path'
import {$} from '../shell/command.ts'
import type {PathPatch, Provides} from './foresight.ts'
import {
  type Attributes,
  attributeChanges,
  attributeCommand,
  changesBetween,
  contradict,
  fresh,
  gone,
  makeDirectory,
  missingParents,
  partsOf,
  patchBetween,
  providesBetween,
  stepsBetween,
  typeName,
  withAttributes,
} from './path-change.ts'
import {pathKind} from './path-kind.ts'
import type {PathState, TreeEntry} from './path-state.ts'
import {type Change, type Handler, type Resource, resourceOf, type Step} from './resource.ts'
import {attributeRules, broken, pathRule} from './rules.ts'

export type DirectoryDesired = Attributes & {
  readonly path: string
  readonly state: 'present' | 'absent'
  /** One of several tasks, done in their order; directories above that are missing are made alike. */
  readonly inOrder?: true
  /** A link to a directory stands for it. */
  readonly follow?: boolean
  /** All that is in it gets the mode and owner as well. */
  readonly recurse?: boolean
  /** What is there keeps its mode and owner. */
  readonly onlyNew?: boolean
}

/** A directory, or none: then all that is in it goes as well. */
export const directoryKind = pathKind<DirectoryDesired>({
  name: 'directory',
  identify: ({path}) => path,
  question: ({path, owner, group, inOrder, follow, recurse}) => ({
    path,
    owner,
    group,
    follow,
    creator: inOrder === true,
    tree: recurse === true,
  }),
  wanted(desired, current) {
    if (current.type !== 'absent' && current.type !== 'directory')
      return `${desired.path} is no directory (${typeName(current)})`
    if (desired.state === 'absent') return gone(current)
    const outside = desired.recurse && desired.follow ? linkOutside(current) : undefined
    if (outside !== undefined)
      return `${outside} leads out of ${desired.path}, and Ansible would follow it; say 'follow: false', or remove the link`
    if (current.type === 'absent') return made(desired, current)
    return desired.onlyNew ? current : withAttributes(current, desired)
  },
  makesParents: ({inOrder}) => inOrder === true,
  changes: (desired, before, after) => [...changesBetween(before, after), ...inside(desired, before).changes],
  steps: (desired, before, after) => [
    ...(before.type === 'absent' && after.type === 'directory' ? parentSteps(desired, before) : []),
    ...stepsBetween({...before, base: posix.dirname(before.at)}, after),
    ...inside(desired, before).steps,
  ],
  provides(desired, before, after) {
    const own = providesBetween({...before, base: posix.dirname(before.at)}, after)
    const above = before.type === 'absent' && after.type === 'directory' ? parentPatches(desired, before) : []
    return {...own, paths: new Map([...above, ...(own.paths ?? []), ...(inside(desired, before).paths ?? [])])}
  },
  isInOrder: ({inOrder}) => inOrder === true,
  isBeside: (one, other) => one.inOrder === true && other.inOrder === true && !contradict(one, other),
  problems: desired =>
    broken(
      pathRule('path', desired.path),
      ...attributeRules(desired, desired.inOrder && 'symbolic'),
      desired.state === 'absent' &&
        /^\/[^/]*(\/[^/]*)?$/.test(desired.path) &&
        !/^\/(etc|opt|srv|tmp|run)\/./.test(desired.path)
        ? `state: ${desired.path} is too near to the root to be removed with all that is in it`
        : undefined,
    ),
})

/** As a new directory comes out, after those above it. */
const made = (desired: DirectoryDesired, current: PathState): PathState =>
  withAttributes(fresh({...current, ...parentOf(desired, current)}, {type: 'directory'}), desired)

/** A missing directory above gets the same mode and owner, and may hand on its group. */
const parentOf = (desired: DirectoryDesired, current: PathState): Pick<PathState, 'parent'> => {
  if (missingParents(current).length === 0) return {}
  const {mode, group} = withAttributes(fresh(current, {type: 'directory'}), desired)
  return {parent: {mode, group}}
}

const parentStates = (desired: DirectoryDesired, current: PathState): [string, PathState][] =>
  missingParents(current).map((path, index) => {
    const above = index === 0 ? current : {...current, ...parentOf(desired, current)}
    return [path, withAttributes(fresh(above, {type: 'directory'}), desired)]
  })

const parentSteps = (desired: DirectoryDesired, before: PathState): Step[] =>
  parentStates(desired, before).map(([path, state]) => makeDirectory(path, state))

const parentPatches = (desired: DirectoryDesired, before: PathState): [string, PathPatch][] =>
  parentStates(desired, before).map(([path, state]) => [path, partsOf(state)])

/** A link in it to something that is there and not in it. */
const linkOutside = ({at, tree = []}: PathState): string | undefined =>
  tree
    .filter(({type, target = ''}) => {
      const to = posix.resolve(at, target)
      return type === 'link' && !to.startsWith(`${at}/`)
    })
    .map(({path}) => posix.join(at, path))[0]

type Inside = {readonly changes: readonly Change[]; readonly steps: readonly Step[]} & Provides

/** What is to be done to all that is in it. */
const inside = (desired: DirectoryDesired, {at, tree = [], ids}: PathState): Inside => {
  if (!desired.recurse) return {changes: [], steps: []}
  const found = tree.flatMap(entry => {
    const after = withAttributes({...blank, ...entry, ids}, desired)
    const changes = attributeChanges(entry, after)
    return changes.length === 0 ? [] : [{entry, after, changes}]
  })
  return {
    changes: found.flatMap(({entry, changes}) =>
      changes.map(change => ({...change, path: `${entry.path} ${change.path}`})),
    ),
    steps:
      found.length === 0
        ? []
        : [
            {
              do: 'run',
              title: `set the mode and owner of ${found.length} below ${at}`,
              command: found
                .map(({entry, after}) => attributeCommand(posix.join(at, entry.path), after))
                .reduce((all, one) => $`${all} &&\n${one}`),
            },
          ],
    paths: new Map(
      found.map(({entry, after}) => [
        posix.join(at, entry.path),
        patchBetween(entry, {...entry, ...partsOf(after)}) ?? {},
      ]),
    ),
  }
}

const blank: Omit<PathState, keyof TreeEntry | 'ids'> = {
  at: '',
  named: '',
  via: [],
  hasParent: true,
  hasOwner: true,
  hasGroup: true,
  isEmpty: false,
}

export const directoryResource = resourceOf(directoryKind)

/** A directory with this mode (four octal digits) and owner; `state: 'absent'`: none, and nothing in it. */
export const directory = (options: {
  readonly path: string
  readonly state?: 'present' | 'absent'
  readonly mode?: string
  readonly owner?: string
  readonly group?: string
  readonly notify?: readonly Handler[]
}): Resource<DirectoryDesired, PathState> => {
  const {path, state = 'present', mode = '0755', owner = 'root', group = 'root', notify} = options
  return directoryResource({path, state, mode, owner, group}, notify)
}
