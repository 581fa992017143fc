import type {Fleet} from '../playbook/model.ts'
import {accessOptions} from './access-flags.ts'
import {loadOptions, type PlayFlags} from './flags.ts'
import type {Io} from './io.ts'
import {loadedFor} from './junit-for.ts'
import {rememberFailed} from './last-failed.ts'
import {type ReportedRun, runReported} from './run-reported.ts'

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
  const desk = await deskFor(fleet, io)
  if (flags.check) return runReported(fleet, {mode: 'check', flags, io, command, ...desk})
  return runReported(fleet, {
    mode: 'apply',
    flags,
    io,
    command,
    also: [rememberFailed(options.projectDirectory, io)],
    ...desk,
  })
}

/** Only plays with a drill need it. */
const deskFor = async ({plays}: Fleet, io: Io): Promise<Pick<ReportedRun, 'desk'>> => {
  if (!plays.some(({drills}) => drills)) return {}
  const {drillDesk} = await import('./drill-desk.ts')
  return {desk: drillDesk(io, 'reports')}
}
