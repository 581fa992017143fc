import {createHash} from 'node:crypto'
import {$} from '../shell/command.ts'
import {reveal, Secret} from '../shell/secret.ts'
import {type PathState, textCap} from './path-state.ts'
import type {Change, FileWrite, Json, Step} from './resource.ts'

export const sha256Of = (content: string | Secret): string => createHash('sha256').update(reveal(content)).digest('hex')

/**
 * What differs between a file and what stands at its path: `state` and `content` when nothing is there, `type` alone when it is no
 * regular file, else any of `content`, `mode`, `owner`, `group`.
 */
export const fileChanges = (desired: FileWrite, current: PathState): Change[] => {
  if (current.type === 'absent')
    return [{path: 'state', from: 'absent', to: 'present'}, contentChange(desired.content, {text: ''})]
  if (current.type !== 'file') return [{path: 'type', from: typeName(current), to: 'file'}]
  const changes = metadataChanges(desired, current)
  return current.sha256 === sha256Of(desired.content) ? changes : [contentChange(desired.content, current), ...changes]
}

/** `link to <target>`, `other`. */
export const typeName = ({type, target}: PathState): string => (target === undefined ? type : `link to ${target}`)

/** Differences in `mode`, `owner` and `group`. */
export const metadataChanges = (
  desired: {readonly mode: string; readonly owner: string; readonly group: string},
  current: PathState,
): Change[] => [
  ...(desired.mode === current.mode ? [] : [{path: 'mode', from: current.mode, to: desired.mode}]),
  ...(current.owner.includes(desired.owner) ? [] : [{path: 'owner', from: current.owner[0] ?? '', to: desired.owner}]),
  ...(current.group.includes(desired.group) ? [] : [{path: 'group', from: current.group[0] ?? '', to: desired.group}]),
]

/** `{text}` where both can be shown, `{sha256}` otherwise; `from` is null where a change before leaves it unknown. */
const contentChange = (content: string | Secret, {sha256, text}: Pick<PathState, 'sha256' | 'text'>): Change => {
  if (content instanceof Secret) return {path: 'content', from: '***', to: '***'}
  const from = text === undefined ? (sha256 === undefined ? null : {sha256}) : {text}
  const to: Json = Buffer.byteLength(content) > textCap ? {sha256: sha256Of(content)} : {text: content}
  return {path: 'content', from, to}
}

/** Whether the file has to be written anew; otherwise its metadata are set in place. */
export const isRewrite = (changes: readonly Change[]): boolean =>
  changes.some(({path}) => path === 'state' || path === 'type' || path === 'content')

/** Sets owner, group and mode in place; chown(1) first, because it clears the set-user-ID bit. */
export const metadataStep = (
  {path, mode, owner, group}: {path: string; mode: string; owner: string; group: string},
  changes: readonly Change[],
): Step => ({
  do: 'run',
  title: `set ${changes.map(change => change.path).join(', ')} of ${path}`,
  command: $`chown -- ${`${owner}:${group}`} ${path} && chmod -- ${mode} ${path}`,
})
