import {accessOptions} from './access-flags.ts'
import {loadOptions, type RunFlags} from './flags.ts'
import type {Io} from './io.ts'
import {loadedFor} from './junit-for.ts'
import {runReported} from './run-reported.ts'

/** `gatewright task PATTERN role.task`: one task of a role, on some hosts. `-e` gives its arguments. */
export const task = async (
  pattern: string,
  name: string,
  flags: RunFlags,
  io: Io,
  command: string,
): Promise<number> => {
  const {taskFleet} = await import('../playbook/load.ts')
  const {extraVars = [], ...others} = flags
  const access = await accessOptions(others, io)
  const fleet = await loadedFor(flags, io, () =>
    taskFleet({...loadOptions([], others, io), access}, pattern, name, extraVars),
  )
  return runReported(fleet, {mode: flags.check ? 'check' : 'apply', flags, io, command})
}
