import {spawnSync} from 'node:child_process'
import {Foresight, type Provides, Unforeseen} from '../../src/resources/foresight.ts'
import {
  type Answer,
  type Change,
  type Resource,
  readCurrent,
  type Step,
  Unreadable,
  Unsupported,
} from '../../src/resources/resource.ts'
import type {Command} from '../../src/shell/command.ts'
import {reveal} from '../../src/shell/secret.ts'

/** Runs a command on this machine, as a host would. */
export const run = (command: Command, shell = '/bin/sh'): Answer => {
  const {status, stdout, stderr} = spawnSync(shell, ['-c', command.text], {
    input: command.stdin === undefined ? '' : reveal(command.stdin),
    encoding: 'utf8',
    env: {PATH: process.env['PATH'], LC_ALL: 'C'},
  })
  return {code: status ?? 1, stdout, stderr}
}

/** Probes this machine. */
export const ask = <Current>(resource: Resource<any, Current>, shell?: string): Current => {
  const current = readCurrent(resource, run(resource.kind.probe(resource.desired).command, shell))
  if (current instanceof Unreadable) throw current
  if (current instanceof Unforeseen) throw new Error(current.reason)
  if (current instanceof Unsupported) throw new Error(`unsupported: ${current.reason}`)
  return current
}

export const answer = (stdout: string, code = 0, stderr = ''): Answer => ({code, stdout, stderr})

/** What a resource makes of an answer, after what was provided before it. */
export const judge = (resource: Resource, given: Answer, before: readonly Provides[] = []) => {
  const foresight = new Foresight()
  for (const provides of before) foresight.add(provides)
  const probed = resource.kind.probe(resource.desired).parse(given)
  const current =
    probed instanceof Unsupported ? probed : (resource.kind.predict?.(resource.desired, probed, foresight) ?? probed)
  if (current instanceof Unforeseen) return {unforeseen: current.reason}
  if (current instanceof Unsupported) return {unsupported: current.reason}
  const obstacle = resource.kind.obstacle?.(resource.desired, current)
  if (obstacle !== undefined) return {obstacle}
  const changes = resource.kind.diff(resource.desired, current)
  if (changes === 'unknown') return {changes}
  return {changes, steps: changes.length === 0 ? [] : titles(resource, changes, current)}
}

const titles = (resource: Resource, changes: readonly Change[], current: unknown): string[] =>
  resource.kind.steps(resource.desired, changes, current).map(({title}) => title)

/** The command of a run step. */
export const commandOf = (step: Step | undefined): Command => {
  if (step?.do !== 'run') throw new Error(`no run step: ${step?.title}`)
  return step.command
}

/** What a write step writes and checks. */
export const writeOf = (step: Step | undefined) => {
  if (step?.do !== 'write') throw new Error(`no write step: ${step?.title}`)
  return step
}

/** The changes, where they are known. */
export const known = (changes: readonly Change[] | 'unknown' | undefined): readonly Change[] => {
  if (changes === undefined || changes === 'unknown') throw new Error(`changes: ${changes}`)
  return changes
}
