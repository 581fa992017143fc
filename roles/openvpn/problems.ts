import type {RoleProblem} from 'gatewright'
import type {Context} from './vars.ts'

export const problems = (_context: Context): readonly RoleProblem[] => []
