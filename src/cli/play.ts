import {InvalidInput} from '../diagnostic.ts'
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
  if (!flags.check) refuseAudits(fleet)
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

/** An audit must not change what it judges, nor may its name be on a change. */
const refuseAudits = ({plays}: Fleet): void => {
  const audit = plays.find(each => each.audit)
  if (audit)
    throw new InvalidInput([
      {
        rule: 'audit',
        what: `the play '${audit.name}' is an audit, which changes nothing`,
        fix: 'run it with gatewright audit',
        at: audit.at,
      },
    ])
}

/** Only plays with a drill need it. */
const deskFor = async ({plays}: Fleet, io: Io): Promise<Pick<ReportedRun, 'desk'>> => {
  if (!plays.some(({drills}) => drills)) return {}
  const {drillDesk} = await import('./drill-desk.ts')
  return {desk: drillDesk(io, 'reports')}
}
