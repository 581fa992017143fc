import {leafCertificate, newSerial} from './certificate.ts'
import {authorityKeys} from './copies.ts'
import {type Desk, type Office, withIssuer} from './desk.ts'
import type {Issued, X509Authority} from './index-file.ts'
import {newKey, publicDer} from './keys.ts'
import {checkAlternativeName, checkSubject, isHostName, refuse} from './names.ts'
import {daysMs, lifetimes, type Profile, spanOf} from './profiles.ts'
import {refreshedList} from './revocations.ts'
import {isValid, lastOf, stateOf} from './state.ts'

export type IssueOptions = {
  readonly name: string
  readonly profile: Profile
  readonly alternativeNames: readonly string[]
  readonly days?: number
  /** Also when the name has a valid certificate. */
  readonly again?: boolean
}

/** The last moment of a certificate is at most that of its authority. */
const signed = async (
  {issuer, authority}: Office,
  now: Date,
  subject: Pick<Issued, 'name' | 'profile' | 'alternativeNames' | 'serial'>,
  publicKey: Buffer,
  days: number,
): Promise<Issued> => {
  const span = spanOf(now, daysMs(days), Date.parse(authority.until))
  const {name, profile, alternativeNames, serial} = subject
  const pem = await leafCertificate({...subject, span, publicKey}, issuer)
  const [from, until] = [span.from.toISOString(), span.until.toISOString()]
  return {serial, name, profile, alternativeNames, from, until, days, pem}
}

const refuseTaken = (name: string, {certificates}: X509Authority, {now}: Desk, again: boolean): void => {
  if (Object.values<string>(authorityKeys).includes(name.toLowerCase()))
    refuse('pki-name', `'${name}' is the name of the authority's own key`, 'choose another name')
  const other = certificates.find(each => each.name !== name && each.name.toLowerCase() === name.toLowerCase())
  if (other)
    refuse(
      'pki-name',
      `'${name}' differs from '${other.name}' by case only`,
      'choose another name',
      'file systems may take them for one',
    )
  const last = lastOf(certificates, name)
  if (last && isValid(last, now) && !again)
    refuse(
      'pki-valid',
      `'${name}' has a certificate that is valid until ${last.until}`,
      'use gatewright pki renew, revoke it first, or say --again for a second one',
    )
}

/** A key and a certificate for a new name. */
export const issue = (desk: Desk, options: IssueOptions): Promise<Issued> =>
  withIssuer(desk, async office => {
    const {authority, seal} = office
    const {profile, days = lifetimes.leafDays, again = false} = options
    const name = checkSubject(options.name)
    refuseTaken(name, authority, desk, again)
    const given = [...new Set(options.alternativeNames.map(checkAlternativeName))]
    const alternativeNames = given.length === 0 && profile === 'server' && isHostName(name) ? [name] : given
    if (profile === 'server' && alternativeNames.length === 0)
      refuse(
        'pki-name',
        `'${name}' is no host name`,
        'say with --san under which names or addresses the server is reached',
      )
    const [key, serial] = [newKey(authority.curve), newSerial()]
    const issued = await signed(office, desk.now, {name, profile, alternativeNames, serial}, publicDer(key), days)
    return {
      authority: {...authority, certificates: [...authority.certificates, issued]},
      keys: [{name, serial, text: seal(key)}],
      result: issued,
    }
  })

export type RenewOptions = {
  /** Without names: all that are due and not over, and the list of revoked certificates when it is due. */
  readonly names: readonly string[]
  readonly newKey?: boolean
  readonly days?: number
}

const toRenew = (
  {certificates, until}: X509Authority,
  names: readonly string[],
  {place, now}: Desk,
): readonly Issued[] => {
  // One that ends with its authority would get no longer.
  if (names.length === 0)
    return certificates.filter(each => stateOf(each, certificates, now) === 'due' && each.until < until)
  return [...new Set(names)].map(name => {
    const last = lastOf(certificates, name)
    if (!last)
      return refuse(
        'pki-unknown',
        `${place.shown}/ has issued no certificate '${name}'`,
        'gatewright pki list shows all',
      )
    if (last.revoked)
      return refuse('pki-revoked', `the certificate '${name}' was revoked (${last.revoked.reason})`, 'issue a new one')
    return last
  })
}

/** New certificates for the same subjects; those before them stay valid. The key stays too, unless it shall be another. */
export const renew = (
  desk: Desk,
  {names, newKey: isOther = false, days}: RenewOptions,
): Promise<{readonly issued: readonly Issued[]; readonly list: X509Authority['crl'] | undefined}> =>
  withIssuer(desk, async office => {
    const {authority, issuer, seal} = office
    const made = await Promise.all(
      toRenew(authority, names, desk).map(async last => {
        const key = isOther ? newKey(authority.curve) : undefined
        const serial = newSerial()
        const issued = await signed(office, desk.now, {...last, serial}, publicDer(key ?? last.pem), days ?? last.days)
        return {issued, keys: key === undefined ? [] : [{name: last.name, serial, text: seal(key)}]}
      }),
    )
    const issued = made.map(each => each.issued)
    const list = names.length === 0 ? await refreshedList(authority, issuer, desk.now) : undefined
    return {
      authority: {...authority, ...(list && {crl: list}), certificates: [...authority.certificates, ...issued]},
      keys: made.flatMap(each => each.keys),
      result: {issued, list},
    }
  })
