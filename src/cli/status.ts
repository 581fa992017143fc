import {accessOptions} from './access-flags.ts'
import {type HostFlags, loadOptions} from './flags.ts'
import type {Io} from './io.ts'
import {runReported} from './run-reported.ts'
import {statusScreen} from './status-screen.ts'

/** `gatewright status [PATTERN]`: who is master since when, what carries, and what is due, as monitoring sees it. */
export const status = async (pattern: string, flags: HostFlags, io: Io, command: string): Promise<number> => {
  const {statusFleet} = await import('../playbook/load.ts')
  const access = await accessOptions(flags, io)
  const fleet = await statusFleet({...loadOptions([], flags, io), become: true, access}, pattern)
  return runReported(fleet, {mode: 'check', flags, io, command, reporter: statusScreen})
}
