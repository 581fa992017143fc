import {$, Command, raw} from '../shell/command.ts'
import type {Foresight} from './foresight.ts'
import {awaitActive, recordStart} from './loaded-record.ts'
import {
  type Change,
  type Guard,
  type Handler,
  type Kind,
  type Resource,
  resourceOf,
  type Step,
  type Unsupported,
  unsupported,
} from './resource.ts'
import {broken, unitRule} from './rules.ts'
import {type ServiceState, serviceQuestion, serviceState, unitOf} from './service-state.ts'

export type ServiceDesired = {
  readonly name: string
  readonly enabled?: boolean
  readonly running?: boolean
  readonly masked?: boolean
  /** A unit that is missing is a failure, also where it should only be stopped. */
  readonly mustExist?: true
  /** It can cut the way to the host (ssh, the network): the host takes the change back unless a new login confirms it. */
  readonly confirm?: boolean
}

/** A systemd unit: whether it starts at boot, runs now, and may be started at all. */
export const serviceKind: Kind<ServiceDesired, ServiceState> = {
  name: 'service',
  identify: ({name}) => name,
  probe: ({name}) => ({command: serviceQuestion(name), parse: answer => serviceState(name, answer)}),
  predict: (desired, current, foresight) =>
    refused(desired, current, foresight) ?? foresee(desired.name, current, foresight),
  obstacle({name, enabled, running, masked, mustExist}, current) {
    const wanted = enabled === true || running === true
    if ((wanted || (mustExist && (enabled ?? running) !== undefined)) && !current.exists)
      return `the unit ${unitOf(name)} does not exist, and nothing before provides it`
    if (wanted && current.masked && masked !== false)
      return `the unit ${unitOf(name)} is masked by an administrator; say masked: false to have it unmasked`
    if (enabled === true && !current.canEnable)
      return `the unit ${unitOf(name)} has no [Install] section to enable it by`
    return undefined
  },
  diff(desired, current) {
    const {enabled, running, masked} = desired
    // What is masked does not start at boot either.
    const isEnabled = current.enabled && (!current.masked || masked === false)
    return [
      ...(masked !== undefined && masked !== current.masked ? [change('masked', current.masked, masked)] : []),
      ...(current.outdated ? [change('unit files', 'outdated', 'read')] : []),
      ...(enabled !== undefined && current.exists && isEnabled !== enabled
        ? [change('enabled', isEnabled, enabled)]
        : []),
      ...(running !== undefined && current.running !== running ? [change('running', current.running, running)] : []),
    ]
  },
  steps: (desired, changes) =>
    steps.flatMap(([path, to, step]) =>
      changes.some(change => change.path === path && change.to === to) ? [step(desired)] : [],
    ),
  guard: ({name, confirm}, changes, current) => (confirm ? guardOf(unitOf(name), changes, current) : undefined),
  provides: ({name}, changes) => ({
    made: [{kind: 'service', name, changes}],
    daemonReloaded: changes.some(({path}) => path === 'unit files' || path === 'masked' || path === 'enabled'),
  }),
  isBeside: (one, other) =>
    (['enabled', 'running', 'masked'] as const).every(
      key => one[key] === undefined || other[key] === undefined || one[key] === other[key],
    ),
  problems: ({name, enabled, running, masked}) =>
    broken(
      unitRule('name', name),
      enabled === undefined && running === undefined && masked === undefined
        ? 'enabled: neither this nor running or masked is given, so nothing is desired'
        : undefined,
    ),
}

const change = (path: string, from: boolean | string, to: boolean | string): Change => ({path, from, to})

/** In the order in which they have to be done. */
const steps: readonly [path: string, to: boolean | string, step: (desired: ServiceDesired) => Step][] = [
  [
    'masked',
    false,
    ({name}) =>
      run(`unmask ${name}`, $`systemctl unmask -- ${unitOf(name)} && systemctl unmask --runtime -- ${unitOf(name)}`),
  ],
  ['masked', true, ({name}) => run(`mask ${name}`, $`systemctl mask -- ${unitOf(name)}`)],
  ['unit files', 'read', () => run('let systemd read its unit files again', $`systemctl daemon-reload`)],
  ['enabled', true, ({name}) => run(`enable ${name}`, $`systemctl enable -- ${unitOf(name)}`)],
  ['enabled', false, ({name}) => run(`disable ${name}`, $`systemctl disable -- ${unitOf(name)}`)],
  ['running', true, desired => ({...run(`start ${desired.name}`, start(desired)), timeoutMs: 180_000})],
  ['running', false, ({name}) => ({...run(`stop ${name}`, $`systemctl stop -- ${unitOf(name)}`), timeoutMs: 180_000})],
]

/**
 * Kept as files, for a host that restarts meanwhile: the mask, and the link by which the unit is wanted at boot (systemd.unit(5);
 * multi-user.target wants daemons, sockets.target and timers.target theirs). The rest is as systemctl(1) takes it back.
 */
