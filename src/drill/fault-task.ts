import type {TaskContext, TaskFunction} from '../role.ts'
import type {Command} from '../shell/command.ts'
import {type FaultTexts, healScript, injectScript, longestSeconds} from './fault-script.ts'

/** A fault of a role: shell text that brings it about, and shell text that undoes it. */
export type Fault = {
  /** What happens, as people say it: `keepalived stands still`. */
  readonly what: string
  readonly inject: Command
  /** Undoes it, as often as it is run, also where nothing was injected. */
  readonly heal: Command
}

/** Faults depend on variables and arguments alone, so that they can be shown beforehand. */
export type FaultContext<Vars> = Pick<TaskContext<Vars>, 'vars' | 'host' | 'peers' | 'args'>

/**
 * Makes a task of a fault: `const {task, plan, heal} = faultTask('vrrp-hang', ...)`, `export default task`, `export {plan, heal}`. Its
 * argument `seconds` (20 unless given) is how long it lasts at most: the host itself ends it then, whoever is still there.
 */
export const faultTask = <Vars>(
  name: string,
  fault: (context: FaultContext<Vars>) => Fault,
): {task: TaskFunction<Vars>; plan: TaskFunction<Vars>; heal: TaskFunction<Vars>} => {
  const textsOf = (context: FaultContext<Vars>): FaultTexts => {
    const {what, inject, heal} = fault(context)
    return {name, what, inject: inject.text, heal: heal.text}
  }
  return {
    task: async context => {
      const seconds = secondsOf(context.args)
      const texts = textsOf(context)
      await context.$`/bin/sh -c ${injectScript(texts, seconds)}`
      // No change that a gate has to wait for: the gateway is meant to be sick now.
      return {changed: false, message: `${texts.what}; for ${seconds} s at most`}
    },
    plan: async context => ({
      changed: true,
      message: `${textsOf(context).what}; for ${secondsOf(context.args)} s at most`,
    }),
    heal: async context => {
      const texts = textsOf(context)
      await context.$`/bin/sh -c ${healScript(texts)}`
      return {changed: true, message: `no more: ${texts.what}`}
    },
  }
}

const secondsOf = ({seconds = 20}: Readonly<Record<string, unknown>>): number => {
  const number = Number(seconds)
  if (!Number.isInteger(number) || number < 1 || number > longestSeconds)
    throw new Error(`seconds=${JSON.stringify(seconds)}: a whole number from 1 to ${longestSeconds} is needed`)
  return number
}
