import {loadOptions, type PlayFlags} from './flags.ts'
import type {Io} from './io.ts'
import {loadedFor} from './junit-for.ts'
import {runReported} from './run-reported.ts'

/** `gatewright play` and `gatewright check`. */
export const play = async (
  playbooks: readonly string[],
  flags: PlayFlags,
  io: Io,
  command: string,
): Promise<number> => {
  const {load} = await import('../playbook/load.ts')
  const fleet = await loadedFor(flags, io, () => load(loadOptions(playbooks, flags, io)))
  return runReported(fleet, {mode: flags.check ? 'check' : 'apply', flags, io, command})
}
