import type {Answer} from '../resources/resource.ts'
import type {PlanItem, Registered} from './plan.ts'
import {resultOf} from './result.ts'

/** What has come of a host's items and entries so far. */
export class Outcomes {
  /** Slot -> result, of entries of which every line is done. */
  readonly results = new Map<number, Registered>()
  /** What the commands of an item said last, by its position. */
  readonly outputs = new Map<number, Answer>()
  /** Results that were judged, by the position of their item. */
  readonly judged = new Map<number, Registered>()

  /** What the lines of one entry have come to, or will come to as planned. */
  resultOf(slot: number, items: readonly PlanItem[]): Registered | undefined {
    const own = items.flatMap((item, index) => {
      if (item.origin.slot !== slot) return []
      const result = this.judged.get(index)
      return [{item: result ? {...item, result} : item, output: this.outputs.get(index)}]
    })
    return own.length === 0 ? undefined : resultOf(own, own[0]?.item.origin.unit?.isLoop)
  }

  /** Keeps the results of entries that are done and register; gives those that are new. */
  keep(items: readonly PlanItem[], done: number): readonly (readonly [number, Registered])[] {
    const next = items[done]?.origin.slot
    const kept: [number, Registered][] = []
    for (const {origin} of items.slice(0, done)) {
      const {slot, unit} = origin
      if (!unit?.registers || slot === next || this.results.has(slot)) continue
      const result = this.resultOf(slot, items)
      if (!result) continue
      this.results.set(slot, result)
      kept.push([slot, result])
    }
    return kept
  }
}
