import type {Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import type {Inventory} from './model.ts'

/** Makes a group the child of another; a circle is a problem. */
export const relate = (
  inventory: Inventory,
  parent: string,
  child: string,
  at: Position | undefined,
  findings: Findings,
): void => {
  const circle = inventory.adopt(parent, child)
  if (circle)
    findings.add({
      rule: 'group-cycle',
      what: `the group '${child}' is its own descendant: ${circle.join(' -> ')}`,
      fix: 'remove one of these children',
      ...(at && {at}),
    })
}
