import type {TaskFunction} from 'gatewright'
import {alertmanagerOf} from '../amtool.ts'
import {endRequest, silenceRequest} from '../silence-request.ts'
import type {MonitoringVars} from '../vars.ts'

const author = 'gatewright'

/**
 * Nobody is told of a site, pair, host or alert for so many minutes: `-e pair=lab -e minutes=30 -e reason=...`, and before that until
 * `-e end=ID`, or `-e end=true -e pair=lab` for all that this task has made for it. It ends by itself, whatever becomes of who made it.
 */
const silence: TaskFunction<MonitoringVars> = async context => {
  const {$, args, vars} = context
  const url = `--alertmanager.url=${alertmanagerOf(context)}`
  const end = endRequest(args)
  if (end) {
    const ids =
      'id' in end
        ? [end.id]
        : (await $`amtool ${url} silence query -q --created-by=${author} ${end.matchers}`).stdout
            .split('\n')
            .filter(Boolean)
    if (ids.length > 0) await $`amtool ${url} silence expire ${ids}`
    return {
      changed: ids.length > 0,
      message: ids.length > 0 ? `no longer silent: ${ids.join(', ')}` : 'nothing was silent',
    }
  }
  const {matchers, minutes, reason} = silenceRequest(args, vars)
  const made =
    await $`amtool ${url} silence add ${matchers} --duration=${`${minutes}m`} --author=${author} --comment=${reason}`
  return {changed: true, message: `${matchers.join(', ')} silent for ${minutes} min: ${made.stdout.trim()}`}
}
export default silence

export const plan: TaskFunction<MonitoringVars> = async ({args, vars}) => {
  const end = endRequest(args)
  if (end) return {changed: true, message: `no longer silent: ${'id' in end ? end.id : end.matchers.join(', ')}`}
  const {matchers, minutes} = silenceRequest(args, vars)
  return {changed: true, message: `${matchers.join(', ')} would be silent for ${minutes} min`}
}
