import type {TaskFunction} from 'gatewright'
import {alertmanagerOf} from '../amtool.ts'
import type {MonitoringVars} from '../vars.ts'

const severities = ['critical', 'warning']

/** An alert that means nothing, so that somebody is told: `-e severity=critical -e site=fra`. It ends by itself after five minutes. */
const testAlert: TaskFunction<MonitoringVars> = async context => {
  const {$, args} = context
  const labels = labelsOf(args)
  const url = `--alertmanager.url=${alertmanagerOf(context)}`
  const until = (await $`date -u -d '5 minutes' +%Y-%m-%dT%H:%M:%SZ`).stdout.trim()
  await $`amtool ${url} alert add ${labels} --end=${until} --annotation=${'summary=A test: nothing is wrong'}`
  const receivers = (await $`amtool ${url} config routes test ${labels}`).stdout.trim()
  return {changed: true, message: `${labels.join(', ')} goes to ${receivers}`}
}
export default testAlert

export const plan: TaskFunction<MonitoringVars> = async ({args}) => ({
  changed: true,
  message: `would send ${labelsOf(args).join(', ')}`,
})

const labelsOf = (args: Readonly<Record<string, unknown>>): readonly string[] => {
  const {severity = 'warning', site, pair} = args
  if (!severities.includes(String(severity)))
    throw new Error(`severity=${String(severity)}: ${severities.join(' or ')}`)
  return [
    'alertname=TestAlert',
    `severity=${String(severity)}`,
    ...(site === undefined ? [] : [`site=${String(site)}`]),
    ...(pair === undefined ? [] : [`pair=${String(pair)}`]),
  ]
}
