import type {TaskFunction} from 'gatewright'
import {orders} from '../order.ts'
import {program} from '../places.ts'
import type {StandbyVars} from '../view.ts'

const pollMs = 300

/**
 * Takes the place of the pair: starts what was laid down, and waits until every health check of the roles is well. Refused while the
 * pair answers, unless `confirm` is its name. Fails when it took longer than the declared recovery time.
 */
const activate: TaskFunction<StandbyVars> = async context => {
  const {vars} = context
  const begunMs = performance.now()
  const seconds = (): number => (performance.now() - begunMs) / 1000
  const wasActive = await orders(context, 'activate')
  context.log(`${seconds().toFixed(1)} s: all units run`)
  for (;;) {
    const sick = (await context.health()).filter(({is}) => is === 'sick')
    if (sick.length === 0) break
    if (seconds() > vars.recovery_time_s)
      throw new Error(
        `not recovered after ${vars.recovery_time_s} s (standby_recovery_time_s): ${sick
          .map(({name, reason = 'sick'}) => `${name}: ${reason}`)
          .join('; ')}. It stays active; mend the cause`,
      )
    await new Promise(resolve => setTimeout(resolve, pollMs))
  }
  return {
    changed: !wasActive,
    message: `it carries the traffic of the pair after ${seconds().toFixed(1)} s; declared are ${vars.recovery_time_s} s`,
  }
}
export default activate

export const plan: TaskFunction<StandbyVars> = async ({$, host}) => {
  const answers = (await $`${program} primary`.nothrow()).stdout.trim().split('\n').filter(Boolean)
  return {
    changed: true,
    message:
      answers.length === 0
        ? `it would take the place of ${host.standsInFor}, which does not answer`
        : `it would be refused: ${host.standsInFor} answers by ${answers.join(', ')}`,
  }
}
