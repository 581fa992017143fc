import {authorityCertificate, newSerial} from './certificate.ts'
import {type Desk, withIssuer} from './desk.ts'
import type {X509Authority} from './index-file.ts'
import {daysMs, lifetimes, spanOf} from './profiles.ts'
import {nextList} from './revocations.ts'

/** A longer certificate for the same key and name: what was issued stays valid under it. */
export const renewAuthority = (desk: Desk, days: number = lifetimes.authorityDays): Promise<X509Authority> =>
  withIssuer(
    desk,
    async ({authority, issuer: {key}}) => {
      const span = spanOf(desk.now, daysMs(days))
      const pem = await authorityCertificate(authority.name, key, newSerial(), span)
      const next = {...authority, pem, from: span.from.toISOString(), until: span.until.toISOString()}
      const crl = await nextList(authority, {certificate: pem, key}, desk.now)
      return {authority: {...next, crl}, result: next}
    },
    {mayHaveEnded: true},
  )
