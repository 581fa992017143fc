import {spawnSync} from 'node:child_process'
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {InvalidInput} from '../../src/diagnostic.ts'
import type {PlanItem} from '../../src/executor/plan.ts'
import {stepFragment} from '../../src/executor/step-script.ts'
import {planHost} from '../../src/planner/plan.ts'
import {coerceParameters} from '../../src/playbook/coerce-parameters.ts'
import {modules} from '../../src/playbook/modules/index.ts'
import {validate} from '../../src/playbook/validate.ts'
import type {Answer, Resource, Step} from '../../src/resources/resource.ts'
import type {Keyring} from '../../src/vault/keyring.ts'
import type {FileCase} from './file-cases.ts'

const at = {file: 'playbook.yml', line: 1, column: 1}

/** The resources of a call, as a playbook's task makes them. Throws InvalidInput. */
export const resourcesOf = (call: FileCase['call'], keys: Keyring = []): readonly Resource[] => {
  const [[name, written] = ['', {}]] = Object.entries(call)
  const module = modules[name]
  if (!module) throw new Error(`no module ${name}`)
  const parameters = coerceParameters(
    module.schema,
    Object.fromEntries(Object.entries(written).map(([key, value]) => [module.aliases?.[key] ?? key, value])),
  ) as Record<string, unknown>
  const problems = validate(module.schema, parameters, {at})
  if (problems.length > 0) throw new InvalidInput(problems)
  const resources = module.make(parameters, {
    host: 'here',
    notify: [],
    title: name,
    taskId: 't',
    at,
    keys,
    find(path) {
      if (existsSync(path)) return path
      throw new InvalidInput([{rule: 'source-file', what: `${path} is not there`, at}])
    },
    render: path => readFileSync(path, 'utf8'),
  })
  const rules = resources.flatMap(({kind, desired}) => kind.problems(desired))
  if (rules.length > 0) throw new InvalidInput(rules.map(what => ({rule: 'invalid-parameter', what, at})))
  return resources.map((resource, index) => ({...resource, id: `${index} ${resource.id}`}))
}

const inShell = (script: string, input: string | Buffer = ''): Answer => {
  const environment = {PATH: process.env['PATH'], LC_ALL: 'C'}
  const options = {input, encoding: 'utf8', env: environment, maxBuffer: 64 * 1024 ** 2} as const
  const {status, stdout, stderr} = spawnSync('/bin/sh', ['-c', `umask 022\n${script}`], options)
  return {code: status ?? 1, stdout, stderr}
}

/** Asks this machine about all resources at once, and plans. */
export const planHere = (resources: readonly Resource[]): PlanItem[] => {
  const answers = new Map(
    resources.map(({id, kind, desired}) => [id, inShell(kind.probe(desired).command.text)] as const),
  )
  return planHost(
    resources.map((resource, slot) => ({play: 0, become: undefined, slot, blocks: [], line: 'resource', resource})),
    {answers},
  )
}

/** Carries out the steps as the executor does, in a shell of this machine; says why one fails. */
export const applyHere = (steps: readonly Step[]): string | undefined => {
  const state = mkdtempSync(join(tmpdir(), 'gatewright-state-'))
  try {
    for (const [index, step] of steps.entries()) {
      const {script, input} = stepFragment(step, {runId: 'r', stateDirectory: state, stepId: `s${index}`})
      const {code, stdout, stderr} = inShell(script, Buffer.from(input ?? ''))
      if (code !== 0) return `${step.title}: ${stdout}${stderr}`
    }
    return undefined
  } finally {
    rmSync(state, {recursive: true, force: true})
  }
}
