import {activeMarks, type TaskContext} from 'gatewright'
import {program, refusedCode} from './places.ts'
import type {StandbyVars} from './view.ts'

/** Gives the order to the program on the host; tells whether it was active before. Throws with what the person has to do. */
export const orders = async (
  {$, host, args}: TaskContext<StandbyVars>,
  order: 'activate' | 'deactivate',
): Promise<boolean> => {
  const {standsInFor: pair = ''} = host
  const confirmed = args.confirm === pair ? ['confirmed'] : []
  const wasActive = (await $`[ -e ${activeMarks[0]} ]`.nothrow()).exitCode === 0
  const {exitCode, stdout, stderr} = await $`${program} ${order} ${confirmed}`.nothrow()
  if (exitCode === refusedCode)
    throw new Error(`${stderr.trim()} Nothing was changed. Where you know better, say -e confirm=${pair}`)
  if (exitCode !== 0) throw new Error([stdout, stderr].join('\n').trim())
  return wasActive
}
