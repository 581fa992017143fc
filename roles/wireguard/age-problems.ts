import type {RoleProblem} from 'gatewright'
import {type Context, problem} from './problem.ts'
import type {DeviceVars} from './view.ts'

type Dated = {readonly created?: string | undefined; readonly rotate_by?: string | undefined}
const dayMs = 86_400_000

/** Keys that have had their time: of the device, and of its peers. */
export const ageProblems = (device: DeviceVars, {vars}: Context, today: Date): RoleProblem[] => [
  ...overdue(`the key of ${device.name}`, device, vars.max_key_age, today),
  ...device.peers.flatMap(peer => overdue(`the key of ${peer.name} on ${device.name}`, peer, vars.max_key_age, today)),
]

const overdue = (whose: string, {created, rotate_by}: Dated, maxDays: number, today: Date): RoleProblem[] => {
  const age = created === undefined ? 0 : Math.floor((today.getTime() - Date.parse(created)) / dayMs)
  const fix = 'make a new one with gatewright pki wireguard-key NAME --next, and change to it with wireguard.rotate'
  if (rotate_by !== undefined && today.getTime() >= Date.parse(rotate_by) + dayMs)
    return [problem('key-age', `${whose} had to be changed by ${rotate_by}`, fix)]
  if (maxDays > 0 && age > maxDays)
    return [problem('key-age', `${whose} is ${age} days old, and ${maxDays} are allowed`, fix)]
  return []
}
