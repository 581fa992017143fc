import type {MonitoringVars} from '../vars.ts'
import type {Way} from '../watched.ts'

type Check = MonitoringVars['checks'][number]

/** The ways that a check takes: those that it names, or each. */
export const waysOf = ({via}: {readonly via?: readonly string[]}, ways: readonly Way[]): readonly Way[] =>
  via === undefined ? ways : ways.filter(({name}) => via.includes(name))

/** /etc/gatewright/monitoring-checks: a line for each check and way, its fields divided by tabs. */
export const checksConf = (checks: readonly Check[], ways: readonly Way[]): string =>
  `# Written by gatewright; changes are overwritten.
# check, kind, via, device, target, status, answer, timeout, interval
${checks
  .flatMap(check =>
    waysOf(check, ways).map(
      ({name, device}) =>
        `${[check.name, check.kind, name, device, check.target, check.status, check.answer, check.timeout, check.interval].join('\t')}\n`,
    ),
  )
  .join('')}`
