import type {TaskFunction} from 'gatewright'
import {type Context, isInMaintenance, type Member, membersOf, setMaintenance, stateOf, until} from '../members.ts'
import type {VrrpVars} from '../view.ts'

/** keepalived starts, and conntrackd asks its peer for what it has: `ready_timeout` and some. */
const limitS = 60

/**
 * The end of a maintenance: the gateway may have the addresses again, and is waited for until it could take them. It has no plan: in
 * the middle of a playbook it always runs, because `vrrp.maintenance` before it tells no change.
 */
const rejoin: TaskFunction<VrrpVars> = async context => {
  const [self] = membersOf(context) as [Member]
  const wasOut = await isInMaintenance(self)
  if (wasOut) await setMaintenance(self, false)
  const reached = async () => ['MASTER', 'BACKUP'].includes(await stateOf(self))
  await until(reached, limitS, await complaint(context, self))
  return {changed: wasOut, message: `${self.name} is ${await stateOf(self)}`}
}
export default rejoin

const complaint = async ({host}: Context, self: Member): Promise<string> =>
  `${self.name} is ${await stateOf(self)} after ${limitS} s: see \`gatewright diagnose no-failover --limit ${host.name}\``
