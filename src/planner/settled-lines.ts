import type {Answers} from '../executor/plan.ts'
import {keyOf} from '../executor/plan.ts'
import type {Foresight} from '../resources/foresight.ts'
import {readCurrent, Unreadable, Unsupported} from '../resources/resource.ts'
import {type Answered, leaveAsItIs, placeOf} from '../resources/settled.ts'
import type {Line} from './line.ts'

type ResourceLine = Extract<Line, {line: 'resource'}>

/** Lines of a plan about one path, which are right together where each alone would find a difference. */
export class SettledLines {
  readonly #lines: readonly Line[]
  readonly #answers: Answers
  readonly #places: ReadonlyMap<string, readonly number[]>
  readonly #settled = new Set<Line>()

  constructor(lines: readonly Line[], answers: Answers) {
    this.#lines = lines
    this.#answers = answers
    const places = new Map<string, number[]>()
    for (const [index, line] of lines.entries()) {
      const place = line.line === 'resource' && line.on === undefined && !line.handles && placeOf(this.#answered(line))
      if (place) places.set(place.at, [...(places.get(place.at) ?? []), index])
    }
    this.#places = new Map(
      [...places.values()].flatMap(all => (all.length > 1 ? all.map(index => [`${index}`, all]) : [])),
    )
  }

  /** Whether a line need not be carried out, because those after it would bring back what is there. */
  has(line: Line, index: number, foresight: Foresight): boolean {
    const places = this.#places.get(`${index}`)
    if (!places || line.line !== 'resource') return false
    if (!this.#settled.has(line)) {
      const chain = this.#until(places.filter(place => place >= index))
      if (
        chain.length < 2 ||
        !leaveAsItIs(
          chain.map(one => this.#answered(one)),
          foresight,
        )
      )
        return false
      for (const one of chain) this.#settled.add(one)
    }
    return true
  }

  /** Up to the first thing between them that is carried out and may look at what is there. */
  #until(places: readonly number[]): readonly ResourceLine[] {
    const chain: ResourceLine[] = []
    let last = places[0] ?? 0
    for (const place of places) {
      if (this.#lines.slice(last, place).some(line => this.#interrupts(line))) break
      const line = this.#lines[place]
      if (line?.line !== 'resource' || line.resource.kind.act) break
      chain.push(line)
      last = place
    }
    return chain
  }

  #interrupts(line: Line): boolean {
    if (line.line === 'task' || line.line === 'deferred') return true
    if (line.line !== 'resource') return false
    const {kind, desired} = line.resource
    if (kind.act) return true
    if (kind.place || !kind.opaque) return false
    const current = readCurrent(line.resource, this.#answered(line).answer)
    if (current instanceof Unreadable || current instanceof Unsupported) return true
    const found = kind.diff(desired, current)
    return found === 'unknown' || found.length > 0
  }

  #answered({resource, on}: ResourceLine): Answered {
    return {resource, answer: this.#answers.get(keyOf(resource.id, on))}
  }
}
