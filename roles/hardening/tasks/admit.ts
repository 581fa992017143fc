import {networkOf, type TaskFunction} from 'gatewright'
import type {HardeningVars} from '../schema.ts'

type Wanted = {readonly address: string; readonly minutes: number; readonly set: string}

const wanted = (args: Readonly<Record<string, unknown>>): Wanted => {
  const {address = '', minutes: given = 15} = args
  const minutes = Number(given)
  if (typeof address !== 'string' || address.includes('/') || networkOf(address) === undefined)
    throw new Error(
      `address=${JSON.stringify(address)} is no address: say who is to be let in, as in -e address=198.51.100.77`,
    )
  if (!(Number.isInteger(minutes) && minutes >= 1 && minutes <= 1440))
    throw new Error(`minutes=${JSON.stringify(given)} is not a whole number from 1 to 1440`)
  return {address, minutes, set: address.includes(':') ? 'admitted_ip6' : 'admitted_ip'}
}

/** Lets an address use SSH over any link for some minutes (`-e address=... -e minutes=15`): for when management is down. */
const admit: TaskFunction<HardeningVars> = async ({$, vars, args}) => {
  const {address, minutes, set} = wanted(args)
  const element = `{ ${address} timeout ${minutes}m }`
  await $`nft add element inet gatewright_filter ${set} ${element}`
  return {changed: true, message: `${address} may reach port ${vars.ssh_port} for ${minutes} minutes`}
}
export default admit

export const plan: TaskFunction<HardeningVars> = async ({args}) => {
  const {address, minutes} = wanted(args)
  return {changed: true, message: `${address} would be let in for ${minutes} minutes`}
}
