import {posix} from 'node:path'
import {$} from '../shell/command.ts'
import {candidateOf} from './candidate.ts'
import {
  type Attributes,
  changesBetween,
  contradict,
  partsOf,
  stepsBetween,
  typeName,
  withAttributes,
} from './path-change.ts'
import {pathKind} from './path-kind.ts'
import type {PathState} from './path-state.ts'
import {resourceOf, type Step} from './resource.ts'
import {attributeRules, broken, pathRule} from './rules.ts'

export type HardLinkDesired = Attributes & {
  readonly path: string
  /** The file of which it is another name. */
  readonly of: string
  readonly force: boolean
}

/** Another name of a file. */
export const hardLinkKind = pathKind<HardLinkDesired>({
  name: 'hardlink',
  identify: ({path}) => path,
  question: ({path, of, owner, group}) => ({path, owner, group, peer: of, into: posix.basename(of), creator: true}),
  wanted(desired, current) {
    const {of, force} = desired
    const {peer, type, at} = current
    if (!peer || peer.type === 'absent') return `${of}, of which ${at} shall be another name, does not exist`
    if (peer.type === 'directory') return `${of} is a directory, which has one name`
    if (type === 'directory') return `${at} is a directory`
    if (isSame(current)) return withAttributes(current, desired)
    if (type !== 'absent' && type !== 'link' && !force)
      return `${at} is another file (${typeName(current)}); 'force: true' puts the name in its place`
    return withAttributes({...current, ...peer, sha256: undefined, content: undefined, target: undefined}, desired)
  },
  changes: (_desired, before, after) =>
    isSame(before)
      ? changesBetween(before, after)
      : [
          before.type === 'absent'
            ? {path: 'state', from: 'absent', to: 'present'}
            : {path: 'name of', from: 'another file', to: 'it'},
        ],
  steps: ({of}, before, after) => (isSame(before) ? stepsBetween(before, after) : linkSteps(of, before, after)),
  provides: (_desired, before, after) =>
    changesBetween(before, after).length === 0 && isSame(before) ? {} : {paths: new Map([[after.at, partsOf(after)]])},
  isBeside: (one, other) => one.of === other.of && !contradict(one, other),
  problems: ({path, of, ...attributes}) =>
    broken(pathRule('path', path), pathRule('src', of), ...attributeRules(attributes, 'symbolic')),
})

const isSame = ({inode, peer, type}: PathState): boolean =>
  type !== 'absent' && inode !== undefined && inode === peer?.inode

const linkSteps = (of: string, {peer, ...before}: PathState, after: PathState): Step[] => {
  const waiting = candidateOf(after.at)
  const command = $`rm -f -- ${waiting} && ln -- ${of} ${waiting} && mv -fT -- ${waiting} ${after.at}`
  const made = {...before, ...peer, sha256: undefined}
  return [
    {do: 'run', title: `name ${of} ${after.at} as well`, command},
    ...stepsBetween(made, {...after, sha256: undefined}),
  ]
}

export const hardLink = resourceOf(hardLinkKind)
