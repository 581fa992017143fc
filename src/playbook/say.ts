import {asText} from './as-text.ts'
import {conditionsOf, holds} from './conditions.ts'
import {EvaluationError} from './evaluation-error.ts'
import type {Registered} from './model.ts'
import type {Scope} from './scope.ts'

type Said = {readonly message: string; readonly result: Registered}
/** What a task says that does nothing on its host; undefined: it is skipped. Throws what evaluation throws. */
export type Say = (parameters: Readonly<Record<string, any>>, scope: Scope, verbosity: number) => Said | undefined

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null, null, 2))
const lines = (value: string | readonly string[]): string => [value].flat().join('\n')
const none = {changed: false, failed: false} as const

const debug: Say = ({msg, var: name, verbosity = 0}, scope, given) => {
  if (verbosity > given) return undefined
  if (name === undefined) {
    const said: unknown = msg ?? 'Hello world!'
    return {message: textOf(said), result: {...none, msg: said as string}}
  }
  const value = known(name, scope)
  return {message: `${name}: ${textOf(value)}`, result: {...none, [name]: value}}
}

/** Of what a run has learnt, a part may be missing; that is what `debug` is for. */
const known = (name: string, scope: Scope): unknown => {
  try {
    return scope.evaluate(name)
  } catch (error) {
    if (error instanceof EvaluationError && error.rule === 'undefined-variable' && error.variable === undefined)
      return 'VARIABLE IS NOT DEFINED!'
    throw error
  }
}

const assert: Say = (parameters, scope) => {
  const {fail_msg: failMessage = 'Assertion failed', success_msg: success, quiet} = parameters
  const broken = conditionsOf(parameters, 'that').find(condition => !holds([condition], scope))
  if (!broken) {
    const said = success ?? 'All assertions passed'
    return {message: quiet ? '' : lines(said), result: {...none, msg: said}}
  }
  return {
    message: `${lines(failMessage)} (${asText(broken.test)})`,
    result: {changed: false, failed: true, evaluated_to: false, assertion: broken.test, msg: failMessage},
  }
}

const fail: Say = ({msg = 'Failed as requested from task'}) => ({
  message: textOf(msg),
  result: {changed: false, failed: true, msg},
})

export const says: Readonly<Record<string, Say>> = {debug, assert, fail}
