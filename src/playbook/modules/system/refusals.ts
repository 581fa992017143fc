type Refusal = {readonly why: string; readonly fix: string}

/** A parameter that has no meaning on the hosts of this engine. */
export const onlyOn = (system: string): Refusal => ({why: `it is for ${system}`, fix: 'remove it'})

export const localAccounts: Refusal = {
  why: 'accounts are made with the tools of shadow, which write local files anyway',
  fix: 'remove it',
}
