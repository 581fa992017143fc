import {acts, type Emit} from '../events.ts'
import {convergenceOf} from './convergence.ts'
import {HostFailure} from './host-failure.ts'
import type {HostPlan} from './host-plan.ts'
import type {Answers, PlanItem, Probed} from './plan.ts'

export type VerifyContext = {
  readonly host: string
  readonly emit: Emit
  readonly probe: (probes: readonly Probed[]) => Promise<Answers>
}

/**
 * Converge or fail: what a play has changed from the item `from` on is probed again; the same request plans the later
 * plays.
 */
export const verifyPlay = async (
  plan: HostPlan,
  {play, from}: {play: number; from: number},
  {host, emit, probe}: VerifyContext,
): Promise<void> => {
  const end = plan.done
  if (!plan.items.slice(from, end).some(acts)) return
  const mine = plan.items
    .map((item, index) => ({item, index}))
    .slice(from, end)
    .filter(({item}) => item.verdict === 'changed' && item.resource && !item.resource.kind.act)
  const later = plan.items.slice(end).flatMap(probed)
  const answers = await probe([...mine.flatMap(({item}) => probed(item)), ...later])
  const converged = mine.filter(({item, index}) => {
    const found = convergenceOf(plan.items.slice(0, end), index, answers)
    if (found.is === 'as desired') return true
    plan.settle(index, found.is, found.reason)
    if (found.is === 'failed') throw new HostFailure('failed', found.reason, {id: item.id, next: found.next})
    return false
  })
  emit({event: 'verified', host, play, ids: converged.map(({item}) => item.id)})
  if (end >= plan.items.length) return
  await plan.revise(
    new Map(
      later.flatMap(({key}) => {
        const answer = answers.get(key)
        return answer ? [[key, answer] as const] : []
      }),
    ),
  )
}

const probed = ({id, resource, become, origin: {on}}: PlanItem): Probed[] =>
  resource ? [{key: id, resource, become, ...(on !== undefined && {on})}] : []
