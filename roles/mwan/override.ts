import type {TaskContext, TaskFunction, TaskResult} from 'gatewright'
import {statusOf} from './status.ts'
import type {MwanVars} from './view.ts'

type Context = TaskContext<MwanVars>
type Verb = 'prefer' | 'drain'

const path = '/var/lib/gatewright-mwan/override'
/** The tracker looks each second. */
const limitS = 5

/** The task that makes the operator's wish known to the tracker, and waits until it is so. */
export const overrideTask = (verb: Verb): {task: TaskFunction<MwanVars>; plan: TaskFunction<MwanVars>} => ({
  task: async context => {
    const wanted = `${verb} ${uplinkOf(context)}`
    const {override} = await statusOf(context.$)
    if (override === wanted) return {changed: false, message: `already: ${wanted}`}
    await context.$`printf '%s\n' ${wanted} >${path}.new && mv ${path}.new ${path}`
    return settled(context, wanted)
  },
  plan: async context => {
    const wanted = `${verb} ${uplinkOf(context)}`
    const {override} = await statusOf(context.$)
    return override === wanted
      ? {changed: false, message: `already: ${wanted}`}
      : {changed: true, message: `would ${wanted}; now: ${override ?? 'no override'}`}
  },
})

/** Waits until the tracker has taken the override up. */
export const settled = async ({$}: Context, wanted: string | null): Promise<TaskResult> => {
  const deadline = performance.now() + limitS * 1000
  for (;;) {
    const {override, policies} = await statusOf($)
    if (override === wanted) {
      const shares = Object.entries(policies).map(([name, {ipv4, ipv6}]) => `${name}: ${ipv4 || ipv6 || 'none'}`)
      return {changed: true, message: `${wanted ?? 'no override'}; new flows: ${shares.join('; ')}`}
    }
    if (performance.now() > deadline)
      throw new Error(`the tracker did not take it up within ${limitS} s: see \`systemctl status gatewright-mwan\``)
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}

export const forget = ($: Context['$']): Promise<unknown> => $`rm -f ${path}`

const uplinkOf = ({args, vars}: Context): string => {
  const {uplink} = args
  const known = Object.keys(vars.uplinks)
  if (typeof uplink !== 'string' || !known.includes(uplink))
    throw new Error(
      `uplink=${JSON.stringify(uplink ?? '')} is no uplink of this gateway: give -e uplink= one of ${known.join(', ')}`,
    )
  return uplink
}
