import {posix} from 'node:path'
import {Bytes, type Content, utf8Of} from './content.ts'
import {type Answer, Unreadable} from './resource.ts'

/** Name and number of an account, as far as they are known: either may be desired. */
export type Account = readonly string[]

/** The part of a path's state that changes made before may have altered. */
export type PathPart = {
  readonly type: 'absent' | 'file' | 'directory' | 'link' | 'other'
  /** Four octal digits; empty when absent. */
  readonly mode: string
  readonly owner: Account
  readonly group: Account
  /** Of a regular file; undefined where a change before leaves it unknown. */
  readonly sha256?: string | undefined
  /** Of a regular file, where it was asked for or is known from the plan. */
  readonly content?: Content | undefined
  /** Of a symbolic link. */
  readonly target?: string | undefined
  /** Two names of one file have the same. */
  readonly inode?: string | undefined
}

/** One entry below a directory; `path` is relative to it. */
export type TreeEntry = Pick<PathPart, 'type' | 'mode' | 'owner' | 'group' | 'target'> & {readonly path: string}

/** What stands at a path, and whether the accounts and the directory that it needs are there. */
export type PathState = PathPart & {
  /** Where it really lies: links resolved. */
  readonly at: string
  /** The same of the name as it was written: a link at its end is not followed, nor what is meant in a directory. */
  readonly named: string
  /** Links on the way, as the path was written. */
  readonly via: readonly string[]
  /** Why nothing can be there, where a file stands on the way. */
  readonly blocked?: string | undefined
  readonly hasParent: boolean
  /** The nearest directory above that is there. */
  readonly base?: string
  /** Mode and group of that one, or of the directory that it lies in, where a new file is thought of. */
  readonly parent?: {readonly mode: string; readonly group: Account} | undefined
  /** Whose a new file would be. */
  readonly creator?: {readonly owner: Account; readonly group: Account}
  /** What stands at the other path that was asked for. */
  readonly peer?: PathPart
  readonly hasOwner: boolean
  readonly hasGroup: boolean
  /** The accounts that are desired. */
  readonly ids: {readonly owner?: Account | undefined; readonly group?: Account | undefined}
  /** Of a directory, where it was asked for. */
  readonly isEmpty: boolean
  readonly tree?: readonly TreeEntry[]
}

/** Throws Unreadable with the host's words. */
export const pathState = (path: string, {code, stdout, stderr}: Answer): PathState => {
  const all = stdout.split('\n').map(line => split(line))
  const lines = new Map(all)
  const stat = lines.get('stat')
  if (code !== 0 || (stat === undefined && !lines.has('absent')))
    throw new Unreadable(stderr.trim() || `${path}: the probe ended with exit code ${code}`)
  const [sha256, target, base] = [lines.get('sha256'), decoded(lines.get('target')), decoded(lines.get('base'))]
  const [content, tree] = [lines.get('content'), lines.get('tree')]
  const at = decoded(lines.get('at'))
  const peer = lines.get('peer')
  const named = (lines.has('into') ? at && posix.dirname(at) : decoded(lines.get('named'))) ?? path
  return {
    ...(stat === undefined ? nothing : partOf(stat)),
    ...(sha256 !== undefined && {sha256}),
    ...(content !== undefined && {content: new Bytes(Buffer.from(content, 'base64'))}),
    // Two characters of our own keep newlines at the end of a target from being lost.
    ...(target !== undefined && {target: target.slice(0, -2)}),
    at: at ?? named,
    named,
    via: all.filter(([word]) => word === 'via').map(([, link]) => link),
    ...(lines.has('blocked') && {blocked: decoded(lines.get('blocked'))}),
    hasParent: lines.has('parent'),
    ...(base !== undefined && {base}),
    ...parentOf(lines.get('parent') || lines.get('above')),
    ...creatorOf(lines.get('creator')),
    ...(peer !== undefined && {peer: partOf(peer)}),
    hasOwner: lines.has('owner'),
    hasGroup: lines.has('group'),
    ids: {owner: idOf(lines.get('owner')), group: idOf(lines.get('group'))},
    isEmpty: lines.has('empty'),
    ...(tree !== undefined && {tree: treeOf(Buffer.from(tree, 'base64').toString())}),
  }
}

/** What stat(1) says. */
const partOf = (stat: string): PathPart => {
  const [type = '', mode = '', owner = '', uid = '', group = '', gid = '', , inode] = stat.split('|')
  const own = {type: typeOf(type), mode: mode.padStart(4, '0'), owner: account(owner, uid), group: account(group, gid)}
  return inode === undefined ? own : {...own, inode}
}

/** Where nothing stands. */
export const nothing: PathPart = {
  type: 'absent',
  mode: '',
  owner: [],
  group: [],
  sha256: undefined,
  content: undefined,
  target: undefined,
  inode: undefined,
}

const split = (line: string): [string, string] => {
  const space = line.indexOf(' ')
  return space < 0 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)]
}

const decoded = (base64: string | undefined): string | undefined =>
  base64 === undefined ? undefined : utf8Of(Buffer.from(base64, 'base64'))

/** stat(1) calls what has no name UNKNOWN. */
const account = (name: string, id: string): Account => (name === 'UNKNOWN' || name === id ? [id] : [name, id])

/** `114 frr` */
const idOf = (answer: string | undefined): Account | undefined => {
  const [id, name] = answer?.split(' ') ?? []
  return id ? account(name || id, id) : undefined
}

const parentOf = (answer: string | undefined): Pick<PathState, 'parent'> => {
  const [mode, group, gid] = answer?.split('|') ?? []
  return mode && group && gid ? {parent: {mode: mode.padStart(4, '0'), group: account(group, gid)}} : {}
}

const creatorOf = (answer: string | undefined): Pick<PathState, 'creator'> => {
  const [owner, uid, group, gid] = answer?.split('|') ?? []
  return owner && uid && group && gid ? {creator: {owner: account(owner, uid), group: account(group, gid)}} : {}
}

const typeOf = (type: string): PathState['type'] => {
  if (type.startsWith('regular')) return 'file'
  if (type === 'directory') return 'directory'
  return type === 'symbolic link' ? 'link' : 'other'
}

const findTypes: Readonly<Record<string, TreeEntry['type']>> = {f: 'file', d: 'directory', l: 'link'}

/** `type|mode|user|uid|group|gid|target`, NUL, the path, NUL. */
const treeOf = (listing: string): TreeEntry[] => {
  const parts = listing.split('\0')
  return parts.flatMap((meta, index) => {
    const path = parts[index + 1]
    if (index % 2 === 1 || path === undefined) return []
    const [letter = '', mode = '', user = '', uid = '', group = '', gid = '', ...target] = meta.split('|')
    const type = findTypes[letter] ?? 'other'
    const own = {type, mode: mode.padStart(4, '0'), owner: account(user, uid), group: account(group, gid), path}
    return [type === 'link' ? {...own, target: target.join('|')} : own]
  })
}
