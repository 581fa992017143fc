import type {Command} from '../shell/command.ts'
import type {Provides} from './foresight.ts'
import {type AptOptions, installScript, markScript, removeScript} from './package-script.ts'
import {type PackageState, packageQuestion, packageState} from './package-state.ts'
import {type Change, type Handler, type Kind, type Resource, resourceOf, type Step} from './resource.ts'
import {broken} from './rules.ts'

export type PackageDesired = {
  readonly names: readonly string[]
  /** `latest`: the version that apt would install now. */
  readonly state: 'present' | 'absent' | 'latest'
  readonly provides: Provides
  /** Name -> the only version that will do. */
  readonly versions?: Readonly<Record<string, string>>
  /** Removed with their configuration files. */
  readonly purge?: boolean
  /** They count as wanted by a person: apt never removes them as no longer needed. */
  readonly manual?: boolean
  /** Those that are not installed stay so. */
  readonly onlyUpgrade?: boolean
  readonly options: AptOptions
}

/** Debian packages. Their daemons are not started; what they bring has to be declared by `provides`. */
export const packageKind: Kind<PackageDesired, PackageState> = {
  name: 'package',
  opaque: true,
  identify: ({names, versions = {}}) =>
    names.map(name => (versions[name] === undefined ? name : `${name}=${versions[name]}`)).join(' '),
  probe: ({names, state, manual, options}) => ({
    command: packageQuestion(names, {
      marks: manual === true,
      candidates: state === 'latest',
      ...(options.defaultRelease !== undefined && {release: options.defaultRelease}),
    }),
    parse: answer => packageState(names, answer),
  }),
  predict: ({names}, current, foresight) =>
    Object.fromEntries(
      names.map(name => {
        const to = foresight.changesOf('package', name).at(-1)?.to
        const was = current[name] ?? {status: 'absent'}
        if (to === 'absent') return [name, {...was, status: 'absent'}]
        return [name, typeof to === 'string' ? {...was, status: 'installed', isForeseen: true, isAuto: false} : was]
      }),
    ),
  diff: (desired, current) => desired.names.flatMap(name => changesOf(name, desired, current)),
  steps(desired, changes) {
    const {names, state, purge, options, versions = {}} = desired
    const due = (path: string): readonly string[] =>
      names.filter(name => changes.some(change => change.path === pathOf(path, name, desired)))
    const changed = due('state')
    const marked = due('mark')
    const pinned = changed.map(name => (versions[name] === undefined ? name : `${name}=${versions[name]}`))
    const work =
      state === 'absent' ? removeScript(changed, {...options, purge: purge === true}) : installScript(pinned, options)
    return [
      ...(changed.length === 0 ? [] : [run(`${verbs[state]} ${pinned.join(', ')}`, work)]),
      ...(marked.length === 0 ? [] : [run(`mark ${marked.join(', ')} as wanted`, markScript(marked))]),
    ]
  },
  provides: ({names, state, provides}, changes) => ({
    ...(state === 'absent' ? {} : provides),
    made: changes
      .filter(({path}) => path.startsWith('state'))
      .map(change => ({kind: 'package', name: change.path.split(' of ')[1] ?? names[0] ?? '', changes: [change]})),
  }),
  isBeside: (one, other) =>
    (one.state === 'absent') === (other.state === 'absent') &&
    one.names.every(name => versionOf(one, name) === undefined || versionOf(one, name) === versionOf(other, name)),
  problems: ({names, provides, versions = {}}) =>
    broken(
      names.length === 0 ? 'name: there is none' : undefined,
      ...names.map(name =>
        /^[a-z0-9][a-z0-9+.-]+$/.test(name)
          ? undefined
          : `name: ${JSON.stringify(name)} is not the name of a Debian package`,
      ),
      ...Object.values(versions).map(version =>
        /^[\w.+:~-]+$/.test(version)
          ? undefined
          : `name: ${JSON.stringify(version)} is not a version; patterns of versions are not supported`,
      ),
      ...(provides.units ?? [])
        .map(unit => (typeof unit === 'string' ? unit : unit.name))
        .map(unit =>
          unit.endsWith('.service') ? `provides: the unit ${unit} is named without ".service"` : undefined,
        ),
    ),
}

const verbs = {present: 'install', latest: 'install or upgrade', absent: 'remove'} as const
const run = (title: string, command: Command): Step => ({do: 'run', title, command, timeoutMs: 1_800_000})

const versionOf = ({versions = {}}: PackageDesired, name: string): string | undefined => versions[name]
const pathOf = (path: string, name: string, {names}: PackageDesired): string =>
  names.length === 1 ? path : `${path} of ${name}`

const changesOf = (name: string, desired: PackageDesired, current: PackageState): Change[] => {
  const {status, version, candidate, isAuto, isForeseen} = current[name] ?? {status: 'absent'}
  const {state, purge, manual, onlyUpgrade} = desired
  const path = pathOf('state', name, desired)
  if (state === 'absent') {
    const isGone = status === 'absent' || (status === 'configured' && !purge)
    return isGone ? [] : [{path, from: status === 'configured' ? 'configuration files' : status, to: 'absent'}]
  }
  const from = status === 'configured' ? 'absent' : status
  if (from === 'absent' && onlyUpgrade) return []
  const pin = versionOf(desired, name)
  if (from !== 'installed') return [{path, from, to: pin ?? 'installed'}]
  if (pin !== undefined && version !== pin && !isForeseen) return [{path, from: version ?? 'installed', to: pin}]
  if (state === 'latest' && pin === undefined && candidate !== undefined && candidate !== version && !isForeseen)
    return [{path, from: version ?? 'installed', to: candidate}]
  return manual && isAuto ? [{path: pathOf('mark', name, desired), from: 'automatic', to: 'manual'}] : []
}

const build = resourceOf(packageKind)

/** Debian packages, installed without recommended ones unless said otherwise, or removed (configuration files stay). */
export const pkg = (
  options: Omit<PackageDesired, 'names' | 'state' | 'provides' | 'options'> &
    Partial<Pick<PackageDesired, 'state'>> & {
      readonly name: string | readonly string[]
      /** What roles rely on after it: units, accounts, directories. Check mode predicts from this. */
      readonly provides?: Provides
      readonly options?: AptOptions
      readonly notify?: readonly Handler[]
    },
): Resource<PackageDesired, PackageState> => {
  const {name, state = 'present', provides = {}, options: apt = {recommends: false}, notify, ...rest} = options
  return build({...rest, names: typeof name === 'string' ? [name] : name, state, provides, options: apt}, notify)
}
