import {withLock} from './lock.ts'
import {refuseUnfitMachine} from './machine.ts'
import {tearDown} from './tear-down.ts'
import type {Topology} from './topology.ts'

/**
 * Removes everything of the lab but its keys and the cached image, also what a crashed `up` left.
 * @throws LabUsageError where no lab can run, LabError when an `up` is at work on it
 */
export async function down(topology: Topology): Promise<void> {
  refuseUnfitMachine()
  await withLock(topology, () => tearDown(topology))
}
