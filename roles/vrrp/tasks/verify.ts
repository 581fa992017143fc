import type {TaskFunction} from 'gatewright'
import {look} from '../look.ts'
import {type Context, isLeader, membersOf} from '../members.ts'
import {complaintsOf, type Sight} from '../verdict.ts'
import type {VrrpVars} from '../view.ts'

/** Looks at both gateways of a pair for a second, says what it sees, and fails when something is not as it should be. */
const verify: TaskFunction<VrrpVars> = async context => {
  if (!isLeader(context)) return {changed: false, message: 'looked at from the other gateway'}
  const sights = await Promise.all(membersOf(context).map(member => look(member, context.vars)))
  for (const sight of sights) context.log(describe(sight, context))
  const complaints = complaintsOf(sights, context.vars)
  if (complaints.length > 0) throw new Error(complaints.join('; '))
  return {changed: false, message: sights.map(({name, state}) => `${name} ${state}`).join(', ')}
}
export default verify

/** Nothing is changed, so check mode can do the same. */
export const plan = verify

const describe = (sight: Sight, {vars}: Context): string =>
  [
    `${sight.name}: ${sight.state}`,
    ...sight.instances.map(
      ({name, vrid, priority, sent, received}) =>
        `${name} VRID ${vrid} priority ${priority}, ${sent} advertisements sent and ${received} received in ${sight.seconds.toFixed(1)} s`,
    ),
    `scheduled ${sight.scheduling}`,
    ...(vars.conntrack
      ? [`${sight.connections} connections, ${sight.injected} put there by the peer, ${sight.lost} messages lost`]
      : []),
  ].join('; ')
