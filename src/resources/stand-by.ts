import {$, Command} from '../shell/command.ts'
import {directory} from './directory.ts'
import {file} from './file.ts'
import {Unforeseen} from './foresight.ts'
import {bootUnit} from './nft-at-boot.ts'
import {type Kind, type Resource, Unsupported} from './resource.ts'
import {type ServiceDesired, serviceKind} from './service.ts'
import {unitOf} from './service-state.ts'

/** What says that a host which stands in for a pair does so now. The second one goes with a reboot: a drill leaves nothing behind. */
export const activeMarks = ['/etc/gatewright/active', '/run/gatewright/active'] as const
/** A file for each role, named after it: its units in the order of their start, as `start UNIT` or `release UNIT`. */
export const standbyUnits = '/etc/gatewright/standby.d'

/** Succeeds on a host that stands in for its pair now. */
export const isActive = $`[ -e ${activeMarks[0]} ] || [ -e ${activeMarks[1]} ]`

/** A command that answers with 86 and nothing else while the host is cold. */
export const whileActive = (command: Command): Command =>
  new Command(`{ ${isActive.text}; } || exit ${coldCode}\n${command.text}`, command.stdin)
export const coldCode = 86

type Awake<Current> = {readonly isActive: boolean; readonly inner: Current | undefined}

/**
 * A resource that is as it should be while the host stands in for its pair, and `atRest` while it is cold; without `atRest` nothing is
 * asked of it then. The mark is read by the probe, so that what a run has activated is what the rest of the run keeps.
 */
const resting = <Desired extends object, Current>(
  {kind, id, desired, notify}: Resource<Desired, Current>,
  awake: Desired,
  atRest: Desired | undefined,
): Resource<Desired, Awake<Current>> => {
  const due = (current: Awake<Current>): Desired | undefined => (current.isActive ? awake : atRest)
  const on = <Result>(current: Awake<Current>, none: Result, ask: (due: Desired, inner: Current) => Result): Result => {
    const wanted = due(current)
    return wanted === undefined ? none : ask(wanted, current.inner as Current)
  }
  const wrapped: Kind<Desired, Awake<Current>> = {
    name: kind.name,
    ...(kind.opaque !== undefined && {opaque: kind.opaque}),
    identify: () => kind.identify(desired),
    probe: () => {
      const probe = kind.probe(desired)
      return {
        command: $`if ${isActive}; then echo active; else echo cold; ${atRest === undefined ? $`exit 0` : $`:`}; fi\n${probe.command}`,
        parse(answer) {
          const [first = '', ...rest] = answer.stdout.split('\n')
          if (first === 'cold' && atRest === undefined) return {isActive: false, inner: undefined}
          const inner = probe.parse({...answer, stdout: rest.join('\n')})
          return inner instanceof Unsupported ? inner : {isActive: first === 'active', inner}
        },
      }
    },
    predict: (_desired, current, foresight) =>
      on<Awake<Current> | Unsupported | Unforeseen>(current, current, (wanted, inner) => {
        const foreseen = kind.predict?.(wanted, inner, foresight) ?? inner
        return foreseen instanceof Unsupported || foreseen instanceof Unforeseen
          ? foreseen
          : {...current, inner: foreseen}
      }),
    obstacle: (_desired, current) =>
      on(current, undefined, (wanted, inner): string | undefined => kind.obstacle?.(wanted, inner)),
    diff: (_desired, current) => on(current, [], (wanted, inner) => kind.diff(wanted, inner)),
    steps: (_desired, changes, current) => on(current, [], (wanted, inner) => kind.steps(wanted, changes, inner)),
    guard: (_desired, changes, current) =>
      on(current, undefined, (wanted, inner) => kind.guard?.(wanted, changes, inner)),
    provides: (_desired, changes, current) =>
      on(current, {}, (wanted, inner) => kind.provides?.(wanted, changes, inner) ?? {}),
    ...(kind.isBeside && {isBeside: (one: Desired, other: Desired) => kind.isBeside?.(one, other) ?? false}),
    problems: () => kind.problems(desired),
  }
  return {kind: wrapped, id, desired, notify}
}

const isService = (resource: Resource): resource is Resource<ServiceDesired> => resource.kind.name === serviceKind.name

/**
 * The resources of a role on a host that stands in for a pair: packages, files and keys as on the pair, no unit that runs. A unit of
 * a package is masked, so that nothing starts it, neither an upgrade nor a person by habit; one whose file is ours cannot be (its
 * file is where the mask would be) and is disabled. What is about a running unit (`unit`) is asked only while it may run.
 */
export const standingBy = (role: string, resources: readonly Resource[]): readonly Resource[] => {
  const ours = new Set(resources.map(({desired}) => desired.path as unknown))
  const isOurs = (name: string): boolean => ours.has(`/etc/systemd/system/${unitOf(name).replace(/@.*\./, '@.')}`)
  // The packet filter protects a cold host too.
  const isCarrying = (resource: Resource): boolean => isService(resource) && resource.desired.name !== bootUnit
  const units = resources.filter(isCarrying).map(({desired}) => desired as ServiceDesired)
  const lines = units.map(({name, running}) => `${running === true ? 'start' : 'release'} ${unitOf(name)}\n`)
  return [
    ...resources.map(resource => {
      if (isCarrying(resource)) {
        const desired = resource.desired as ServiceDesired
        const {name} = desired
        return isOurs(name)
          ? resting(resource, desired, {name, enabled: false, running: false})
          : resting(resource, {...desired, masked: false}, {name, masked: true, running: false})
      }
      return typeof resource.desired.unit === 'string' ? resting(resource, resource.desired, undefined) : resource
    }),
    directory({path: '/etc/gatewright'}),
    directory({path: standbyUnits}),
    file({path: `${standbyUnits}/${role}`, content: lines.join('')}),
  ]
}
