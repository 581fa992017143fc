import {Findings} from '../diagnostics/findings.ts'
import {readInventory} from '../inventory/read-inventory.ts'
import {readExtraVars} from './extra-vars.ts'
import {buildAll, conclude, prepare} from './ground.ts'
import type {Fleet, LoadOptions} from './model.ts'
import {readPlaybook} from './read-playbook.ts'
import {checkTags} from './tags.ts'

export {hostsFleet, statusFleet, taskFleet} from './smaller-fleets.ts'

/** Reads and checks everything that playbooks and inventory say. Throws InvalidInput with every problem at once. */
export const load = async (options: LoadOptions): Promise<Fleet> => {
  const findings = new Findings(options.keys)
  const extra = readExtraVars(options.extraVars ?? [], findings)
  const inventory = readInventory(options.inventories, findings)
  const running = options.playbooks.flatMap(path => readPlaybook(path, {findings, extra, inventory}))
  const ground = prepare(options, findings, running, extra, inventory)
  const plays = await buildAll(running, ground.context)
  checkTags(ground.context.choice, ground.context.knownTags, findings)
  await buildAll(ground.site, ground.context)
  return conclude(plays, ground, options)
}
