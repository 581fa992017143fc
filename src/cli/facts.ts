import {accessOptions} from './access-flags.ts'
import {type HostFlags, loadOptions} from './flags.ts'
import type {Io} from './io.ts'
import {runReported} from './run-reported.ts'

/** `gatewright facts PATTERN`: what is known of hosts before anything is decided. */
export const facts = async (pattern: string, flags: HostFlags, io: Io, command: string): Promise<number> => {
  const {hostsFleet} = await import('../playbook/load.ts')
  const {factsOutput} = await import('../reporters/facts-output.ts')
  const access = await accessOptions(flags, io)
  const fleet = await hostsFleet({...loadOptions([], flags, io), access}, pattern)
  return runReported(fleet, {mode: 'check', flags, io, command, reporter: factsOutput})
}
