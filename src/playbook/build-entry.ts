import {spotOf} from '../diagnostics/positions.ts'
import {buildMeta, buildRole, buildTaskCall} from './build-role.ts'
import {buildTask} from './build-task.ts'
import type {Written} from './frames.ts'
import type {Entry} from './model.ts'
import {moduleName} from './module-names.ts'
import {openTask} from './open-task.ts'
import type {PlayContext} from './play-context.ts'
import {readModuleCall} from './read-module-call.ts'

/** What a task, handler or role comes to; undefined: nothing, or a problem. `isChosen`: tags do not leave it out. */
export const buildEntry = async (
  written: Written,
  isChosen: boolean,
  play: PlayContext,
): Promise<Entry | undefined> => {
  const {raw, at, frames} = written
  if (frames.at(-1)?.owner === 'a role') return buildRole(written, isChosen, play)
  const entry = await (Object.hasOwn(raw, 'task') && !Object.keys(raw).some(moduleName)
    ? buildTaskCall(written, isChosen, play)
    : buildCall(written, isChosen, play))
  if (raw['register'] !== undefined) register(written, isChosen, play)
  return entry && {...entry, origin: {...entry.origin, at: entry.origin.at ?? at}}
}

const buildCall = (written: Written, isChosen: boolean, play: PlayContext): Entry | undefined => {
  const {raw, at} = written
  const call = readModuleCall(raw, at, play.findings)
  if (call?.name === 'meta') return buildMeta(written, call.parameters['action'], isChosen, play)
  return call && buildTask(openTask(written, isChosen, play), call)
}

/** From here on, the hosts of the play know what the task has come to. */
const register = ({raw, at}: Written, isChosen: boolean, {registers, hosts, findings}: PlayContext): void => {
  const name = String(raw['register'])
  if (reserved.has(name) || name.startsWith('ansible_'))
    findings.add({
      rule: 'invalid-key',
      what: `'register' cannot take the name '${name}'`,
      why: 'it has a meaning of its own',
      fix: 'choose another',
      at: spotOf(raw, 'register')?.value ?? at,
    })
  registers.add(name, hosts.keys(), isChosen)
}

const reserved = new Set([
  'facts',
  'group_names',
  'groups',
  'hostvars',
  'inventory_dir',
  'inventory_file',
  'inventory_hostname',
  'inventory_hostname_short',
  'item',
  'omit',
  'playbook_dir',
])
