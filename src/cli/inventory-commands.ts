import type {Command} from 'commander'
import {addInventoryFlags} from './flags.ts'
import {helpAfter} from './help.ts'
import type {Io} from './io.ts'

type Add = (name: string, description: string) => Command

/** `gatewright inventory list|graph|host` and `gatewright vars explain`. */
export const addInventoryCommands = (add: Add, end: (code: number) => void, io: Io): void => {
  const inventory = add('inventory', 'show the inventory as it is understood')
  const vars = add('vars', 'show where variables get their values')
  const below = (parent: Command, name: string, description: string): Command =>
    addInventoryFlags(
      parent
        .command(name)
        .description(description)
        .addHelpText('after', helpAfter(`${parent.name()} ${name}`)),
    )
  below(inventory, 'list', 'hosts with their addresses and groups').action(async flags =>
    end((await import('./inventory.ts')).list(flags, io)),
  )
  below(inventory, 'graph', 'groups and hosts as a tree')
    .argument('[group]', 'begin with this group')
    .option('--vars', 'with variables')
    .action(async (group, flags) => end((await import('./inventory.ts')).graph(group, flags, io)))
  below(inventory, 'host', 'the variables of a host as they are written')
    .argument('<host>')
    .action(async (name, flags) => end((await import('./inventory.ts')).host(name, flags, io)))
  below(vars, 'explain', 'every place that gives a variable a value, and which wins')
    .argument('<host>')
    .argument('[variable]', 'without it: where each variable of the host gets its value')
    .action(async (host, key, flags) => end((await import('./vars.ts')).explain(host, key, flags, io)))
}
