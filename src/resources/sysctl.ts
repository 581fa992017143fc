import {$} from '../shell/command.ts'
import {sha256Of, shownText} from './content.ts'
import {fileAfter, fileChanges} from './file-change.ts'
import {isReadOnly} from './mount-view.ts'
import {attributeStep, isRewrite} from './path-change.ts'
import {pathQuestion} from './path-question.ts'
import {type PathState, pathState} from './path-state.ts'
import {
  type Answer,
  type FileWrite,
  type Handler,
  type Kind,
  type Resource,
  resourceOf,
  type Step,
  Unreadable,
  type Unsupported,
  unsupported,
} from './resource.ts'
import {broken} from './rules.ts'
import {parseKey, persistentFile, persistentLine} from './sysctl-key.ts'

export type SysctlDesired = {readonly key: string; readonly value: string; readonly confirm?: boolean}

/** `live` is undefined where the key's device, or the module that brings it, is not there yet. */
export type SysctlState = {
  readonly live: string | undefined
  /** The module has to be loaded first, now and at every boot. */
  readonly load: string | undefined
  readonly persistent: PathState
}

/** A kernel parameter, now and after a reboot. Values of several fields are compared by field. */
export const sysctlKind: Kind<SysctlDesired, SysctlState> = {
  name: 'sysctl',
  identify: ({key}) => parseKey(key).path.replaceAll('/', '.'),
  probe: desired => {
    const {path, module} = parseKey(desired.key)
    const file = fileOf(desired)
    // The view of PID 1: in check mode this shell sees everything mounted read-only, by us.
    return {
      command: $`
k=${`/proc/sys/${path}`}
if [ -e "$k" ]; then
v=$(cat "$k") || exit 3
printf 'live %s\\n' "$(printf %s "$v" | base64 | tr -d '\\n')"
stat -c 'bits %a %u' "$k"; id -u
m=/proc/1/mountinfo
[ -r "$m" ] || { m=/proc/self/mountinfo; [ -z "\${GATEWRIGHT_READ_ONLY-}" ] || m=/dev/null; }
sed -nE 's,^([^ ]+ ){4}/(proc[^ ]*)? ,mount &,p' "$m"
elif [ -n ${module ?? ''} ] && modprobe -n -q ${module ?? 'none'} 2>/dev/null; then echo loadable
fi
[ -d /proc/sys/net ] && echo proc
echo file
( ${pathQuestion({path: file.path, unlessSha256: sha256Of(file.content)})} )`,
      parse: answer => parse(desired, answer),
    }
  },
  diff(desired, {live, load, persistent}) {
    const [file, wanted] = [fileChanges(fileOf(desired), persistent), fields(desired.value)]
    return [
      ...(load !== undefined || (live !== undefined && live !== wanted)
        ? [{path: 'live', from: live ?? null, to: wanted}]
        : []),
      ...(file.length > 0 ? [{path: 'persistent', from: persistentValue(persistent), to: wanted}] : []),
    ]
  },
  steps(desired, changes, {load, persistent}) {
    const {key, value} = desired
    const file = fileOf(desired)
    const wrong = fileChanges(file, persistent)
    return [
      ...(load === undefined ? [] : loadSteps(load)),
      ...(wrong.length === 0
        ? []
        : isRewrite(wrong)
          ? [write(`write ${file.path}`, file)]
          : [attributeStep(file.path, fileAfter(file, persistent), wrong)]),
      ...(changes.some(({path}) => path === 'live')
        ? [
            {
              do: 'run' as const,
              title: `set ${key} to ${value}`,
              command: $`printf '%s\\n' ${value} >${`/proc/sys/${parseKey(key).path}`}`,
            },
          ]
        : []),
    ]
  },
  guard({key, confirm}, _changes, {load}) {
    const live = `/proc/sys/${parseKey(key).path}`
    return confirm
      ? {
          paths: [persistentFile(key), ...(load === undefined ? [] : [moduleFile(load)])],
          keep: $`[ ! -e ${live} ] || cat ${live} >"$kept/value"`,
          restore: $`[ ! -e "$kept/value" ] || cat "$kept/value" >${live}`,
        }
      : undefined
  },
  paths: ({key}) => [persistentFile(key)],
  problems: ({key, value}) =>
    broken(
      /^[\w:@+-]+([./][\w:@+.-]+)+$/.test(key) && !key.includes('..')
        ? undefined
        : `key: ${JSON.stringify(key)} is not a key of sysctl(8); write a slash for a dot in the name of a device`,
      value.trim() === '' || /[\0\n]/.test(value)
        ? `value: ${JSON.stringify(value)} is not a value of one line`
        : undefined,
    ),
}

