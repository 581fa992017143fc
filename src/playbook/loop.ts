import {type Diagnostic, InvalidInput, type Position} from '../diagnostic.ts'
import {spotOf} from '../diagnostics/positions.ts'
import {asText} from './as-text.ts'
import {toBoolean} from './boolean.ts'
import {type Condition, holds} from './conditions.ts'
import {EvaluationError} from './evaluation-error.ts'
import type {RawTask} from './frames.ts'
import {isMapping} from './mapping.ts'
import type {LoopItem} from './model.ts'
import type {Scope} from './scope.ts'

/** One turn of a loop, or the only one of a task without. */
export type Turn = {
  readonly scope: Scope
  readonly item?: LoopItem
  readonly label?: string
}

export type DueTurn = Turn & {readonly isDue: boolean}

export const isLoop = (raw: RawTask): boolean => raw['loop'] !== undefined || raw['with_items'] !== undefined

/** All turns of a task, and whether its conditions hold there. Throws what evaluation throws. */
export const turnsOf = (raw: RawTask, scope: Scope, conditions: readonly Condition[]): readonly DueTurn[] =>
  openTurns(raw, scope, conditions).map(turn => ({...turn, isDue: holds(conditions, turn.scope)}))

/** All turns. A loop over what is undefined is one without item where conditions do not hold anyway, as in Ansible. */
export const openTurns = (raw: RawTask, scope: Scope, conditions: readonly Condition[]): readonly Turn[] => {
  if (!isLoop(raw)) return [{scope}]
  let items: readonly unknown[]
  try {
    items = itemsOf(raw, scope)
  } catch (error) {
    if (!(error instanceof EvaluationError) || error.rule !== 'undefined-variable') throw error
    if (mayHold(conditions, scope)) throw error
    return [{scope}]
  }
  const control = controlOf(raw, scope)
  return items.map((item, index) => turnOf(items, item, index, scope, control))
}

const mayHold = (conditions: readonly Condition[], scope: Scope): boolean => {
  try {
    return holds(conditions, scope)
  } catch (error) {
    if (error instanceof EvaluationError) return true
    throw error
  }
}

const itemsOf = (raw: RawTask, scope: Scope): readonly unknown[] => {
  const key = raw['loop'] === undefined ? 'with_items' : 'loop'
  const at = spotOf(raw, key)?.value
  const value = scope.value(raw[key], at)
  if (Array.isArray(value)) return key === 'loop' ? value : value.flat()
  if (key === 'with_items' && !isMapping(value)) return [value]
  throw refused({rule: 'loop', what: `'${key}' must give a list`, fix: 'a mapping becomes one with | dict2items'}, at)
}

const refused = (diagnostic: Diagnostic, at: Position | undefined): InvalidInput =>
  new InvalidInput([{...diagnostic, ...(at && {at})}])

type Control = {
  readonly name: string
  readonly index: string | undefined
  readonly isExtended: boolean
  readonly hasAll: boolean
  readonly label: {readonly value: unknown; readonly at: Position | undefined} | undefined
}

const controlOf = (raw: RawTask, scope: Scope): Control => {
  const given = (raw['loop_control'] ?? {}) as Readonly<Record<string, unknown>>
  const flag = (key: string, otherwise: boolean): boolean => {
    const at = spotOf(given, key)?.value
    return given[key] === undefined ? otherwise : toBoolean(scope.value(given[key], at), key, at)
  }
  return {
    name: asText(given['loop_var'] ?? 'item'),
    index: given['index_var'] === undefined ? undefined : asText(given['index_var']),
    isExtended: flag('extended', false),
    hasAll: flag('extended_allitems', true),
    label: given['label'] === undefined ? undefined : {value: given['label'], at: spotOf(given, 'label')?.value},
  }
}

const turnOf = (items: readonly unknown[], item: unknown, index: number, scope: Scope, control: Control): Turn => {
  const {name, index: counter, isExtended, hasAll, label} = control
  const length = items.length
  const more: Record<string, unknown> = {
    ...(counter !== undefined && {[counter]: index, ansible_index_var: counter}),
    ...(isExtended && {
      ansible_loop: {
        index: index + 1,
        index0: index,
        first: index === 0,
        last: index + 1 === length,
        length,
        revindex: length - index,
        revindex0: length - index - 1,
        ...(hasAll && {allitems: items}),
        ...(index + 1 < length && {nextitem: items[index + 1]}),
        ...(index > 0 && {previtem: items[index - 1]}),
      },
    }),
  }
  const values = {...more, [name]: item, ansible_loop_var: name}
  const inner = Object.entries(values).reduce((outer, [key, value]) => outer.withValue(key, value), scope)
  return {
    scope: inner,
    item: {name, value: item, ...(Object.keys(more).length > 0 && {more})},
    label: asText(label ? inner.value(label.value, label.at) : item),
  }
}
