import {join} from 'node:path'
import {exitCodes} from '../playbook/exit-code.ts'
import type {Fleet} from '../playbook/model.ts'
import {accessOptions} from './access-flags.ts'
import {drillDesk} from './drill-desk.ts'
import {drillList} from './drill-list.ts'
import {loadOptions, type PlayFlags, projectOf} from './flags.ts'
import type {Io} from './io.ts'
import {loadedFor} from './junit-for.ts'
import {runReported} from './run-reported.ts'

export type DrillFlags = PlayFlags & {
  readonly list?: true
  readonly plan?: true
  readonly scenario?: readonly string[]
  readonly report: string
}

/** `gatewright drill`: plays the project's playbooks/drill.yml, or another one. */
export const drill = async (given: string | undefined, flags: DrillFlags, io: Io, command: string): Promise<number> => {
  const playbook = given ?? join(projectOf([], io.cwd), 'playbooks', 'drill.yml')
  const {load} = await import('../playbook/load.ts')
  const options = {
    ...loadOptions([playbook], flags, io),
    access: await accessOptions(flags, io),
    ...(flags.scenario && {scenarios: flags.scenario}),
    connects: !flags.list,
  }
  const fleet: Fleet = await loadedFor(flags, io, () => load(options))
  if (flags.list) {
    io.stdout.write(drillList(fleet, io.stdout.columns ?? 80))
    return exitCodes.ok
  }
  const mode = flags.plan || flags.check ? 'check' : 'apply'
  return runReported(fleet, {mode, flags, io, command, desk: drillDesk(io, flags.report)})
}
