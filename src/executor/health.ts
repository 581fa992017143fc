import type {Fact} from '../facts/fact.ts'
import type {Health, HealthCheck} from '../role.ts'
import {messageOf} from '../wording.ts'

/** What one check of a host has found. */
export type CheckResult = Health & {readonly name: string}

/** What a host is asked, and as whom: the account that its roles are applied as, whatever the present play does. */
export type HealthQuestions = {readonly checks: readonly HealthCheck[]; readonly become: string | undefined}
export const noQuestions: HealthQuestions = {checks: [], become: undefined}

/** A check as a question beside the facts. One that cannot make sense of its answer has found no health. */
export const questionOf = (check: HealthCheck): Fact<CheckResult> => ({
  name: `health: ${check.name}`,
  command: check.command,
  parse(answer) {
    try {
      return {name: check.name, ...check.parse(answer)}
    } catch (error) {
      return {name: check.name, is: 'sick', reason: `it cannot be told: ${messageOf(error)}`}
    }
  },
})
