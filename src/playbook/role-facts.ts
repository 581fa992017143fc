import type {Fact} from '../facts/fact.ts'
import type {Role} from '../role.ts'
import type {Facts} from './model.ts'

/** Facts under the names that a role gives them. */
export const roleFacts = ({facts: asked}: Pick<Role, 'facts'>, facts: Facts): Facts =>
  Object.fromEntries(
    Object.entries(asked as Record<string, Fact<unknown>>).map(([key, fact]) => [key, facts[fact.name]]),
  )
