import type {Issued, SshIssued, X509Authority} from './index-file.ts'
import {daysMs, daysUntil, lifetimes} from './profiles.ts'

type Dated = Pick<Issued | SshIssued, 'name' | 'from' | 'until' | 'revoked'>

/** `due`: it has to be renewed soon. `replaced`: it is valid, and a newer one of its name is in use. */
export type State = 'valid' | 'due' | 'expired' | 'revoked' | 'replaced'

/** The certificate of a name that is in use. */
export const lastOf = <Each extends Dated>(certificates: readonly Each[], name: string): Each | undefined =>
  certificates.findLast(each => each.name === name)

export const isOver = ({until}: Pick<Dated, 'until'>, now: Date): boolean => new Date(until) <= now

/** Neither revoked nor over. */
export const isValid = (certificate: Dated, now: Date): boolean => !certificate.revoked && !isOver(certificate, now)

/** Few days are left, or a third of a life that is short. */
const isDue = ({from, until}: Dated, now: Date): boolean =>
  Date.parse(until) - now.getTime() < Math.min(daysMs(lifetimes.dueDays), (Date.parse(until) - Date.parse(from)) / 3)

export const stateOf = (certificate: Dated, all: readonly Dated[], now: Date): State => {
  if (certificate.revoked) return 'revoked'
  if (isOver(certificate, now)) return 'expired'
  if (lastOf(all, certificate.name) !== certificate) return 'replaced'
  return isDue(certificate, now) ? 'due' : 'valid'
}

/** Certificates cannot outlive their authority, so it is due while a full one still fits. */
export const authorityState = ({until}: X509Authority, now: Date): State =>
  isOver({until}, now)
    ? 'expired'
    : daysUntil(new Date(until), now) < lifetimes.leafDays + lifetimes.dueDays
      ? 'due'
      : 'valid'

/** Half of its time. A host that gets no new list has the other half left. */
export const listState = ({from, until}: X509Authority['crl'], now: Date): State => {
  const half = (Date.parse(from) + Date.parse(until)) / 2
  return isOver({until}, now) ? 'expired' : now.getTime() >= half ? 'due' : 'valid'
}
