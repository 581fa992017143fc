import type {VaultKey} from '../vault/keyring.ts'
import {authorityCertificate, newSerial} from './certificate.ts'
import {authorityKeys} from './copies.ts'
import type {Desk} from './desk.ts'
import type {X509Authority} from './index-file.ts'
import {type Curve, newKey} from './keys.ts'
import {checkAuthorityName, refuse} from './names.ts'
import {refuseLeftKey, sealText} from './private-keys.ts'
import {daysMs, lifetimes, spanOf} from './profiles.ts'
import {nextList} from './revocations.ts'
import {change} from './store.ts'

export type InitOptions = {
  readonly name: string
  readonly curve: Curve
  readonly days?: number
  /** What its keys are encrypted with. */
  readonly vaultKey: VaultKey
}

/** Makes an authority: a key, its certificate and an empty list of revoked certificates. */
export const initAuthority = (
  {place, now, disk}: Desk,
  {name, curve, days = lifetimes.authorityDays, vaultKey}: InitOptions,
): Promise<X509Authority> =>
  change(
    place,
    async index => {
      if (index.x509)
        refuse(
          'pki-exists',
          `${place.shown}/ holds the authority '${index.x509.name}' already`,
          'name another one with --directory',
        )
      refuseLeftKey(place, authorityKeys.x509)
      checkAuthorityName(name)
      const [key, serial, span] = [newKey(curve), newSerial(), spanOf(now, daysMs(days))]
      const pem = await authorityCertificate(name, key, serial, span)
      const crl = await nextList({certificates: []}, {certificate: pem, key}, now)
      const [from, until] = [span.from.toISOString(), span.until.toISOString()]
      const x509 = {name, curve, serial, from, until, pem, crl, certificates: []}
      const keys = [{name: authorityKeys.x509, serial, text: sealText(key, vaultKey)}]
      return {index: {...index, x509}, keys, result: x509}
    },
    disk,
  )
