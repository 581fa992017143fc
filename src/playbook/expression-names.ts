/** One use of a variable: `hostvars['gw2'].links` is root `hostvars`, parts `gw2`, `links`. */
export type Reference = {
  readonly root: string
  readonly parts: readonly (string | number)[]
  /** `x is defined` or `x | default(…)`. */
  readonly guarded: boolean
}
