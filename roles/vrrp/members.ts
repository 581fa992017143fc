import type {TaskContext} from 'gatewright'
import {bare} from './subnet.ts'
import {maintenanceFile, stateFile, type VrrpVars} from './view.ts'

export type Context = TaskContext<VrrpVars>
export type Shell = Context['$']
export type Member = {readonly name: string; run<Result>(work: ($: Shell) => Promise<Result>): Promise<Result>}

/** The gateways of a pair, this one first. */
export const membersOf = ({$, host, peers}: Context): Member[] => [{name: host.name, run: work => work($)}, ...peers]

/** One host of a pair decides for both, or the second would switch back what the first has switched. */
export const isLeader = ({host, peers, hosts}: Context): boolean =>
  hosts.find(name => name === host.name || peers.some(peer => peer.name === name)) === host.name

export const addressOf = ({vars}: Context): string => bare(vars.addresses[0]?.address ?? '')

export const holds = (context: Context, member: Member): Promise<boolean> =>
  member.run(async $ => (await $`ip -oneline address show to ${addressOf(context)}`).stdout.trim() !== '')

export const stateOf = (member: Member): Promise<string> =>
  member.run(async $ => {
    const {stdout} = await $`cat ${stateFile}`.nothrow()
    if (stdout.trim() === '') return 'unknown'
    const found: {state: string} = JSON.parse(stdout)
    return found.state
  })

export const isInMaintenance = (member: Member): Promise<boolean> =>
  member.run(async $ => !['0', ''].includes((await $`cat ${maintenanceFile}`.nothrow()).stdout.trim()))

export const setMaintenance = (member: Member, on: boolean): Promise<unknown> =>
  member.run($ => $`echo ${on ? 1 : 0} > ${maintenanceFile}`)

export const until = async (reached: () => Promise<boolean>, limitS: number, complaint: string): Promise<void> => {
  const deadline = performance.now() + limitS * 1000
  while (!(await reached())) {
    if (performance.now() > deadline) throw new Error(complaint)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
