import {$} from '../shell/command.ts'
import {bytesOf} from './content.ts'
import {Unforeseen} from './foresight.ts'
import {
  type Answer,
  type Handler,
  type Kind,
  type Resource,
  resourceOf,
  type Step,
  Unreadable,
  type Unsupported,
  unsupported,
} from './resource.ts'
import {broken, pathRule} from './rules.ts'

export type SysctlLineDesired = {
  readonly key: string
  /** undefined with state absent. */
  readonly value?: string
  readonly state: 'present' | 'absent'
  readonly file: string
  /** The file is loaded whole after a change. */
  readonly reload: boolean
  /** The key itself is set too. */
  readonly set: boolean
  /** Keys that the kernel does not know are passed over. */
  readonly ignoresErrors: boolean
  /** It can cut the way to the host: the host takes the change back unless a new login confirms it. */
  readonly confirm?: boolean
}

export type SysctlLineState = {readonly content: string; readonly live: string | undefined}

/** A line of a sysctl.conf(5) that others share, as Ansible's module sysctl keeps it. */
export const sysctlLineKind: Kind<SysctlLineDesired, SysctlLineState> = {
  name: 'sysctl_line',
  identify: ({key, file}) => `${key} in ${file}`,
  probe: ({key, file}) => ({
    command: $`
command -v sysctl >/dev/null || { echo 'no sysctl'; exit 0; }
v=$(sysctl -e -n -- ${key} 2>/dev/null) && printf 'live %s\\n' "$(printf %s "$v" | base64 | tr -d '\\n')"
if [ -f ${file} ]; then b=$(base64 <${file}) || exit; printf 'content %s\\n' "$(printf %s "$b" | tr -d '\\n')"; fi
echo read`,
    parse,
  }),
  predict: ({file}, current, foresight) => {
    const patch = foresight.at(file)
    if (patch?.content !== undefined) return {...current, content: bytesOf(patch.content).toString()}
    if (patch?.type === 'absent') return {...current, content: ''}
    return patch?.type === 'file' ? new Unforeseen(`what ${file} holds is known once it is written`) : current
  },
  diff(desired, {content, live}) {
    const {key, value = '', state, reload, set} = desired
    const isWritten = linesOf(content).findLast(line => line.key === key)?.value
    const isLive = live !== undefined && fields(live) === fields(value)
    const isDue = state === 'present' ? isWritten !== value : Boolean(isWritten)
    return [
      ...(isDue ? [{path: 'content', from: content, to: contentWith(desired, content)}] : []),
      ...(state === 'present' && (reload || set) && !isLive ? [{path: 'live', from: live ?? null, to: value}] : []),
    ]
  },
  steps(desired, changes, {content}) {
    const {key, value = '', file, reload, set, ignoresErrors} = desired
    const due = (path: string): boolean => changes.some(change => change.path === path)
    const mild = ignoresErrors ? ['-e'] : []
    const strictly = (title: string, words: readonly string[]): Step => ({
      do: 'run',
      title,
      // Some refusals of the kernel leave the exit code at 0.
      command: $`
said=$(LC_ALL=C sysctl ${words} 2>&1) || { printf '%s\\n' "$said"; exit 1; }
printf '%s\\n' "$said"
! printf '%s\\n' "$said" | grep -qE '^sysctl: setting key "[^"]+": (Invalid argument|Read-only file system)$'`,
    })
    return [
      ...(set && due('live') ? [strictly(`set ${key} to ${value}`, [...mild, '-w', `${key}=${value}`])] : []),
      ...(due('content')
        ? [
            {
              do: 'run' as const,
              title: `write ${file}`,
              command: $`
mkdir -p -- "$(dirname -- ${file})" && t=$(mktemp -- ${`${file}.XXXXXX`}) || exit
if [ -e ${file} ]; then chmod --reference=${file} -- "$t" && chown --reference=${file} -- "$t"; else chmod 0644 -- "$t"; fi &&
cat >"$t" && mv -f -- "$t" ${file} || { rm -f -- "$t"; exit 1; }`.reading(contentWith(desired, content)),
            },
          ]
        : []),
      ...(reload ? [strictly(`load ${file}`, [...mild, '-p', file])] : []),
    ]
  },
  guard(desired, _changes, {content}) {
    const {key, file, reload, confirm} = desired
    const loaded = reload
      ? linesOf(contentWith(desired, content)).flatMap(line => line.key?.replace(/^-/, '') ?? [])
      : []
    return confirm
      ? {
          paths: [file],
          keep: $`sysctl -e -- ${[...new Set([key, ...loaded])]} >"$kept/values" 2>/dev/null || true`,
          restore: $`sysctl -e -q -p "$kept/values"`,
        }
      : undefined
  },
  provides: ({file}, changes) => {
    const content = changes.find(({path}) => path === 'content')?.to
    return typeof content === 'string' ? {paths: new Map([[file, {content}]])} : {}
  },
  paths: ({file}) => [file],
  problems: ({key, value, state, file}) =>
    broken(
      /^[\w:@+*-]+([./][\w:@+.*-]+)+$/.test(key) ? undefined : `name: ${JSON.stringify(key)} is not a key of sysctl(8)`,
      state === 'present' && (value === undefined || value === '' || value.includes('\n'))
        ? 'value: it must be text of one line that is not empty'
        : undefined,
      pathRule('sysctl_file', file),
    ),
}

const fields = (value: string): string => value.trim().split(/\s+/).join(' ')

type Line = {readonly text: string; readonly key?: string; readonly value?: string}

const linesOf = (content: string): readonly Line[] =>
  content
    .replace(/\n$/, '')
    .split('\n')
    .filter((_line, index, all) => all.length > 1 || index > 0 || content !== '')
    .map(line => {
      const text = line.trim()
      const equals = text.indexOf('=')
      if (/^[#;]/.test(text) || equals < 0) return {text}
      return {text, key: text.slice(0, equals).trim(), value: text.slice(equals + 1).trim()}
    })

/** Every setting as `key=value`, once; comments and empty lines stay. */
const contentWith = ({key, value = '', state}: SysctlLineDesired, content: string): string => {
  const seen = new Set<string>()
  const kept = linesOf(content).flatMap((line): string[] => {
    if (line.key === undefined) return [line.text]
    if (seen.has(line.key)) return []
    seen.add(line.key)
    if (line.key !== key) return [`${line.key}=${line.value}`]
    return state === 'present' ? [`${key}=${value}`] : []
  })
  if (!seen.has(key) && state === 'present') kept.push(`${key}=${value}`)
  return kept.map(line => `${line}\n`).join('')
}

const parse = ({code, stdout, stderr}: Answer): SysctlLineState | Unsupported => {
  if (stdout.startsWith('no sysctl')) return unsupported('this host has no sysctl')
  if (code !== 0 || !/^read$/m.test(stdout))
    throw new Unreadable(stderr.trim() || `the probe ended with exit code ${code}`)
  const decoded = (word: string): string | undefined => {
    const found = new RegExp(`^${word} (.*)$`, 'm').exec(stdout)?.[1]
    return found === undefined ? undefined : Buffer.from(found, 'base64').toString()
  }
  return {content: decoded('content') ?? '', live: decoded('live') || undefined}
}

const build = resourceOf(sysctlLineKind)

/** A kernel parameter in a file that belongs to nobody alone; `sysctl` keeps one of its own. */
export const sysctlLine = (
  options: SysctlLineDesired & {readonly notify?: readonly Handler[]},
): Resource<SysctlLineDesired, SysctlLineState> => {
  const {notify, ...desired} = options
  return build(desired, notify)
}
