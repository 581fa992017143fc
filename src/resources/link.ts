import {fresh, gone} from './path-change.ts'
import {pathKind} from './path-kind.ts'
import type {PathState} from './path-state.ts'
import {type Handler, type Resource, resourceOf} from './resource.ts'
import {broken, pathRule} from './rules.ts'

export type LinkDesired =
  | {readonly state: 'absent'; readonly path: string}
  | {readonly state: 'present'; readonly path: string; readonly to: string}

/** A symbolic link, or none. What it points to need not exist. */
export const linkKind = pathKind<LinkDesired>({
  name: 'link',
  identify: ({path}) => path,
  question: ({path}) => ({path}),
  wanted(desired, current) {
    if (current.type === 'directory') return `${desired.path} is a directory`
    if (desired.state === 'absent') return gone(current)
    if (current.type === 'link') return {...current, target: desired.to}
    return fresh(current, {type: 'link', target: desired.to})
  },
  problems: desired =>
    broken(pathRule('path', desired.path), desired.state === 'present' ? targetRule('to', desired.to) : undefined),
})

export const targetRule = (field: string, to: string): string | undefined =>
  to === '' || /[\0\n]/.test(to) ? `${field}: ${JSON.stringify(to)} is not what a link can point to` : undefined

const build = resourceOf(linkKind)

/** A symbolic link at `path` that points to `to`; `state: 'absent'`: none. */
export const link = (
  options: {readonly path: string; readonly notify?: readonly Handler[]} & (
    | {readonly state: 'absent'}
    | {readonly state?: 'present'; readonly to: string}
  ),
): Resource<LinkDesired, PathState> =>
  options.state === 'absent'
    ? build({state: 'absent', path: options.path}, options.notify)
    : build({state: 'present', path: options.path, to: options.to}, options.notify)
