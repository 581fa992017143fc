import type {Line, LineOrigin} from '../planner/line.ts'
import {handlerResource} from '../resources/handler.ts'
import type {Handler} from '../resources/resource.ts'
import type {Slot} from './slots.ts'

/** Handlers of units that something of the play names: that of the slot, or all that the play does not define itself. */
export const unitLines = (lines: readonly Line[], {play, number, handler}: Slot, host: string): readonly Line[] => {
  const units = new Map<string, {handler: Handler; origin: LineOrigin}>()
  for (const line of lines) {
    if (line.play !== play.index || line.line !== 'resource') continue
    const {resource, line: _line, unit: _unit, on: _on, handles: _handles, ...origin} = line
    for (const each of resource.notify)
      if (!units.has(each.id)) units.set(each.id, {handler: each, origin: {...origin, slot: number, blocks: []}})
  }
  const own = new Set(play.handlers.flatMap(each => (each.of === 'unit' ? [each.handler(host).id] : [])))
  const wanted = handler?.of === 'unit' ? handler.handler(host).id : undefined
  return [...units]
    .filter(([id]) => (wanted === undefined ? !own.has(id) : id === wanted))
    .map(([, unit]) => unitLine(unit.handler, unit.origin))
}

const unitLine = (handler: Handler, origin: LineOrigin): Line => ({
  ...origin,
  line: 'handler',
  handler,
  resource: handlerResource({unit: handler.unit, action: handler.action, config: []}),
})

/** Whether something of the play, another handler included, may notify a handler that is a task. */
export const isNamed = (lines: readonly Line[], {play, entry}: Slot): boolean =>
  lines.some(line => line.play === play.index && line.notifies?.some(named => named === entry))

/** Two handlers of one unit are the same debt: of the files of all plays that the unit runs with. */
export const withConfig = (lines: readonly Line[]): readonly Line[] => {
  const config = new Map<string, Set<string>>()
  for (const line of lines) {
    if (line.line !== 'resource') continue
    const {kind, desired, notify} = line.resource
    for (const {id} of notify) config.set(id, new Set([...(config.get(id) ?? []), ...(kind.paths?.(desired) ?? [])]))
  }
  return lines.map(line => {
    if (line.line !== 'handler') return line
    const {unit, action, id} = line.handler
    return {...line, resource: handlerResource({unit, action, config: [...(config.get(id) ?? [])].toSorted()})}
  })
}
