import {equals} from './compare.ts'
import {fail, JinjaProblem} from './problem.ts'
import {Attributes, Callable, Tuple, Undefined} from './values.ts'

const none = (what: string): Undefined => new Undefined(new JinjaProblem('undefined-variable', what))

/** The variable `loop` in a round of a `for`. `again` is there in a recursive loop. */
export const loopVariable = (
  items: readonly unknown[],
  position: {index: number},
  depth: number,
  again: ((items: unknown) => unknown) | undefined,
): Attributes | Callable => {
  let last: unknown
  const changed = new Callable('changed', args => {
    const value = Tuple.from(args)
    if (last !== undefined && equals(value, last)) return false
    last = value
    return true
  })
  const get = (name: string): unknown => {
    const {index} = position
    const parts: Readonly<Record<string, () => unknown>> = {
      index: () => index + 1,
      index0: () => index,
      revindex: () => items.length - index,
      revindex0: () => items.length - index - 1,
      first: () => index === 0,
      last: () => index === items.length - 1,
      length: () => items.length,
      depth: () => depth,
      depth0: () => depth - 1,
      previtem: () => (index === 0 ? none('there is no previous item') : items[index - 1]),
      nextitem: () => (index === items.length - 1 ? none('there is no next item') : items[index + 1]),
      cycle: () =>
        new Callable('cycle', args => (args.length ? args[index % args.length] : fail('no items for cycling given'))),
      changed: () => changed,
    }
    return Object.hasOwn(parts, name) ? parts[name]?.() : undefined
  }
  return again ? new RecursiveLoop(get, again) : new Attributes('LoopContext', get)
}

/** `loop` of a recursive `for`: has the same parts and can be called. */
export class RecursiveLoop extends Callable {
  readonly parts: Attributes
  constructor(get: (name: string) => unknown, again: (items: unknown) => unknown) {
    super('loop', ([items]) => again(items))
    this.parts = new Attributes('LoopContext', get)
  }
}
