import type {TaskFunction} from 'gatewright'
import {type Context, isInMaintenance, type Member, membersOf, setMaintenance, stateOf, until} from '../members.ts'
import type {VrrpVars} from '../view.ts'

const limitS = 10

/**
 * Takes a gateway out of service (`state=on`), or back (`state=off`): it gives the addresses away, and does not take them,
 * until then; also over a reboot. It is refused where nobody else could take them, unless `force=true`.
 */
const maintenance: TaskFunction<VrrpVars> = async context => {
  const change = await planned(context)
  if (change === undefined) return {changed: false, message: `it is ${wanted(context)} already`}
  const [self] = membersOf(context) as [Member]
  await setMaintenance(self, change)
  const reached = async () => ((await stateOf(self)) === 'FAULT') === change
  await until(reached, limitS, `${self.name} is ${await stateOf(self)} after ${limitS} s`)
  // Into maintenance is told as no change: the gate after a change would find the gateway sick, which was asked for.
  return {changed: !change, message: `maintenance is ${wanted(context)}: ${self.name} is ${await stateOf(self)} now`}
}
export default maintenance

export const plan: TaskFunction<VrrpVars> = async context => {
  const change = await planned(context)
  return change === undefined
    ? {changed: false, message: `it is ${wanted(context)} already`}
    : {changed: true, message: `maintenance would be ${wanted(context)}`}
}

const wanted = ({args}: Context): 'on' | 'off' => {
  // YAML reads on and off as booleans.
  const {state} = args
  if (state === 'on' || state === true) return 'on'
  if (state === 'off' || state === false) return 'off'
  throw new Error('say state=on or state=off')
}

const planned = async (context: Context): Promise<boolean | undefined> => {
  const on = wanted(context) === 'on'
  const [self, ...others] = membersOf(context) as [Member, ...Member[]]
  if ((await isInMaintenance(self)) === on) return undefined
  const isForced = context.args.force === true || context.args.force === 'true'
  if (on && !isForced && (await stateOf(self)) !== 'FAULT') {
    const states = await Promise.all(others.map(stateOf))
    if (!states.some(state => state === 'MASTER' || state === 'BACKUP'))
      throw new Error(
        `nobody else could take the addresses (${others.map(({name}, index) => `${name}: ${states[index]}`).join(', ') || 'no peer'}); force=true does it all the same`,
      )
  }
  return on
}
