import type {Keyring} from '../vault/keyring.ts'
import type {Issuer} from './certificate.ts'
import {authorityKeys} from './copies.ts'
import {needX509, type Place, type X509Authority} from './index-file.ts'
import {publicDer} from './keys.ts'
import {refuse} from './names.ts'
import {openKey, sealText} from './private-keys.ts'
import {change, type Disk, type SealedKey} from './store.ts'

/** Where, with which passwords, and at what time; `disk` is for tests. */
export type Desk = {readonly place: Place; readonly keys: Keyring; readonly now: Date; readonly disk?: Disk}

/** The authority, what signs for it, and what encrypts keys with the password of its own. */
export type Office = {
  readonly authority: X509Authority
  readonly issuer: Issuer
  readonly seal: (key: string) => string
}

export type Outcome<Result> = {
  readonly authority: X509Authority
  readonly keys?: readonly SealedKey[]
  readonly result: Result
}

/** Changes an authority that exists, with its key. */
export const withIssuer = <Result>(
  {place, keys, now, disk}: Desk,
  work: (office: Office) => Promise<Outcome<Result>>,
  {mayHaveEnded = false} = {},
): Promise<Result> =>
  change(
    place,
    async index => {
      const authority = needX509(index, place)
      if (new Date(authority.until) <= now && !mayHaveEnded)
        refuse(
          'pki-ended',
          `the authority ended at ${authority.until}`,
          'renew it with gatewright pki renew --authority, and give every host the new ca.crt',
        )
      const {text: key, vaultKey} = openKey(place, authorityKeys.x509, keys)
      if (!publicDer(key).equals(publicDer(authority.pem)))
        refuse(
          'pki-key',
          `${place.shown}/private/${authorityKeys.x509}.key is not the key of ca.crt`,
          'bring back the one that belongs to it',
        )
      const {
        authority: x509,
        keys: made = [],
        result,
      } = await work({authority, issuer: {certificate: authority.pem, key}, seal: text => sealText(text, vaultKey)})
      return {index: {...index, x509}, keys: made, result}
    },
    disk,
  )
