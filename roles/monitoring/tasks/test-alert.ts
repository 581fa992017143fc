import type {TaskFunction} from 'gatewright'
import {alertmanagerOf} from '../amtool.ts'
import {wordOf} from '../silence-request.ts'
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
  const severity = wordOf(args, 'severity') ?? 'warning'
  if (!severities.includes(severity)) throw new Error(`severity=${severity}: ${severities.join(' or ')}`)
  const places = (['site', 'pair'] as const).flatMap(name => {
    const value = wordOf(args, name)
    return value === undefined ? [] : [`${name}=${value}`]
  })
  return ['alertname=TestAlert', `severity=${severity}`, ...places]
}
