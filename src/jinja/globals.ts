import {bind} from './arguments.ts'
import {fail, refuseIt} from './problem.ts'
import {Attributes, Callable, dictOf, entriesOf, isDict, isInt, isTrue, iterate} from './values.ts'

const longest = 1_000_000

const integer = (value: unknown): number =>
  isInt(value) ? Number(value) : fail('range() needs whole numbers', 'write … | int')

const range = new Callable('range', args => {
  const [first, second, step = 1] = args.map(integer)
  const [from, to] = second === undefined ? [0, first ?? fail('range() needs a number')] : [first ?? 0, second]
  if (step === 0) return fail('range() arg 3 must not be zero')
  const count = Math.max(0, Math.ceil((to - from) / step))
  if (count > longest) return fail(`range() of more than ${longest} numbers is refused`)
  return Array.from({length: count}, (_, index) => from + index * step)
})

const attributesOf = (type: string, values: Map<string, unknown>): Attributes =>
  new Attributes(
    type,
    name => values.get(name),
    (name, value) => values.set(name, value),
  )

/** Functions of Jinja that need no variable. */
export const globals: Readonly<Record<string, Callable>> = {
  range,
  dict: new Callable('dict', (args, named) => {
    const [from] = args
    const entries =
      from === undefined
        ? []
        : isDict(from)
          ? entriesOf(from)
          : iterate(from).map(pair => iterate(pair) as [unknown, unknown])
    return dictOf([...entries, ...named])
  }),
  namespace: new Callable('namespace', ([from], named) => {
    const start = isDict(from) ? entriesOf(from).map(([key, value]) => [String(key), value] as const) : []
    return attributesOf('Namespace', new Map([...start, ...named]))
  }),
  cycler: new Callable('cycler', items => {
    if (items.length === 0) return fail('at least one item has to be provided')
    let at = 0
    return new Attributes('Cycler', name => {
      if (name === 'current') return items[at]
      if (name === 'reset')
        return new Callable('reset', () => {
          at = 0
          return null
        })
      if (name !== 'next') return undefined
      return new Callable('next', () => {
        const now = items[at]
        at = (at + 1) % items.length
        return now
      })
    })
  }),
  joiner: new Callable('joiner', (args, named) => {
    const [sep = ', '] = bind('joiner', ['sep='], {args, named})
    let used = false
    return new Callable('joiner', () => {
      const text = used ? sep : ''
      used = true
      return text
    })
  }),
  undef: new Callable('undef', args =>
    fail(isTrue(args[0] ?? null) ? String(args[0]) : 'a mandatory variable has not been overridden'),
  ),
  now: new Callable('now', () =>
    refuseIt('now() is not supported', 'a plan must not depend on the time it is made', 'pass the time with -e'),
  ),
  lipsum: new Callable('lipsum', () => refuseIt('lipsum() is not supported', 'it is random')),
}
