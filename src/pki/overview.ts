import type {Index, Issued, SshIssued} from './index-file.ts'
import {daysMs, daysUntil, lifetimes} from './profiles.ts'
import {authorityState, lastOf, listState, type State, stateOf} from './state.ts'
import type {WireguardKeys} from './wireguard.ts'

/** One line of what an authority has given out. */
export type Row = {
  readonly name: string
  readonly kind: 'authority' | 'crl' | 'server' | 'client' | 'ssh-user' | 'wireguard'
  readonly serial: string
  readonly from: string
  readonly until: string
  readonly daysLeft: number
  readonly state: State
  /** It is in use, and has to be renewed or revoked. Certificates of SSH users are short-lived on purpose. */
  readonly needsAction: boolean
}

const isToDo = (state: State): boolean => state === 'due' || state === 'expired'

/** What is in use or could still be used; with `isAll` also what is over, revoked or replaced. */
export const overview = ({x509, ssh}: Index, now: Date, isAll = false): readonly Row[] => {
  const daysLeft = (until: string): number => daysUntil(new Date(until), now)
  const rows: Row[] = []
  if (x509) {
    const {name, serial, from, until, crl} = x509
    const state = authorityState(x509, now)
    const own = {serial, from, until, daysLeft: daysLeft(until), state, needsAction: isToDo(state)}
    rows.push({name, kind: 'authority', ...own})
    const list = {state: listState(crl, now), from: crl.from, until: crl.until, daysLeft: daysLeft(crl.until)}
    rows.push({name: 'crl.pem', kind: 'crl', serial: String(crl.number), ...list, needsAction: isToDo(list.state)})
  }
  const certificates: readonly (Issued | SshIssued)[] = [...(x509?.certificates ?? []), ...(ssh?.certificates ?? [])]
  for (const each of certificates) {
    const {name, serial, from, until} = each
    const isSsh = !('profile' in each)
    const kind = isSsh ? 'ssh-user' : each.profile
    const all: readonly (Issued | SshIssued)[] = (isSsh ? ssh : x509)?.certificates ?? []
    const state = stateOf(each, all, now)
    const isLast = lastOf(all, name) === each
    if (!isAll && !isLast && state !== 'replaced') continue
    const needsAction = isLast && !isSsh && isToDo(state)
    rows.push({name, kind, serial, from, until, daysLeft: daysLeft(until), state, needsAction})
  }
  return rows
}

/** WireGuard knows no end of a key: the row says when it has had its time. */
export const wireguardRows = (keys: WireguardKeys, now: Date): readonly Row[] =>
  Object.entries(keys).map(([name, {publicKey, created, next}]) => {
    const until = new Date(Date.parse(created) + daysMs(lifetimes.wireguardDays))
    const daysLeft = daysUntil(until, now)
    const state = until <= now ? 'expired' : daysLeft < lifetimes.dueDays ? 'due' : 'valid'
    const dates = {from: new Date(created).toISOString(), until: until.toISOString()}
    const needsAction = isToDo(state) && !next
    return {name, kind: 'wireguard', serial: publicKey, ...dates, daysLeft, state, needsAction}
  })
