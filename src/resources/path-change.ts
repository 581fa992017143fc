import {posix} from 'node:path'
import {$, type Command, raw} from '../shell/command.ts'
import {quote} from '../shell/quote.ts'
import {Secret} from '../shell/secret.ts'
import {candidateOf} from './candidate.ts'
import {type Content, sha256Of, shownText} from './content.ts'
import type {PathPatch, Provides} from './foresight.ts'
import {ancestorsOf} from './path-question.ts'
import {type Account, nothing, type PathPart, type PathState} from './path-state.ts'
import type {Change, Json, Step} from './resource.ts'
import {isOctal, modeAfter} from './symbolic-mode.ts'
import {afterUnitFile, unitFileProvides} from './unit-file.ts'

/** What is left out stays as it is. */
export type Attributes = {
  /** Octal digits, or as chmod(1) takes it: `u=rw,g+r`. */
  readonly mode?: string
  readonly owner?: string
  readonly group?: string
}

/** `link to <target>`, `other`. */
export const typeName = ({type, target}: PathPart): string => (target === undefined ? type : `link to ${target}`)

/** What differs between what stands at a path and what shall stand there. */
export const changesBetween = (before: PathPart, after: PathPart): Change[] => {
  if (before.type === 'absent' || after.type === 'absent') {
    if (before.type === after.type) return []
    const state = {path: 'state', from: stateOf(before), to: stateOf(after)}
    return after.type === 'file' ? [state, contentChange({content: ''}, after)] : [state]
  }
  if (before.type !== after.type) return [{path: 'type', from: typeName(before), to: after.type}]
  return [
    ...(before.sha256 === after.sha256 ? [] : [contentChange(before, after)]),
    ...(before.target === after.target ? [] : [{path: 'to', from: before.target ?? '', to: after.target ?? ''}]),
    ...attributeChanges(before, after),
  ]
}

const stateOf = ({type}: PathPart): string => (type === 'absent' ? 'absent' : 'present')

/** Differences in `mode`, `owner` and `group`. */
export const attributeChanges = (before: PathPart, after: PathPart): Change[] => [
  ...(before.mode === after.mode || after.type === 'link' ? [] : [{path: 'mode', from: before.mode, to: after.mode}]),
  ...accountChange('owner', before.owner, after.owner),
  ...accountChange('group', before.group, after.group),
]

const accountChange = (path: string, before: Account, after: Account): Change[] =>
  isSameAccount(before, after) ? [] : [{path, from: before[0] ?? '', to: after[0] ?? ''}]

/** Where neither knows the other's name or number, they are different. */
export const isSameAccount = (one: Account, other: Account): boolean =>
  one === other || one.some(name => other.includes(name))

type Holding = Pick<PathPart, 'sha256' | 'content'>

/** `{text}` where both can be shown, `{sha256}` otherwise; `from` is null where a change before leaves it unknown. */
const contentChange = (before: Holding, after: Holding): Change => {
  if (after.content instanceof Secret) return {path: 'content', from: '***', to: '***'}
  return {path: 'content', from: shown(before), to: shown(after)}
}

const shown = ({content, sha256}: Holding): Json => {
  if (content instanceof Secret) return '***'
  const text = content === undefined ? undefined : shownText(content)
  if (text !== undefined) return {text}
  const digest = sha256 ?? (content === undefined ? undefined : sha256Of(content))
  return digest === undefined ? null : {sha256: digest}
}

/** Whether the file has to be written anew; otherwise its metadata are set in place. */
export const isRewrite = (changes: readonly Change[]): boolean =>
  changes.some(({path}) => path === 'state' || path === 'type' || path === 'content')

/** Something new where nothing of it stood: as umask 022 makes it, of the account that makes it. */
export const fresh = (current: PathState, made: Pick<PathPart, 'type'> & Partial<PathPart>): PathState => {
  const {parent, creator} = current
  const inherits = parent !== undefined && (Number.parseInt(parent.mode, 8) & 0o2000) !== 0
  const isDirectory = made.type === 'directory'
  return {
    ...current,
    mode: isDirectory ? (inherits ? '2755' : '0755') : made.type === 'link' ? '0777' : '0644',
    owner: creator?.owner ?? [],
    group: (inherits ? parent.group : creator?.group) ?? [],
    sha256: undefined,
    content: undefined,
    target: undefined,
    inode: undefined,
    ...made,
  }
}

