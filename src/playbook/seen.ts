import type {Diagnostic, Position} from '../diagnostic.ts'
import {keyOf} from '../executor/plan.ts'
import type {Line} from '../planner/line.ts'
import type {Handler, Resource} from '../resources/resource.ts'
import {sameDesired} from './same-desired.ts'

/** Resources that a host's list has already: an equal one stays at its first place, which notifies for both. */
export class Seen {
  readonly diagnostics: Diagnostic[] = []
  readonly #host: string
  readonly #known = new Map<string, One[]>()
  readonly #notify = new Map<Resource['desired'], Handler[]>()

  constructor(host: string) {
    this.#host = host
  }

  keep(line: Line): readonly Line[] {
    if (line.line !== 'resource') return [line]
    const {resource, at, on} = line
    const {kind, desired} = resource
    const id = `${kind.name} ${kind.identify(desired)}`
    const key = keyOf(id, on)
    const before = this.#known.get(key) ?? []
    const isEachTime = kind.act || kind.isInOrder?.(desired)
    const same = isEachTime ? undefined : before.find(one => sameDesired(one.desired, desired))
    const opposite = kind.act ? undefined : before.find(one => !(kind.isBeside?.(one.desired, desired) ?? false))
    if (same) this.#add(same.desired, resource.notify)
    else if (opposite) this.diagnostics.push(conflict(id, this.#host, at, opposite.at))
    if (same || opposite) return line.unit?.registers ? [repeated(line)] : []
    this.#known.set(key, [...before, {desired, at}])
    this.#add(desired, resource.notify)
    return [before.length > 0 ? {...line, resource: {...resource, id: `${id} (${before.length + 1})`}} : line]
  }

  notifying(line: Line): Line {
    if (line.line !== 'resource') return line
    const notify = this.#notify.get(line.resource.desired) ?? line.resource.notify
    return {...line, resource: {...line.resource, notify}}
  }

  #add(desired: Resource['desired'], notify: readonly Handler[]): void {
    const known = this.#notify.get(desired) ?? []
    this.#notify.set(desired, [...known, ...notify.filter(({id}) => !known.some(one => one.id === id))])
  }
}

type One = {readonly desired: Resource['desired']; readonly at: Position | undefined}

/** A state that stands earlier already; its result is wanted all the same. */
const repeated = ({resource, ...origin}: Line & {line: 'resource'}): Line => ({
  ...origin,
  line: 'said',
  id: resource.id,
  message: 'as before',
  failed: false,
  result: {changed: false, failed: false},
})

const conflict = (id: string, host: string, at: Position | undefined, first: Position | undefined): Diagnostic => ({
  rule: 'conflicting-resource',
  host,
  what: `${id} is wanted in two different states`,
  ...(first && {why: `the other is at ${first.file}:${first.line}:${first.column}`}),
  fix: 'keep one of them',
  ...(at && {at}),
})
