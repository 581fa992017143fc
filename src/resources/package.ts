import {$} from '../shell/command.ts'
import type {Provides} from './foresight.ts'
import {installScript, removeScript} from './package-script.ts'
import {
  type Answer,
  type Handler,
  type Kind,
  type Resource,
  resourceOf,
  Unreadable,
  type Unsupported,
  unsupported,
} from './resource.ts'
import {broken} from './rules.ts'

export type PackageDesired = {
  readonly names: readonly string[]
  readonly state: 'present' | 'absent'
  readonly provides: Provides
}

/** Name -> what dpkg(1) holds of it. `interrupted`: unpacked or half way, and nothing can be installed before that is ended. */
export type PackageState = Readonly<Record<string, 'installed' | 'interrupted' | 'absent'>>

/** Debian packages. Their daemons are not started; what they bring has to be declared by `provides`. */
export const packageKind: Kind<PackageDesired, PackageState> = {
  name: 'package',
  opaque: true,
  identify: ({names}) => names.join(' '),
  probe: ({names}) => ({
    // dpkg-query(1) exits 1 when it does not know a name; 2 is an error.
    command: $`
command -v dpkg-query >/dev/null || { echo 'no dpkg'; exit 0; }
dpkg-query -W -f='\${binary:Package} \${db:Status-Want} \${db:Status-Eflag} \${db:Status-Status}\\n' -- ${names} 2>&1
[ $? -le 1 ]`,
    parse: answer => parse(names, answer),
  }),
  diff({names, state}, current) {
    const wanted = state === 'present' ? 'installed' : 'absent'
    return names.flatMap(name => {
      const from = current[name] ?? 'absent'
      const path = names.length === 1 ? 'state' : `state of ${name}`
      return from === wanted ? [] : [{path, from, to: wanted}]
    })
  },
  steps({names, state}, changes) {
    const changed = names.filter(name => names.length === 1 || changes.some(({path}) => path === `state of ${name}`))
    const [verb, script] = state === 'present' ? ['install', installScript] : ['remove', removeScript]
    return [{do: 'run', title: `${verb} ${changed.join(', ')}`, command: script(changed), timeoutMs: 1_800_000}]
  },
  provides: ({state, provides}) => (state === 'present' ? provides : {}),
  problems: ({names, provides}) =>
    broken(
      names.length === 0 ? 'name: there is none' : undefined,
      ...names.map(name =>
        /^[a-z0-9][a-z0-9+.-]+$/.test(name)
          ? undefined
          : `name: ${JSON.stringify(name)} is not the name of a Debian package`,
      ),
      ...(provides.units ?? [])
        .map(unit => (typeof unit === 'string' ? unit : unit.name))
        .map(unit =>
          unit.endsWith('.service') ? `provides: the unit ${unit} is named without ".service"` : undefined,
        ),
    ),
}

/** One line `name[:arch] want flag status` per package that dpkg knows; others it mentions in prose. */
const parse = (names: readonly string[], {code, stdout, stderr}: Answer): PackageState | Unsupported => {
  if (stdout.startsWith('no dpkg')) return unsupported('this host has no dpkg')
  if (code !== 0) throw new Unreadable((stderr || stdout).trim() || `dpkg-query ended with exit code ${code}`)
  const found = new Map(
    stdout.split('\n').flatMap((line): [string, string[]][] => {
      const [name, ...status] = line.split(' ')
      return name && status.length === 3 && flags.has(status[1] ?? '') ? [[name.replace(/:.*/, ''), status]] : []
    }),
  )
  return Object.fromEntries(names.map(name => [name, stateOf(found.get(name))]))
}

const flags = new Set(['ok', 'reinstreq'])

const stateOf = ([, flag, status]: readonly string[] = ['', 'ok', 'not-installed']): PackageState[string] => {
  if (flag === 'reinstreq') return 'interrupted'
  if (status === 'installed') return 'installed'
  return status === 'not-installed' || status === 'config-files' ? 'absent' : 'interrupted'
}

const build = resourceOf(packageKind)

/** Debian packages, installed without recommended ones, or removed (configuration files stay). */
export const pkg = (options: {
  readonly name: string | readonly string[]
  readonly state?: 'present' | 'absent'
  /** What roles rely on after it: units, accounts, directories. Check mode predicts from this. */
  readonly provides?: Provides
  readonly notify?: readonly Handler[]
}): Resource<PackageDesired, PackageState> => {
  const {name, state = 'present', provides = {}, notify} = options
  return build({names: typeof name === 'string' ? [name] : name, state, provides}, notify)
}
