import {posix} from 'node:path'
import {$, type Command, raw} from '../shell/command.ts'
import type {Foresight} from './foresight.ts'
import {type Answer, Unreadable} from './resource.ts'

/** What stands at a path, and whether the accounts and the directory that it needs are there. */
export type PathState = {
  readonly type: 'absent' | 'file' | 'directory' | 'link' | 'other'
  /** Four octal digits; empty when absent. */
  readonly mode: string
  /** Name and number: either may be desired. */
  readonly owner: readonly string[]
  readonly group: readonly string[]
  /** Of a regular file. */
  readonly sha256?: string
  /** UTF-8 text of a regular file that is not as desired, below the cap. */
  readonly text?: string
  /** Of a symbolic link. */
  readonly target?: string
  readonly hasParent: boolean
  readonly hasOwner: boolean
  readonly hasGroup: boolean
}

export type PathQuestion = {
  readonly path: string
  readonly owner?: string
  readonly group?: string
  /** The content of a regular file is sent unless it has this digest; not at all when undefined. */
  readonly unlessSha256?: string
}

/** A file longer than this is compared by its digest only, in bytes. */
export const textCap = 256 * 1024

/**
 * Asks what stands at a path, in lines `word value`. Only ENOENT passes for absent: stat(1) tells its cause in no other
 * way than the text of strerror(3), which LC_ALL=C fixes.
 */
export const pathQuestion = ({path, owner, group, unlessSha256}: PathQuestion): Command => $`
p=${path}
[ -d ${posix.dirname(path)} ] && echo parent
${known('passwd', 'owner', owner)}
${known('group', 'group', group)}
if ! s=$(LC_ALL=C stat -c '%F|%a|%U|%u|%G|%g|%s' -- "$p" 2>&1); then
case $s in
*': No such file or directory') echo absent; exit 0 ;;
*) printf '%s\\n' "$s" >&2; exit 3 ;;
esac
fi
printf 'stat %s\\n' "$s"
case $s in
'symbolic link|'*) t=$(readlink -- "$p" && echo .) || exit 3; printf 'target '; printf %s "$t" | base64 | tr -d '\\n'; echo ;;
regular*) d=$(sha256sum <"$p") || exit 3; d=\${d%% *}; echo "sha256 $d"
${unlessSha256 === undefined ? raw('') : content(unlessSha256)} ;;
esac
exit 0`

const known = (database: string, word: string, name: string | undefined): Command =>
  name === undefined || name === 'root' || /^\d+$/.test(name)
    ? $`echo ${word}`
    : $`getent ${database} ${name} >/dev/null && echo ${word}`

const content = (sha256: string): Command =>
  $`if [ "$d" != ${sha256} ] && [ "\${s##*|}" -le ${textCap} ]; then printf 'content '; base64 <"$p" | tr -d '\\n'; echo; fi`

/** Throws Unreadable with the host's words. */
export const pathState = (path: string, {code, stdout, stderr}: Answer): PathState => {
  const lines = new Map(stdout.split('\n').map(line => split(line)))
  const stat = lines.get('stat')
  if (code !== 0 || (stat === undefined && !lines.has('absent')))
    throw new Unreadable(stderr.trim() || `${path}: the probe ended with exit code ${code}`)
  const [type = '', mode = '', owner = '', uid = '', group = '', gid = ''] = stat?.split('|') ?? []
  const [sha256, text, target] = [lines.get('sha256'), textOf(lines.get('content')), textOf(lines.get('target'))]
  return {
    type: stat === undefined ? 'absent' : typeOf(type),
    mode: stat === undefined ? '' : mode.padStart(4, '0'),
    owner: [owner, uid],
    group: [group, gid],
    ...(sha256 !== undefined && {sha256}),
    ...(text !== undefined && {text}),
    // Two characters of our own keep newlines at the end of a target from being lost.
    ...(target !== undefined && {target: target.slice(0, -2)}),
    hasParent: lines.has('parent'),
    hasOwner: lines.has('owner'),
    hasGroup: lines.has('group'),
  }
}

const split = (line: string): [string, string] => {
  const space = line.indexOf(' ')
  return space < 0 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)]
}

const typeOf = (type: string): PathState['type'] => {
  if (type.startsWith('regular')) return 'file'
  if (type === 'directory') return 'directory'
  return type === 'symbolic link' ? 'link' : 'other'
}

/** Text that is not UTF-8 or holds a NUL is no text. */
const textOf = (base64: string | undefined): string | undefined => {
  if (base64 === undefined) return undefined
  try {
    const text = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(Buffer.from(base64, 'base64'))
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

type Owned = {readonly path: string; readonly owner: string; readonly group: string}

/** What earlier changes will have put there or made possible. */
export const foreseePath = ({path, owner, group}: Owned, current: PathState, foresight: Foresight): PathState => {
  const directory = foresight.directories.get(path)
  const hint = directory ?? foresight.files.get(path)
  const arrives = current.type === 'absent' && hint !== undefined
  return {
    ...current,
    hasParent: current.hasParent || foresight.willHave(posix.dirname(path)),
    hasOwner: current.hasOwner || foresight.users.has(owner),
    hasGroup: current.hasGroup || foresight.groups.has(group),
    ...(arrives && {
      type: directory ? 'directory' : 'file',
      mode: hint.mode ?? (directory ? '0755' : '0644'),
      owner: [hint.owner ?? 'root'],
      group: [hint.group ?? 'root'],
    }),
  }
}

/** Why nothing can be put there. */
export const pathObstacle = ({path, owner, group}: Owned, current: PathState): string | undefined => {
  if (!current.hasParent) return `the directory ${posix.dirname(path)} does not exist, and nothing before provides it`
  if (!current.hasOwner) return `the user ${owner} does not exist, and nothing before provides it`
  if (!current.hasGroup) return `the group ${group} does not exist, and nothing before provides it`
  return undefined
}
