import {posix} from 'node:path'
import type {Command} from '../shell/command.ts'
import {type Attributes, fresh, gone, typeName, withAttributes} from './path-change.ts'
import {pathKind} from './path-kind.ts'
import type {PathState} from './path-state.ts'
import {type Handler, type Resource, resourceOf} from './resource.ts'
import {accountRule, broken, pathRule} from './rules.ts'

export type LinkDesired =
  | {readonly state: 'absent'; readonly path: string; readonly confirm?: Command}
  | (Pick<Attributes, 'owner' | 'group'> & {
      readonly state: 'present'
      readonly path: string
      readonly to: string
      readonly confirm?: Command
      /** One of several tasks, done in their order; only with `force` it takes the place of something else, or leads nowhere. */
      readonly inOrder?: {readonly force: boolean}
    })

/** A symbolic link, or none. What it points to need not exist. */
export const linkKind = pathKind<LinkDesired>({
  name: 'link',
  identify: ({path}) => path,
  question(desired) {
    if (desired.state === 'absent' || !desired.inOrder) return {path: desired.path}
    const {path, to, owner, group} = desired
    return {path, owner, group, creator: true, emptiness: true, peer: posix.resolve(posix.dirname(path), to)}
  },
  wanted(desired, current) {
    if (desired.state === 'absent')
      return current.type === 'directory' ? `${desired.path} is a directory` : gone(current)
    const hindrance = desired.inOrder ? refusal(desired, desired.inOrder.force, current) : undefined
    if (hindrance !== undefined) return hindrance
    if (current.type === 'directory' && !desired.inOrder) return `${desired.path} is a directory`
    const link =
      current.type === 'link' ? {...current, target: desired.to} : fresh(current, {type: 'link', target: desired.to})
    return withAttributes(link, {
      ...(desired.owner && {owner: desired.owner}),
      ...(desired.group && {group: desired.group}),
    })
  },
  isInOrder: desired => desired.state === 'present' && desired.inOrder !== undefined,
  isBeside: (one, other) =>
    one.state === 'present' && other.state === 'present' && one.inOrder !== undefined && one.to === other.to,
  problems: desired =>
    broken(
      pathRule('path', desired.path),
      desired.state === 'present' ? (targetRule('to', desired.to) ?? selfRule(desired)) : undefined,
      desired.state === 'present' && desired.owner !== undefined ? accountRule('owner', desired.owner) : undefined,
      desired.state === 'present' && desired.group !== undefined ? accountRule('group', desired.group) : undefined,
    ),
})

/** Why Ansible would not make the link. */
const refusal = (
  {path, to}: LinkDesired & {readonly state: 'present'},
  force: boolean,
  {type, isEmpty, peer, ...current}: PathState,
): string | undefined => {
  if (!force && (peer === undefined || peer.type === 'absent'))
    return `${to}, to which ${path} shall lead, does not exist; 'force: true' makes the link all the same`
  if (type === 'directory' && !(force && isEmpty))
    return `${path} is a directory${force ? ' that is not empty' : "; 'force: true' puts the link in the place of an empty one"}`
  if ((type === 'file' || type === 'other') && !force)
    return `${path} is no link (${typeName({...current, type})}); 'force: true' puts the link in its place`
  return undefined
}

const selfRule = ({path, to}: {readonly path: string; readonly to: string}): string | undefined =>
  posix.resolve(posix.dirname(path), to) === path ? `to: ${path} would lead to itself` : undefined

const targetRule = (field: string, to: string): string | undefined =>
  to === '' || /[\0\n]/.test(to) ? `${field}: ${JSON.stringify(to)} is not what a link can point to` : undefined

export const linkResource = resourceOf(linkKind)

/** A symbolic link at `path` that points to `to`; `state: 'absent'`: none. `confirm` is as that of a file. */
export const link = (
  options: {readonly path: string; readonly notify?: readonly Handler[]; readonly confirm?: Command} & (
    | {readonly state: 'absent'}
    | {readonly state?: 'present'; readonly to: string}
  ),
): Resource<LinkDesired, PathState> => {
  const {path, notify, confirm} = options
  const guarded = confirm && {confirm}
  return options.state === 'absent'
    ? linkResource({state: 'absent', path, ...guarded}, notify)
    : linkResource({state: 'present', path, to: options.to, ...guarded}, notify)
}
