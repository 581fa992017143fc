import type {PlannedItem} from '../events.ts'
import {count} from '../wording.ts'
import {namesText} from './host-names.ts'
import {itemLines, type Look} from './item-lines.ts'
import {wrap} from './text.ts'

export type HostItems = {readonly host: string; readonly items: readonly PlannedItem[]}

/**
 * What happens on each host, below its name; hosts for which the same is shown stand together. `title` says it of one
 * host's number of items, such as `3 changes`.
 */
export const planBlocks = (
  hosts: readonly HostItems[],
  look: Look,
  {plays, title}: {plays: readonly {name: string}[]; title: (items: readonly PlannedItem[]) => string},
): string[] => {
  const blocks = Map.groupBy(
    hosts.filter(({items}) => items.length > 0),
    ({items}) => [title(items), ...blockLines(items, look, plays)].join('\n'),
  )
  return [...blocks].flatMap(([block, same]) => {
    const [first = '', ...lines] = block.split('\n')
    const names = namesText(
      same.map(({host}) => host),
      look.view.verbosity > 0 ? same.length : 12,
    )
    const head = `${look.style.bold(names)}${same.length > 2 ? ` (${count(same.length, 'host')})` : ''}  ${first}`
    return ['', ...wrap(head, look.width, 4), ...lines]
  })
}

/** Items under their role, and under their play where there are several. */
const blockLines = (items: readonly PlannedItem[], look: Look, plays: readonly {name: string}[]): string[] => {
  const sections = Map.groupBy(items, ({play, role = ''}) => `${play} ${role}`)
  return [...sections.values()].flatMap(section => {
    const {play = 0, role = 'tasks'} = section[0] ?? {}
    const where = plays.length > 1 ? `${role} ${look.style.dim(`(${plays[play]?.name ?? play})`)}` : role
    return [`  ${where}`, ...section.flatMap(item => itemLines(item, look, 4))]
  })
}