export const gone = (current: PathState): PathState => ({...current, ...nothing})

export const holding = (content: Content): Holding => ({content, sha256: sha256Of(content)})

/** With the attributes that are wanted. A link has no mode; giving a file away takes its set-ID bits. */
export const withAttributes = (state: PathState, {mode, owner, group}: Attributes): PathState => {
  const wanted = {
    owner: owner === undefined ? state.owner : accountOf(owner, state.ids.owner),
    group: group === undefined ? state.group : accountOf(group, state.ids.group),
  }
  const isGiven = !isSameAccount(wanted.owner, state.owner) || !isSameAccount(wanted.group, state.group)
  const left = isGiven && state.type === 'file' ? withoutSetId(state.mode) : state.mode
  return {
    ...state,
    owner: isSameAccount(wanted.owner, state.owner) ? state.owner : wanted.owner,
    group: isSameAccount(wanted.group, state.group) ? state.group : wanted.group,
    mode: mode === undefined || state.type === 'link' ? left : modeAfter(mode, left, state.type === 'directory'),
  }
}

const accountOf = (name: string, known: Account | undefined): Account =>
  known ?? (name === 'root' ? ['root', '0'] : [name])

/** As chown(2) does. */
const withoutSetId = (mode: string): string => {
  const bits = Number.parseInt(mode, 8)
  return (bits & ~(bits & 0o010 ? 0o6000 : 0o4000)).toString(8).padStart(4, '0')
}

/** How new content is put in place. */
export type Writing = {
  /** Words of a command that checks it first; `%s` in one of them is where it waits. */
  readonly check?: readonly string[]
  readonly validate?: Command
  /** The former file is kept beside it, under a name with the time. */
  readonly backup?: boolean
}

/** The steps from what stands at a path to what shall stand there. */
export const stepsBetween = (before: PathState, after: PathState, writing: Writing = {}): Step[] => {
  const path = after.at
  const changes = changesBetween(before, after)
  const isNew = isRewrite(changes) || changes.some(change => change.path === 'to')
  if (!isNew) return changes.length === 0 ? [] : [attributeStep(path, after, changes)]
  return [
    ...parentStep(before),
    ...stepsTo(before, after, writing),
    ...(isNewDirectory(before, after) ? [] : afterUnitFile(path)),
  ]
}

/** An empty directory tells systemd nothing. */
const isNewDirectory = (before: PathState, after: PathState): boolean =>
  before.type === 'absent' && after.type === 'directory'

const stepsTo = (before: PathState, after: PathState, writing: Writing): Step[] => {
  const path = after.at
  const [owner = '', group = ''] = [after.owner[0], after.group[0]]
  switch (after.type) {
    case 'absent':
      return [
        {
          do: 'run',
          title: `remove ${path}`,
          command: before.type === 'directory' ? $`rm -rf --one-file-system -- ${path}` : $`rm -f -- ${path}`,
        },
      ]
    case 'directory':
      // Nobody may look in before owner and mode are right.
      return [makeDirectory(path, after)]
    case 'link': {
      const waiting = candidateOf(path)
      const clear = before.type === 'directory' ? $`rmdir -- ${path} && ` : raw('')
      const own = owner === '' ? raw('') : $`chown -h -- ${`${owner}:${group}`} ${waiting} && `
      const command = $`${clear}ln -sfn -- ${after.target ?? ''} ${waiting} && ${own}mv -fT -- ${waiting} ${path}`
      return [{do: 'run', title: `link ${path} to ${after.target}`, command}]
    }
    default: {
      const {check, validate = check && checking(check, candidateOf(path)), backup} = writing
      const content = after.content ?? ''
      return [
        {
          do: 'write',
          title: `write ${path}`,
          files: [{path, content, mode: after.mode, owner, group, ...(backup && {backup})}],
          ...(validate && {validate}),
        },
      ]
    }
  }
}