const guardOf = (unit: string, changes: readonly Change[], current: ServiceState): Guard => {
  const due = new Set(changes.map(({path}) => path))
  const type = unit.split('.').at(-1) ?? ''
  const target = type === 'socket' || type === 'timer' ? `${type}s` : 'multi-user'
  const units = '/etc/systemd/system'
  return {
    paths: [
      ...(due.has('masked') ? [`${units}/${unit}`] : []),
      ...(due.has('enabled') || due.has('masked') ? [`${units}/${target}.target.wants/${unit}`] : []),
    ],
    restore: new Command(
      [
        $`systemctl daemon-reload`,
        ...(due.has('masked') && !current.masked ? [$`systemctl unmask --runtime -- ${unit}`] : []),
        ...(due.has('enabled')
          ? [current.enabled ? $`systemctl enable -- ${unit}` : $`systemctl disable -- ${unit}`]
          : []),
        ...(due.has('running') ? [current.running ? $`systemctl start -- ${unit}` : $`systemctl stop -- ${unit}`] : []),
      ]
        .map(({text}) => text)
        .join('\n'),
    ),
  }
}

const run = (title: string, command: Command) => ({do: 'run' as const, title, command})

/** Conditions that hang on the machine: no change of ours ever meets them. The others hang on files and accounts. */
const machine = [
  'Architecture',
  'Firmware',
  'Virtualization',
  'KernelCommandLine',
  'KernelVersion',
  'Version',
  'KernelModuleLoaded',
  'Security',
  'Capability',
  'ACPower',
  'Memory',
  'CPUs',
  'CPUFeature',
  'ControlGroupController',
  'Environment',
  'OSRelease',
]

/** Starting what has a condition of the machine unmet does nothing and passes: the next probe says unsupported. */
const start = ({name}: ServiceDesired): Command => {
  const unit = unitOf(name)
  return $`
systemctl reset-failed -- ${unit} 2>/dev/null
systemctl start -- ${unit} || { systemctl status --no-pager --full --lines=20 -- ${unit}; exit 1; }
case $(systemctl show -p ActiveState -p ConditionResult -- ${unit}) in
*ActiveState=inactive*ConditionResult=no* | *ConditionResult=no*ActiveState=inactive*)
unmet=$(LC_ALL=C systemctl status --no-pager --full --lines=0 -- ${unit} | grep ' was not met')
printf '%s\\n' "\${unmet:-a condition of ${raw(unit)} is not met}"
printf '%s\\n' "$unmet" | grep -qE ${`Condition(${machine.join('|')})=`} && exit 0
exit 1 ;;
esac
${awaitActive(unit)}
${recordStart(unit)}`
}

/**
 * A start that systemd has skipped because of the machine. The last attempt tells; a unit file that is about to change
 * may bring other conditions. Before the first attempt nothing is known, and the plan says start.
 */
const refused = (desired: ServiceDesired, current: ServiceState, foresight: Foresight): Unsupported | undefined => {
  const condition = /^Condition(\w+)=/.exec(current.unmet ?? '')?.[1]
  if (desired.running !== true || current.running || foresight.daemonReloaded || current.outdated) return undefined
  return condition !== undefined && machine.includes(condition) ? unsupported(`${current.unmet} is not met`) : undefined
}

/** What the unit will be like once the packages and unit files planned before it are there. */
const foresee = (name: string, current: ServiceState, foresight: Foresight): ServiceState => {
  const outdated = current.outdated && !foresight.daemonReloaded
  const made = Object.fromEntries(
    foresight.changesOf('service', name).flatMap(({path, to}) => (path === 'unit files' ? [] : [[path, to]])),
  ) as Partial<ServiceState>
  const own = foresight.units.get(name)
  const provided = own ?? foresight.units.get(name.replace(/@.*/, '@'))
  if (!provided) return {...current, outdated, ...made}
  const {ownsMask, wasEnabled, preset} = current.package
  return {
    ...current,
    outdated,
    exists: true,
    generated: false,
    canEnable: current.exists && !current.generated ? current.canEnable : true,
    enabled: (current.enabled && !current.generated) || (wasEnabled ?? (own !== undefined && own.enabled && preset)),
    // Packages start nothing (their policy-rc.d says so); what an init script is left of does not count.
    running: current.running && !current.generated,
    // The helper knows packaged units only, no instances of their templates.
    masked: current.masked && !(ownsMask && own !== undefined),
    ...made,
  }
}

const build = resourceOf(serviceKind)

/** A unit by its name without `.service`; what is not said stays as it is. */
const state = (
  options: ServiceDesired & {readonly notify?: readonly Handler[]},
): Resource<ServiceDesired, ServiceState> => {
  const {notify, ...desired} = options
  return build({...desired, name: desired.name.replace(/\.service$/, '')}, notify)
}

type Action = Omit<Handler, 'id'>

/** `service({name, enabled, running})`; `service.reload(unit)` and `service.restart(unit)` are what `handler()` takes. */
export const service = Object.assign(state, {
  reload: (unit: string): Action => ({unit, action: 'reload'}),
  restart: (unit: string): Action => ({unit, action: 'restart'}),
})
