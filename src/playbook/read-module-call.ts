import type {Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {markEntry, markStart, spotOf, startOf} from '../diagnostics/positions.ts'
import {readKeyValues} from './key-values.ts'
import {isMapping, type Mapping} from './mapping.ts'
import {moduleName} from './module-names.ts'
import {modules} from './modules/index.ts'
import type {Module} from './modules/module.ts'

/** The module that a task names, with its parameters as they were written: not evaluated, aliases resolved. */
export type ModuleCall = {
  /** Short: `apt`, also where the task says `ansible.builtin.apt`. */
  readonly name: string
  readonly module: Module
  /** Every entry keeps its place. Evaluate, then `coerceParameters(module.schema, …)`, then check against the schema. */
  readonly parameters: Mapping
  /** False: some were refused, and are left out. */
  readonly isComplete: boolean
  readonly place: Position
}

/** What a task does besides being a task. Everything that is wrong with the form of the call becomes a finding. */
export const readModuleCall = (raw: Mapping, at: Position, findings: Findings): ModuleCall | undefined => {
  const named = Object.keys(raw).filter(key => key === 'task' || moduleName(key) !== undefined)
  const [key = ''] = named
  const name = moduleName(key)
  const module = name === undefined ? undefined : modules[name]
  if (name === undefined || !module || named.length > 1) {
    findings.add(
      named.length > 1
        ? {rule: 'task-form', what: `the task does several things: ${named.join(', ')}`, fix: 'make a task of each', at}
        : {
            rule: 'task-form',
            what: 'the task does not say what to do',
            fix: "name a module, such as 'service:', or 'task: ROLE.TASK'",
            at,
          },
    )
    return undefined
  }
  const spot = spotOf(raw, key)
  const call: Call = {name, module, place: spot?.key ?? at, findings}
  const written = writtenParameters(raw[key], spot?.value ?? at, call)
  const more = argsOf(raw, call)
  if (!written || !more) return undefined
  const before = findings.count
  const parameters = resolved([more, written], call)
  markStart(parameters, startOf(raw[key]) ?? call.place)
  return {name, module, parameters, isComplete: findings.count === before, place: call.place}
}

type Call = Pick<ModuleCall, 'name' | 'module' | 'place'> & {readonly findings: Findings}

const writtenParameters = (value: unknown, at: Position, {name, module, findings}: Call): Mapping | undefined => {
  if (isMapping(value)) return value
  if (value === null || value === undefined) return {}
  const fail = (what: string, fix: string): undefined => {
    findings.add({rule: 'invalid-key', what, fix, at})
    return undefined
  }
  const example = `for example ${JSON.stringify(module.example)}`
  if (typeof value !== 'string') return fail(`'${name}' must be a mapping, or text of key=value words`, example)
  const {freeForm} = module
  const read = readKeyValues(value, freeForm !== undefined)
  if (!read) return fail(`the text of '${name}' has quotes or braces that are never closed`, 'close them')
  if (read.rest.trim() !== '' && freeForm === undefined)
    return fail(
      /^\s*\{\{.*\}\}\s*$/s.test(value)
        ? `the parameters of '${name}' cannot be one variable`
        : `'${name}' takes parameters, and '${read.rest.trim()}' is none`,
      `write them below '${name}:', ${example}`,
    )
  const found = [...read.values, ...(read.rest === '' || freeForm === undefined ? [] : [[freeForm, read.rest]])]
  const parameters = Object.fromEntries(found) as Mapping
  for (const parameter of Object.keys(parameters)) markEntry(parameters, parameter, {key: at, value: at})
  return parameters
}

/** `args:` of the task: more parameters, weaker than those of the module. */
const argsOf = (raw: Mapping, {findings, place}: Call): Mapping | undefined => {
  const args = raw['args'] ?? {}
  if (isMapping(args)) return args
  findings.add({
    rule: 'invalid-key',
    what: "'args' must be a mapping",
    fix: 'write every parameter by its name',
    at: spotOf(raw, 'args')?.value ?? place,
  })
  return undefined
}

/** One mapping under the names of the schema. What is unknown or refused is said and left out. */
const resolved = (given: readonly Mapping[], {name, module, place, findings}: Call): Mapping => {
  const {aliases = {}, refused = {}} = module
  const known = Object.keys((module.schema as {properties: object}).properties)
  const parameters: Record<string, unknown> = {}
  for (const mapping of given) {
    const spellings = new Map<string, string>()
    for (const [written, value] of Object.entries(mapping)) {
      const parameter = aliases[written] ?? written
      const spot = spotOf(mapping, written) ?? {key: place, value: place}
      const reason = refused[written] ?? refused[parameter]
      const twin = spellings.get(parameter)
      spellings.set(parameter, written)
      if (reason)
        findings.add({
          rule: 'not-supported',
          what: `the parameter '${written}' of '${name}' is not supported`,
          ...reason,
          at: spot.key,
        })
      else if (!known.includes(parameter))
        findings.add({
          rule: 'unknown-parameter',
          what: `'${name}' has no parameter '${written}'`,
          fix: suggest(written, [...known, ...Object.keys(aliases)]) ?? 'remove it',
          at: spot.key,
        })
      else if (twin !== undefined)
        findings.add({
          rule: 'parameter-twice',
          what: `'${twin}' and '${written}' are the same parameter of '${name}'`,
          fix: 'keep one of them',
          at: spot.key,
        })
      else {
        parameters[parameter] = value
        markEntry(parameters, parameter, spot)
      }
    }
  }
  return parameters
}
