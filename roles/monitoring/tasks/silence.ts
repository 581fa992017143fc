import type {TaskFunction} from 'gatewright'
import {alertmanagerOf} from '../amtool.ts'
import {silenceRequest, wordOf} from '../silence-request.ts'
import type {MonitoringVars} from '../vars.ts'

/**
 * Nobody is told of a site, pair, host or alert for so many minutes: `-e pair=lab -e minutes=30 -e reason=...`, and `-e end=ID` before
 * that. It ends by itself, whatever becomes of who made it.
 */
const silence: TaskFunction<MonitoringVars> = async context => {
  const {$, args, vars} = context
  const url = `--alertmanager.url=${alertmanagerOf(context)}`
  const end = wordOf(args, 'end')
  if (end !== undefined) {
    await $`amtool ${url} silence expire ${end}`
    return {changed: true, message: `the silence ${end} is over`}
  }
  const {matchers, minutes, reason} = silenceRequest(args, vars)
  const made =
    await $`amtool ${url} silence add ${matchers} --duration=${`${minutes}m`} --author=gatewright --comment=${reason}`
  return {changed: true, message: `${matchers.join(', ')} silent for ${minutes} min: ${made.stdout.trim()}`}
}
export default silence

export const plan: TaskFunction<MonitoringVars> = async ({args, vars}) => {
  const end = wordOf(args, 'end')
  if (end !== undefined) return {changed: true, message: `the silence ${end} would be over`}
  const {matchers, minutes} = silenceRequest(args, vars)
  return {changed: true, message: `${matchers.join(', ')} would be silent for ${minutes} min`}
}
