import {suggest} from '../diagnostics/nearest.ts'
import type {Inventory} from '../inventory/model.ts'
import {EvaluationError} from './evaluation-error.ts'
import type {Special} from './scope.ts'

/** `groups`: the names of the hosts of each group, known before any host is. */
export const groupsSpecial =
  (inventory: Pick<Inventory, 'groups' | 'hostsOf'>): Special =>
  ({parts: [name], guarded}) => {
    const {groups} = inventory
    if (typeof name !== 'string')
      return Object.fromEntries([...groups.keys()].map(group => [group, inventory.hostsOf(group)]))
    if (groups.has(name)) return {[name]: inventory.hostsOf(name)}
    if (guarded) return {}
    const fix = suggest(name, groups.keys())
    throw new EvaluationError({rule: 'undefined-variable', what: `there is no group '${name}'`, ...(fix && {fix})})
  }
