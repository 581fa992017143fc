import type {Diagnostic} from '../diagnostic.ts'

/** A jump host as ProxyJump writes it. */
export type JumpHost = {readonly host: string; readonly user?: string; readonly port?: number}

/** `user@host:port`, `[address]:port`, `ssh://user@host:port`; undefined: it is none of them. */
export const jumpHost = (text: string): JumpHost | undefined => {
  const match = /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[([^\]]+)\]|([^\s@:/]+))(?::(\d+))?\/?$/.exec(text.trim())
  if (match === null) return undefined
  const [, user, bracketed, plain, port] = match
  return {
    host: bracketed ?? plain ?? '',
    ...(user !== undefined && {user}),
    ...(port !== undefined && {port: Number(port)}),
  }
}

export const notAJump = (text: string): Pick<Diagnostic, 'rule' | 'what' | 'fix'> => ({
  rule: 'jump-host',
  what: `'${text}' is no jump host`,
  fix: 'write user@host:port, host, or the name of a host of the inventory',
})
