import type {RoleProblem} from 'gatewright'
import {credentialProblems} from './credential-problems.ts'
import {farProblems} from './far-problems.ts'
import {instanceProblems} from './instance-problems.ts'
import {networkProblems} from './network-problems.ts'
import {pairProblems} from './pair-problems.ts'
import type {Context} from './vars.ts'

/** The rules that can be told before connecting. `now` is for tests. */
export const problems = (context: Context, now = new Date()): readonly RoleProblem[] => [
  ...credentialProblems(context, now),
  ...networkProblems(context),
  ...instanceProblems(context),
  ...farProblems(context),
  ...pairProblems(context),
]
