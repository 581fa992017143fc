import {Listr} from 'listr2'
import {withLock} from './lock.ts'
import {refuseUnfitMachine} from './machine.ts'
import type {Topology} from './topology.ts'
import {up, upSteps} from './up.ts'

/** `up` with a live list of its steps in a terminal, and a line for each thing that happens elsewhere. */
export async function upWithProgress(topology: Topology): Promise<void> {
  if (!process.stdout.isTTY) return up(topology, {log: line => console.log(line)})
  refuseUnfitMachine()
  const steps = new Listr(
    upSteps(topology).map(({title, run}) => ({
      title,
      task: (_context: unknown, task: {output: string}) =>
        run(line => {
          task.output = line
        }),
    })),
    {rendererOptions: {collapseSubtasks: false}},
  )
  await withLock(topology, () => steps.run())
}
