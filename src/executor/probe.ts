import type {Fact} from '../facts/fact.ts'
import type {Answer} from '../resources/resource.ts'
import type {Command} from '../shell/command.ts'
import type {Fragment, Outcome, Shell} from '../transport/transport.ts'
import type {Answers, Probed} from './plan.ts'

const fragmentOf = (id: string, title: string, command: Command): Fragment => ({id, title, script: command.text})

const answerOf = (outcome: Outcome | undefined): Answer => {
  if (outcome?.status !== 'done') throw new Error('a probe was skipped by the host')
  return {code: outcome.code, stdout: outcome.stdout, stderr: outcome.stderr}
}

/** Probes all resources in one request. */
export const probeAll = async (shell: Shell, probes: readonly Probed[]): Promise<Answers> => {
  if (probes.length === 0) return new Map()
  const fragments = probes.map(({resource: {id, kind, desired}}, index) =>
    fragmentOf(`p${index}`, `the probe of ${id}`, kind.probe(desired).command),
  )
  const outcomes = await shell.request(fragments)
  return new Map(probes.map(({key}, index) => [key, answerOf(outcomes[index])]))
}

/** Gathers all facts in one request, which `first` (the lock) leads. A fact that cannot be parsed throws. */
export const gatherFacts = async (
  shell: Shell,
  facts: readonly Fact<unknown>[],
  first: readonly Fragment[] = [],
): Promise<{values: Record<string, unknown>; first: readonly Answer[]}> => {
  const fragments = [
    ...first,
    ...facts.map((fact, index) => fragmentOf(`f${index}`, `the fact ${fact.name}`, fact.command)),
  ]
  const outcomes = await shell.request(fragments)
  const values = Object.fromEntries(
    facts.map((fact, index) => [fact.name, fact.parse(answerOf(outcomes[first.length + index]))]),
  )
  return {values, first: outcomes.slice(0, first.length).map(answerOf)}
}
