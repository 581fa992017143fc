import type {DrillGround} from './ground.ts'
import {handText, handWords, healText, healWords, isAway} from './hands.ts'
import type {DrillFault, PairDrill, Scenario} from './model.ts'

/** Seconds that a fault is armed for beyond what it should last: the engine removes it before the host does. */
const marginSeconds = 10

export type Injected = {readonly host: string; readonly fault: DrillFault; readonly text: string}

/** On whom a fault is, when the traffic is carried by `holder`. */
export const subjectsOf = ({on}: DrillFault, {hosts, standIns}: PairDrill, holder: string): readonly string[] => {
  if (on === 'both') return hosts
  return on === 'cold' ? standIns : hosts.filter(host => (host === holder) === (on === 'holder'))
}

/** Long enough for the fault to be held, short enough for a dead engine. Who stands in does so until the pair had time to come back. */
export const armedSeconds = ({holdSeconds}: Scenario, {on}: DrillFault, {settleSeconds}: PairDrill): number =>
  Math.ceil(holdSeconds) + marginSeconds + (on === 'cold' ? Math.ceil(settleSeconds) : 0)

/** What will be done, and how it is undone should nobody be there any more. */
export const faultText = async (
  ground: DrillGround,
  fault: DrillFault,
  host: string,
  scenario: Scenario,
): Promise<string> => {
  if (fault.by === 'hand') {
    const {hands} = ground.terms
    const how = hands
      ? `\`${handWords(hands, fault, host, armedSeconds(scenario, fault, ground.drill)).join(' ')}\``
      : 'a person is asked'
    return `${handText(fault, host)} (${how})`
  }
  return `${host}: ${await ground.task(fault.task).plan(host, argsOf(ground, fault, scenario))}`
}

/** A fault that heals is armed for longer than it is held; what ends by itself is told to end then. */
const argsOf = (
  ground: DrillGround,
  fault: Extract<DrillFault, {by: 'task'}>,
  scenario: Scenario,
): Readonly<Record<string, unknown>> => ({
  seconds: ground.task(fault.task).heal
    ? armedSeconds(scenario, fault, ground.drill)
    : Math.max(1, Math.round(scenario.holdSeconds)),
  ...fault.args,
})

/** Injects a fault, armed; resolves with what it says when it is there. */
export const inject = async (
  ground: DrillGround,
  fault: DrillFault,
  host: string,
  scenario: Scenario,
): Promise<Injected> => {
  if (fault.by === 'task') {
    const text = await ground.task(fault.task).run(host, argsOf(ground, fault, scenario))
    return {host, fault, text: `${host}: ${text}`}
  }
  const text = handText(fault, host)
  const {hands} = ground.terms
  if (isAway(fault)) await ground.drop(host)
  if (hands) await ground.runHere(handWords(hands, fault, host, armedSeconds(scenario, fault, ground.drill)))
  else if ((await ground.askPerson(`${text}, then press Enter (or type "no"): `))?.trim().toLowerCase() !== '')
    throw new Error(`nobody did it: ${text}`)
  return {host, fault, text}
}

/** Undoes a fault as far as it does not end by itself. */
export const undo = async (ground: DrillGround, {fault, host}: Injected, scenario: Scenario): Promise<void> => {
  if (fault.by === 'task') {
    await ground.task(fault.task).heal?.(host, argsOf(ground, fault, scenario))
    return
  }
  const {hands} = ground.terms
  if (hands) await ground.runHere(healWords(hands, fault, host))
  else await ground.askPerson(`${healText(fault, host)}, then press Enter: `)
}