/** The words of a command, as they are: no shell reads them. */
export const checking = (words: readonly string[], candidate: string): Command =>
  raw(words.map(word => quote(word.replaceAll('%s', candidate))).join(' '))

// A fifth digit, because chmod(1) leaves the set-ID bits of a directory otherwise.
const chmod = ({type, mode}: PathPart): string => (type === 'directory' ? `0${mode}` : mode)

export const makeDirectory = (path: string, made: PathPart): Step => {
  const account = `${made.owner[0] ?? ''}:${made.group[0] ?? ''}`
  const command = $`mkdir -m 0700 -- ${path} && chown -- ${account} ${path} && chmod -- ${chmod(made)} ${path}`
  return {do: 'run', title: `make the directory ${path}`, command}
}

const parentStep = ({at, base}: PathState): Step[] => {
  const directory = posix.dirname(at)
  return base === undefined || base === directory
    ? []
    : [{do: 'run', title: `make the directory ${directory}`, command: $`mkdir -p -- ${directory}`}]
}

/** Sets owner, group and mode in place; chown(1) first, because it clears the set-user-ID bit. */
export const attributeStep = (path: string, after: PathPart, changes: readonly Change[]): Step => ({
  do: 'run',
  title: `set ${changes.map(change => change.path).join(', ')} of ${path}`,
  command: attributeCommand(path, after),
})

export const attributeCommand = (path: string, part: PathPart): Command => {
  const {type, owner, group} = part
  const account = `${owner[0] ?? ''}:${group[0] ?? ''}`
  if (type === 'link') return $`chown -h -- ${account} ${path}`
  return $`chown -- ${account} ${path} && chmod -- ${chmod(part)} ${path}`
}

const parts = ['type', 'mode', 'owner', 'group', 'sha256', 'content', 'target', 'inode'] as const

/** What is different at a path from now on: all of it, where something else stands there or a link leads elsewhere. */
export const patchBetween = (before: PathPart, after: PathPart): PathPatch | undefined => {
  const isOther = before.type !== after.type || before.target !== after.target
  const changed = parts.filter(part => isOther || before[part] !== after[part])
  if (changed.length === 0) return undefined
  return Object.fromEntries(changed.map(part => [part, after[part]]))
}

/** What the steps leave for those that come later. */
export const providesBetween = (before: PathState, after: PathState): Provides => {
  const changes = changesBetween(before, after)
  if (changes.length === 0) return {}
  const patch = patchBetween(before, after)
  const isUnit = (isRewrite(changes) || after.type === 'link') && !isNewDirectory(before, after)
  const unit = isUnit ? unitFileProvides(after.at) : {}
  const isFile = after.type === 'file'
  return {
    ...(isFile ? unit : {daemonReloaded: unit.daemonReloaded ?? false}),
    paths: new Map([...madeParents(before), ...(patch ? [[after.at, patch] as const] : [])]),
  }
}

/** The directories above that are missing, from the topmost. */
export const missingParents = ({at, base}: PathState): string[] => {
  if (base === undefined) return []
  const above = ancestorsOf(at)
  return above.slice(above.indexOf(base) + 1)
}

/** The directories above that are made on the way. */
const madeParents = (before: PathState): [string, PathPatch][] => {
  const made = fresh(before, {type: 'directory'})
  return missingParents(before).map(path => [path, partsOf(made)])
}

/** All that there is to say of a path. */
export const partsOf = (state: PathPart): PathPatch => Object.fromEntries(parts.map(part => [part, state[part]]))

/** They want different modes or owners: of symbolic modes that cannot be told. */
export const contradict = (one: Attributes, other: Attributes): boolean =>
  differ(one.owner, other.owner) ||
  differ(one.group, other.group) ||
  (differ(one.mode, other.mode) && isOctal(one.mode ?? '') && isOctal(other.mode ?? ''))

const differ = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && other !== undefined && one !== other
