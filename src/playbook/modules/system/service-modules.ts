import {InvalidInput} from '../../../diagnostic.ts'
import type {Resource} from '../../../resources/resource.ts'
import {service} from '../../../resources/service.ts'
import {unitAct} from '../../../resources/unit-act.ts'
import {unitFiles} from '../../../resources/unit-files.ts'
import type {Module, ModuleContext} from '../module.ts'
import {mapping, text} from '../schema-parts.ts'

const flag = {type: 'boolean'} as const
const state = {
  enum: ['started', 'stopped', 'restarted', 'reloaded'],
  description: 'started, stopped, restarted or reloaded',
} as const
const bySystemd = {why: 'units are those of systemd, which has no use for it', fix: 'remove it'}

export const serviceModule: Module = {
  about:
    'Whether a systemd unit runs now and starts at boot. `restarted` and `reloaded` are done each time; a handler does so when something has changed.',
  example: {name: 'chrony', enabled: true, state: 'started'},
  schema: mapping(
    {name: text, state, enabled: flag, running: {...flag, description: 'true says the same as state: started'}},
    ['name'],
  ),
  refused: {
    pattern: bySystemd,
    sleep: bySystemd,
    runlevel: bySystemd,
    arguments: bySystemd,
    args: bySystemd,
    use: bySystemd,
  },
  make: (parameters, context) => unitResources(parameters, context),
}

export const systemdModule: Module = {
  about:
    'As `service`, and whether the unit is masked. `daemon_reload` lets systemd read its unit files again where one has changed.',
  example: {name: 'chrony', enabled: true, state: 'started', daemon_reload: true},
  aliases: {service: 'name', unit: 'name', 'daemon-reload': 'daemon_reload', 'daemon-reexec': 'daemon_reexec'},
  schema: mapping(
    {
      name: text,
      state,
      enabled: flag,
      masked: flag,
      daemon_reload: flag,
      scope: {const: 'system', type: 'string', description: "the text 'system'"},
      no_block: {const: false, type: 'boolean', description: 'false: it is waited until the unit stands'},
    },
    [],
  ),
  refused: {
    force: {why: 'it would replace links that others made', fix: 'remove them by tasks'},
    daemon_reexec: {why: 'it is no state', fix: "write 'command: systemctl daemon-reexec'"},
  },
  make: (parameters, context) => unitResources(parameters, context),
}

const unitResources = (parameters: Readonly<Record<string, any>>, context: ModuleContext): readonly Resource[] => {
  const {name, state, enabled, masked, daemon_reload: reloads, running} = parameters
  const {notify, taskId, at} = context
  const says = [state, enabled, masked, running].some(value => value !== undefined)
  if (says ? name === undefined : !reloads)
    throw new InvalidInput([
      says
        ? {rule: 'missing-parameter', what: 'the unit is not named', fix: "add 'name'", at}
        : {
            rule: 'missing-parameter',
            what: 'nothing is said of the unit',
            fix: "add 'state', 'enabled', or another of its parameters",
            at,
          },
    ])
  const isAct = state === 'restarted' || state === 'reloaded'
  const runs = state === undefined || isAct ? running : state === 'started'
  const wanted = {
    ...(enabled !== undefined && {enabled}),
    ...(masked !== undefined && {masked}),
    ...(runs !== undefined && {running: runs}),
  }
  return [
    ...(reloads ? [unitFiles(notify)] : []),
    ...(Object.keys(wanted).length > 0 ? [service({name, ...wanted, mustExist: true, notify})] : []),
    ...(isAct ? [unitAct({unit: name, action: state === 'restarted' ? 'restart' : 'reload', taskId, notify})] : []),
  ]
}
