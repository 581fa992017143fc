import {Frame} from './frame.ts'
import type {Body, Expression, Parameter} from './nodes.ts'
import {fail, JinjaProblem} from './problem.ts'
import {Callable, dictOf, Tuple, Undefined} from './values.ts'

const mentions = (tree: unknown, name: string): boolean => {
  if (typeof tree !== 'object' || tree === null) return false
  const {kind, name: own} = tree as {kind?: unknown; name?: unknown}
  return (kind === 'name' && own === name) || Object.values(tree).some(part => mentions(part, name))
}

export type MacroContext = {
  /** Where it was defined. */
  readonly frame: Frame
  readonly evaluate: (node: Expression, frame: Frame) => unknown
  readonly render: (body: Body, frame: Frame) => unknown
}

const deepest = 200
let depth = 0

/** A macro as something that can be called. */
export const macroOf = (
  name: string,
  parameters: readonly Parameter[],
  body: Body,
  {frame, evaluate, render}: MacroContext,
): Callable => {
  const takes = {varargs: mentions(body, 'varargs'), kwargs: mentions(body, 'kwargs'), caller: mentions(body, 'caller')}
  return new Callable(name, (args, named) => {
    const inner = new Frame(frame)
    const rest = new Map(named)
    const caller = rest.get('caller')
    rest.delete('caller')
    if (caller !== undefined && !takes.caller && !parameters.some(parameter => parameter.name === 'caller'))
      return fail(`macro '${name}' was invoked with two values for the special caller argument`)
    for (const [index, parameter] of parameters.entries()) {
      const given = index < args.length ? args[index] : rest.get(parameter.name)
      if (index < args.length && rest.has(parameter.name))
        return fail(`macro '${name}' got two values for '${parameter.name}'`)
      rest.delete(parameter.name)
      if (given !== undefined) inner.set(parameter.name, given)
      else if (parameter.default) inner.set(parameter.name, evaluate(parameter.default, inner))
      else inner.set(parameter.name, missing(name, parameter.name))
    }
    if (args.length > parameters.length && !takes.varargs)
      return fail(`macro '${name}' takes not more than ${parameters.length} arguments`)
    const [unknown] = rest.keys()
    if (unknown !== undefined && !takes.kwargs) return fail(`macro '${name}' takes no argument '${unknown}'`)
    inner.set('varargs', Tuple.from(args.slice(parameters.length)))
    inner.set('kwargs', dictOf(rest))
    if (caller !== undefined) inner.set('caller', caller)
    else if (takes.caller)
      inner.set('caller', new Undefined(new JinjaProblem('undefined-variable', 'No caller defined')))
    if (++depth > deepest) {
      depth = 0
      return fail(`the macro '${name}' calls itself without end`)
    }
    try {
      return render(body, inner)
    } finally {
      depth = Math.max(0, depth - 1)
    }
  })
}

const missing = (macro: string, name: string): Undefined =>
  new Undefined(
    new JinjaProblem('undefined-variable', `the macro '${macro}' was called without '${name}'`, {
      fix: `give it, or write ${name}=… in the macro`,
    }),
  )
