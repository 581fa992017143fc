import {type Means, noMeans} from './means.ts'
import type {Connect} from './transport.ts'

/** Opens sessions over what each target asks for; jump hosts are shared by all of them. */
export const connecting =
  (means: Means = {...noMeans}): Connect =>
  async target => {
    switch (target.transport) {
      case 'local':
        return (await import('./local.ts')).connectLocal(target)
      case 'openssh':
        return (await import('./openssh.ts')).connectOpenssh(target, means)
      default:
        return (await import('./ssh.ts')).connectSsh(target, means)
    }
  }

/** Opens a session over what the target asks for. */
export const connect: Connect = connecting()