const fileOf = ({key, value}: SysctlDesired): FileWrite => ({
  path: persistentFile(key),
  content: persistentLine(key, fields(value)),
  mode: '0644',
  owner: 'root',
  group: 'root',
})

const write = (title: string, file: FileWrite): Step => ({do: 'write', title, files: [file]})

const moduleFile = (module: string): string => `/etc/modules-load.d/gatewright-${module}.conf`

/** systemd-sysctl.service runs after systemd-modules-load.service. */
const loadSteps = (module: string): Step[] => [
  write(`load ${module} at boot`, {
    path: moduleFile(module),
    content: `${module}\n`,
    mode: '0644',
    owner: 'root',
    group: 'root',
  }),
  {do: 'run', title: `load ${module}`, command: $`modprobe ${module}`},
]

const fields = (value: string): string => value.trim().split(/\s+/).join(' ')

const parse = (desired: SysctlDesired, {code, stdout, stderr}: Answer): SysctlState | Unsupported => {
  const {path, device, module} = parseKey(desired.key)
  const [head = '', file] = stdout.split(/^file\n/m)
  if (code !== 0 || file === undefined) throw new Unreadable(stderr.trim() || `exit code ${code}`)
  const persistent = pathState(persistentFile(desired.key), {code: 0, stdout: file, stderr})
  const live = /^live (.*)$/m.exec(head)?.[1]
  if (live === undefined) {
    if (device !== undefined && head.includes('proc')) return {live: undefined, load: undefined, persistent}
    if (module !== undefined && head.includes('loadable')) return {live: undefined, load: module, persistent}
    return unsupported(`the kernel of this host has no ${desired.key}`)
  }
  const value = fields(Buffer.from(live, 'base64').toString())
  const reason = value === fields(desired.value) ? undefined : refusal(`/proc/sys/${path}`, head)
  return reason === undefined ? {live: value, load: undefined, persistent} : unsupported(reason)
}

/** Why it cannot be written. The owner's bit decides also for root (the kernel's sysctl_perm). */
const refusal = (path: string, head: string): string | undefined => {
  const [, bits = '644', owner = '0'] = /^bits (\d+) (\d+)$/m.exec(head) ?? []
  if (!(Number.parseInt(bits, 8) & 0o200)) return `${path} is read-only (mode ${bits})`
  if (owner !== '0') return `${path} belongs to another user namespace`
  const mounts = [...head.matchAll(/^mount (.*)$/gm)].map(([, line = '']) => line)
  return isReadOnly(path, mounts) ? `${path} is mounted read-only` : undefined
}

const persistentValue = ({type, content}: PathState): string | null =>
  type === 'absent' ? 'absent' : (/=\s*(.*?)\s*$/.exec((content && shownText(content)) ?? '')?.[1] ?? null)

const build = resourceOf(sysctlKind)

/** A kernel parameter, set now and kept in a file of its own below /etc/sysctl.d. */
export const sysctl = (options: {
  readonly key: string
  readonly value: string | number
  /** It can cut the way to the host, which takes it back by itself unless a new login confirms it. */
  readonly confirm?: boolean
  readonly notify?: readonly Handler[]
}): Resource<SysctlDesired, SysctlState> => {
  const {key, value, confirm, notify} = options
  return build({key, value: String(value), ...(confirm && {confirm})}, notify)
}
