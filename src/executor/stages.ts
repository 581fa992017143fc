import {isAlone, isBlind, isDue, type PlanItem} from './plan.ts'

export type Placed = {readonly item: PlanItem; readonly index: number}

type Span = {
  readonly items: readonly PlanItem[]
  readonly from: number
  readonly end: number
  /** Something was done that can have changed what the host answered. */
  readonly isStale: boolean
}

/** It is certain to fail when it is reached. */
export const hasFailed = ({verdict, origin}: PlanItem): boolean =>
  verdict === 'failed' || ((verdict === 'rescued' || verdict === 'ignored') && !origin.isProvisional)

/** There is still something to carry out, or to find out. */
export const isLeft = (item: PlanItem): boolean => isDue(item) || item.origin.isProvisional === true

/** It cannot be passed before it was looked at. */
const isInTheWay = (item: PlanItem, isStale: boolean): boolean =>
  item.origin.isProvisional === true || hasFailed(item) || (isStale && !isBlind(item))

/** Items that go into one request: at one privilege level of one host, up to the first that has to be looked at. */
export const nextStage = ({items, from, end, ...span}: Span): readonly Placed[] => {
  const stage: Placed[] = []
  let {isStale} = span
  for (const [offset, item] of items.slice(from, end).entries()) {
    if (isInTheWay(item, isStale)) break
    if (!isDue(item)) continue
    const [first] = stage
    if (first && (isAlone(item) || !sharesRequest(first.item, item))) break
    stage.push({item, index: from + offset})
    if (isAlone(item) || item.task) break
    isStale ||= item.barrier
  }
  return stage
}

/** How many items of a span have nothing to be carried out and can be passed. */
export const passable = ({items, from, end, isStale}: Span): number => {
  const rest = items.slice(from, end)
  const stop = rest.findIndex(item => isDue(item) || isInTheWay(item, isStale))
  return stop < 0 ? rest.length : stop
}

const sharesRequest = (one: PlanItem, other: PlanItem): boolean =>
  one.become === other.become &&
  one.origin.on === other.origin.on &&
  (one.guard === undefined) === (other.guard === undefined)
