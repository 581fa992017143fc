import {type Target, TransportError} from './transport.ts'

type Hop<Connection> = {readonly opening: Promise<Connection>; users: number}

/** A connection to a jump host for as long as the caller needs it. */
export type Lease<Connection> = {readonly connection: Connection; release(): void}

/**
 * Connections to jump hosts: all hosts behind the same one share its login, and the last one that leaves closes it.
 * `onEnd` tells when it is over by itself, so that the next host gets a new one.
 */
export const sharedHops = <Connection>(
  open: (hop: Target) => Promise<Connection>,
  close: (connection: Connection) => void,
  onEnd: (connection: Connection, ended: () => void) => void,
) => {
  const hops = new Map<string, Hop<Connection>>()

  /** The last of the jumps of `target`, reached through those before it. */
  return async (target: Target): Promise<Lease<Connection> | undefined> => {
    const jumps = target.jumps ?? []
    const last = jumps.at(-1)
    if (last === undefined) return undefined
    const via: Target = {...last, jumps: jumps.slice(0, -1)}
    const key = JSON.stringify(via)
    const forget = (hop: Hop<Connection>) => hops.get(key) === hop && hops.delete(key)
    let hop = hops.get(key)
    if (hop === undefined) {
      const fresh: Hop<Connection> = {opening: open(via), users: 0}
      hop = fresh
      hops.set(key, fresh)
      fresh.opening.then(
        connection => onEnd(connection, () => forget(fresh)),
        () => forget(fresh),
      )
    }
    hop.users += 1
    const shared = hop
    let isHeld = true
    const release = () => {
      if (!isHeld) return
      isHeld = false
      shared.users -= 1
      if (shared.users > 0) return
      forget(shared)
      shared.opening.then(close, () => {})
    }
    try {
      return {connection: await shared.opening, release}
    } catch (error) {
      release()
      throw ofHop(target, via, error)
    }
  }
}

/** The error of a jump host as one of the host behind it. */
const ofHop = ({host}: Target, hop: Target, error: unknown): unknown => {
  if (!(error instanceof TransportError)) return error
  // It was the jump host of the jump host, and says so.
  const isTold = error.cause instanceof TransportError
  const message = isTold ? error.message : `at the jump host ${hop.host}: ${error.message}`
  return new TransportError(error.fault, host, message, {cause: isTold ? error.cause : error})
}
