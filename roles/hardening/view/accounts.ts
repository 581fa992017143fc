import type {HardeningVars} from '../schema.ts'

export type Operator = {
  readonly name: string
  readonly comment?: string
  readonly keys: readonly string[]
  /** All of them, besides the one of its own name. */
  readonly groups: readonly string[]
  readonly maySudo: boolean
}
export type AccountsView = {
  readonly loginGroup: string
  readonly operators: readonly Operator[]
  readonly removed: readonly string[]
}

export const accountsView = (vars: HardeningVars): AccountsView => {
  const [loginGroup = 'ssh-login'] = vars.ssh_groups
  return {
    loginGroup,
    operators: vars.operators.map(({name, comment, keys = [], groups = [], sudo}) => ({
      name,
      ...(comment !== undefined && {comment}),
      keys,
      groups: [...new Set([loginGroup, ...groups])],
      maySudo: sudo === 'nopasswd',
    })),
    removed: vars.accounts_removed,
  }
}
