import {setTimeout as sleep} from 'node:timers/promises'
import {messageOf} from '../wording.ts'
import type {DrillGround, HostHealthNow} from './ground.ts'

const pollMs = 300

export type PairNow = {
  readonly health: ReadonlyMap<string, HostHealthNow>
  /** Who carries the traffic; more than one, or none, is what should not be. */
  readonly holders: readonly string[]
  /** What keeps the pair from being well. */
  readonly complaints: readonly string[]
}

/** Asks both gateways; one that does not answer is sick. */
export const pairNow = async (ground: DrillGround, hosts: readonly string[] = ground.drill.hosts): Promise<PairNow> => {
  const health = new Map(await Promise.all(hosts.map(async host => [host, await healthOf(ground, host)] as const)))
  const holders = hosts.filter(host => health.get(host)?.checks.some(({holds}) => holds))
  const sick = [...health].flatMap(([host, {is, checks}]) =>
    is === 'healthy'
      ? []
      : is === 'absent'
        ? [`${host} was never provisioned`]
        : [
            `${host} is sick: ${checks
              .filter(check => check.is === 'sick')
              .map(sicknessText)
              .join('; ')}`,
          ],
  )
  const held =
    holders.length === 1
      ? []
      : [holders.length === 0 ? 'nobody carries the traffic' : `${holders.join(' and ')} both carry the traffic`]
  return {health, holders, complaints: [...sick, ...held]}
}

const sicknessText = ({name, reason}: {readonly name: string; readonly reason?: string}): string =>
  reason === undefined ? name : `${name}: ${reason}`

const healthOf = async (ground: DrillGround, host: string): Promise<HostHealthNow> => {
  try {
    return await ground.health(host)
  } catch (error) {
    return {is: 'sick', checks: [{name: 'connection', is: 'sick', reason: messageOf(error)}]}
  }
}

/** Waits until the pair is well, twice in a row; the last that was seen when the limit is over first. */
export const settled = async (ground: DrillGround, withinSeconds: number, hurry?: AbortSignal): Promise<PairNow> => {
  const deadline = performance.now() + withinSeconds * 1000
  let isWell = false
  for (;;) {
    const now = await pairNow(ground)
    if (now.complaints.length === 0 && isWell) return now
    isWell = now.complaints.length === 0
    if (performance.now() > deadline || hurry?.aborted) return now
    await sleep(pollMs)
  }
}
