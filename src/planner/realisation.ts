import type {Change, Resource, Step} from '../resources/resource.ts'
import {$, Command, raw} from '../shell/command.ts'

/** The steps of a resource, its commands in the environment that the playbook gives them. */
export const realisation = (
  resource: Resource,
  changes: readonly Change[],
  current: unknown,
  environment: Readonly<Record<string, string>> = {},
): {readonly realise: readonly Step[]; readonly steps: readonly string[]} => {
  const steps = resource.kind.steps(resource.desired, changes, current)
  const realise = steps.map(step => (step.do === 'run' ? {...step, command: within(environment, step.command)} : step))
  return {realise, steps: realise.map(({title}) => title)}
}

const within = (environment: Readonly<Record<string, string>>, {text, stdin}: Command): Command => {
  const exports = Object.entries(environment).map(([name, value]) => $`export ${raw(name)}=${value}`.text)
  return exports.length === 0 ? new Command(text, stdin) : new Command([...exports, text].join('\n'), stdin)
}
