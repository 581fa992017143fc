import {$} from '../shell/command.ts'
import {awaitActive, recordStart} from './loaded-record.ts'
import {type Handler, type Kind, type Resource, resourceOf} from './resource.ts'
import {broken, unitRule} from './rules.ts'
import {type ServiceState, serviceQuestion, serviceState, unitOf} from './service-state.ts'

export type UnitActDesired = {
  readonly unit: string
  /** A unit that does not run is started by either. */
  readonly action: 'restart' | 'reload'
  readonly taskId: string
}

/** A restart or reload that is asked for each time. Handlers are the better way: they come when something has changed. */
export const unitActKind: Kind<UnitActDesired, ServiceState> = {
  name: 'unit',
  act: true,
  identify: ({unit, action, taskId}) => `${action} ${unit} (${taskId})`,
  probe: ({unit}) => ({command: serviceQuestion(unit), parse: answer => serviceState(unit, answer)}),
  predict: ({unit}, current, foresight) =>
    foresight.units.has(unit) || foresight.units.has(unit.replace(/@.*/, '@')) ? {...current, exists: true} : current,
  obstacle: ({unit}, {exists}) =>
    exists ? undefined : `the unit ${unitOf(unit)} does not exist, and nothing before provides it`,
  diff: ({action}) => [{path: action, from: 'due', to: 'done'}],
  steps: ({unit, action}) => [
    {
      do: 'run',
      title: `${action} ${unit}`,
      timeoutMs: 180_000,
      command: $`
verb=${action}
systemctl is-active --quiet -- ${unitOf(unit)} || verb=start
systemctl "$verb" -- ${unitOf(unit)} || { systemctl status --no-pager --full --lines=20 -- ${unitOf(unit)}; exit 1; }
[ "$(systemctl show -p Type --value -- ${unitOf(unit)})" = oneshot ] || {
${awaitActive(unitOf(unit))}
}
[ "$verb" = reload ] || {
${recordStart(unit)}
}`,
    },
  ],
  provides: ({unit}) => ({
    made: [{kind: 'service', name: unit, changes: [{path: 'running', from: null, to: true}]}],
  }),
  problems: ({unit}) => broken(unitRule('name', unit)),
}

const build = resourceOf(unitActKind)

export const unitAct = (
  options: UnitActDesired & {readonly notify?: readonly Handler[]},
): Resource<UnitActDesired, ServiceState> => {
  const {notify, unit, ...rest} = options
  return build({...rest, unit: unit.replace(/\.service$/, '')}, notify)
}
