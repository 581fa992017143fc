import {dirname} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import type {Topology} from '../../lab/index.ts'
import {differences, type HostState, hostState} from './host-state.ts'

/** Daemons write all the time, and some of their files are there for a moment only: a file's directory stands for it. */
const placeOf = (line: string): string =>
  line.startsWith('files ') ? dirname(line.split('\t')[0]?.slice('files + '.length) ?? '') : line

/** What changed on hosts while `work` was done, less what had changed in the same places by itself in the 6 s before. */
export const writtenDuring = async (
  topology: Topology,
  hosts: readonly string[],
  work: () => Promise<unknown>,
): Promise<string[]> => {
  const states = (): Promise<HostState[]> => Promise.all(hosts.map(host => hostState(topology, host)))
  const first = await states()
  await sleep(6000)
  const before = await states()
  await work()
  const after = await states()
  return hosts.flatMap((host, index) => {
    const [one, two, three] = [first[index], before[index], after[index]]
    if (!one || !two || !three) throw new Error(`${host} has no state`)
    const byItself = new Set(differences(one, two).map(placeOf))
    return differences(two, three)
      .filter(line => !byItself.has(placeOf(line)))
      .map(line => `${host}: ${line}`)
  })
}
