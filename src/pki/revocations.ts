import type {Issuer} from './certificate.ts'
import {type Desk, withIssuer} from './desk.ts'
import type {Issued, X509Authority} from './index-file.ts'
import {refuse} from './names.ts'
import {daysMs, lifetimes, type Reason, spanOf} from './profiles.ts'
import {revocationList} from './revocation-list.ts'
import {isOver, lastOf, listState} from './state.ts'

type List = X509Authority['crl']

/**
 * The next list. A certificate stays on it until it has stood on one that was made after its end (RFC 5280 3.3).
 */
export const nextList = async (
  {crl: last, certificates}: {readonly crl?: List; readonly certificates: readonly Issued[]},
  issuer: Issuer,
  now: Date,
): Promise<List> => {
  const span = spanOf(now, daysMs(lifetimes.crlDays))
  const number = (last?.number ?? 0) + 1
  const entries = certificates.flatMap(({serial, until, revoked}) =>
    revoked && (!last || until >= last.from) ? [{serial, at: new Date(revoked.at), reason: revoked.reason}] : [],
  )
  const pem = await revocationList(entries, number, span, issuer)
  return {number, from: span.from.toISOString(), until: span.until.toISOString(), pem}
}

/** A new list when half of the last one's time is over. */
export const refreshedList = async (authority: X509Authority, issuer: Issuer, now: Date): Promise<List | undefined> =>
  listState(authority.crl, now) === 'valid' ? undefined : nextList(authority, issuer, now)

/** The same on disk, or a new list in any case. The list, and whether it is new. */
export const refreshList = (desk: Desk, isForced = false): Promise<{readonly list: List; readonly isNew: boolean}> =>
  withIssuer(desk, async ({authority, issuer}) => {
    const list = isForced
      ? await nextList(authority, issuer, desk.now)
      : await refreshedList(authority, issuer, desk.now)
    return {
      authority: {...authority, ...(list && {crl: list})},
      result: {list: list ?? authority.crl, isNew: list !== undefined},
    }
  })

/** `AB:CD:…` as OpenSSL and `ab cd` as others print it. */
const serialOf = (text: string): string => text.replaceAll(/[:\s]/g, '').toLowerCase()

/** What a name or serial stands for: of a name all that can still be used, else the last one. */
const namedBy = (given: string, {certificates}: X509Authority, {now, place}: Desk): readonly Issued[] => {
  const one = certificates.find(({serial}) => serial === serialOf(given))
  const last = lastOf(certificates, given)
  if (one) return [one]
  if (!last)
    return refuse(
      'pki-unknown',
      `${place.shown}/ has issued no certificate '${given}'`,
      'gatewright pki list --all shows names and serials',
    )
  const usable = certificates.filter(each => each.name === given && !each.revoked && !isOver(each, now))
  return usable.length > 0 ? usable : [last]
}

/** Revokes certificates by name or serial and makes a new list. What is revoked already stays as it is. */
export const revoke = (desk: Desk, given: readonly string[], reason: Reason): Promise<readonly Issued[]> =>
  withIssuer(desk, async ({authority, issuer}) => {
    const named = new Set(given.flatMap(each => namedBy(each, authority, desk)).filter(({revoked}) => !revoked))
    if (named.size === 0) return {authority, result: []}
    const at = spanOf(desk.now, 0).until.toISOString()
    const certificates = authority.certificates.map(each => (named.has(each) ? {...each, revoked: {at, reason}} : each))
    const next = {...authority, certificates}
    return {authority: {...next, crl: await nextList(next, issuer, desk.now)}, result: [...named]}
  })
