import {join} from 'node:path'
import {accessOptions} from './access-flags.ts'
import {type HostFlags, loadOptions, projectOf} from './flags.ts'
import type {Io} from './io.ts'
import {runReported} from './run-reported.ts'

/** `gatewright diagnose`: the project's playbooks/diagnose.yml, or another one, for one complaint or all. */
export const diagnose = async (
  flow: string | undefined,
  flags: HostFlags & {readonly playbook?: string},
  io: Io,
  command: string,
): Promise<number> => {
  const playbook = flags.playbook ?? join(projectOf([], io.cwd), 'playbooks', 'diagnose.yml')
  const {load} = await import('../playbook/load.ts')
  const options = {
    ...loadOptions([playbook], flags, io),
    access: await accessOptions(flags, io),
    ...(flow !== undefined && {flow}),
  }
  const fleet = await load(options)
  return runReported(fleet, {mode: 'check', flags, io, command})
}
