import {accessOptions} from './access-flags.ts'
import {loadOptions, type PlayFlags} from './flags.ts'
import type {Io} from './io.ts'
import {loadedFor} from './junit-for.ts'
import {rememberFailed} from './last-failed.ts'
import {runReported} from './run-reported.ts'

/** `gatewright play` and `gatewright check`. */
export const play = async (
  playbooks: readonly string[],
  flags: PlayFlags,
  io: Io,
  command: string,
): Promise<number> => {
  const {load} = await import('../playbook/load.ts')
  const options = {...loadOptions(playbooks, flags, io), access: await accessOptions(flags, io)}
  const fleet = await loadedFor(flags, io, () => load(options))
  if (flags.check) return runReported(fleet, {mode: 'check', flags, io, command})
  return runReported(fleet, {mode: 'apply', flags, io, command, also: [rememberFailed(options.projectDirectory, io)]})
}
