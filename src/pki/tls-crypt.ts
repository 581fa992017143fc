import {createCipheriv, createHmac, randomBytes} from 'node:crypto'
import {registerSecret} from '../shell/secret.ts'
import {newSerial} from './certificate.ts'
import {authorityKeys, tlsCryptKey} from './copies.ts'
import type {Desk} from './desk.ts'
import {needX509, type TlsCrypt, type X509Authority} from './index-file.ts'
import {refuse} from './names.ts'
import {pemOf} from './pem.ts'
import {openKey, refuseLeftKey, sealText} from './private-keys.ts'
import {isValid, lastOf} from './state.ts'
import {change, type SealedKey} from './store.ts'

// Sizes and order of OpenVPN's doc/tls-crypt-v2.txt and src/openvpn/crypto.h: a key is 64 bytes for the cipher and 64 for the
// HMAC, of which AES-256-CTR and HMAC-SHA-256 take the first 32 each.
const [keyBytes, halfBytes, usedBytes, tagBytes] = [128, 64, 32, 32]
const labels = {server: 'OpenVPN tls-crypt-v2 server key', client: 'OpenVPN tls-crypt-v2 client key'} as const
/** A 64-bit time follows. */
const timestamp = 1

const masked = (pem: string): string => {
  registerSecret(pem)
  return pem
}

/** What servers open their clients' keys with. */
export const newServerKey = (): string => masked(pemOf(labels.server, randomBytes(keyBytes)))

/** The client's own key, twice that long for both directions, and the same wrapped for the server, which keeps no list. */
export const newClientKey = (serverPem: string, now: Date): string => {
  const server = Buffer.from(serverPem.replaceAll(/-----.*-----|\s/g, ''), 'base64')
  if (server.length !== keyBytes) throw new Error('it is no server key of tls-crypt-v2')
  const own = randomBytes(2 * keyBytes)
  const metadata = Buffer.alloc(9, timestamp)
  metadata.writeBigUInt64BE(BigInt(Math.floor(now.getTime() / 1000)), 1)
  const plain = Buffer.concat([own, metadata])
  const length = Buffer.alloc(2)
  length.writeUInt16BE(tagBytes + plain.length + length.length)
  const tag = createHmac('sha256', server.subarray(halfBytes, halfBytes + usedBytes))
    .update(length)
    .update(plain)
    .digest()
  // The cipher is AES-CTR with the first half of the tag for its counter, so that a tag never meets another text.
  const cipher = createCipheriv('aes-256-ctr', server.subarray(0, usedBytes), tag.subarray(0, 16))
  return masked(pemOf(labels.client, Buffer.concat([own, tag, cipher.update(plain), cipher.final(), length])))
}

/** The names that get a key: those given, or all clients with a valid certificate that have none. */
const toMake = (
  {certificates}: X509Authority,
  {clients}: TlsCrypt,
  {place, now}: Desk,
  names: readonly string[],
  again: boolean,
): readonly string[] => {
  const has = (name: string): boolean => clients.some(each => each.name === name)
  if (names.length === 0) {
    const valid = certificates.filter(each => each.profile === 'client' && isValid(each, now))
    return [...new Set(valid.map(({name}) => name))].filter(name => !has(name))
  }
  return [...new Set(names)].map(name => {
    const last = lastOf(certificates, name)
    if (last?.profile !== 'client')
      return refuse(
        'pki-unknown',
        `${place.shown}/ has issued no certificate of a client '${name}'`,
        `gatewright pki issue ${name} --profile client`,
      )
    if (has(name) && !again)
      return refuse('pki-exists', `'${name}' has a key of tls-crypt-v2`, 'say --again to replace it')
    return name
  })
}

/** Keys of tls-crypt-v2: the servers' where there is none, and one for each client. */
export const makeTlsCryptKeys = (
  desk: Desk,
  {names, again = false}: {readonly names: readonly string[]; readonly again?: boolean},
): Promise<{readonly isNew: boolean; readonly clients: readonly string[]}> =>
  change(
    desk.place,
    async index => {
      const authority = needX509(index, desk.place)
      const before: TlsCrypt = index.tlsCrypt ?? {serial: newSerial(), clients: []}
      const isNew = index.tlsCrypt === undefined
      if (isNew) refuseLeftKey(desk.place, authorityKeys.tlsCrypt)
      const {text, vaultKey} = isNew
        ? {text: newServerKey(), vaultKey: openKey(desk.place, authorityKeys.x509, desk.keys).vaultKey}
        : openKey(desk.place, authorityKeys.tlsCrypt, desk.keys)
      const made = toMake(authority, before, desk, names, again).map(name => ({name, serial: newSerial()}))
      const keys: SealedKey[] = [
        ...(isNew ? [{name: authorityKeys.tlsCrypt, serial: before.serial, text: sealText(text, vaultKey)}] : []),
        ...made.map(({name, serial}) => ({
          name: tlsCryptKey(name),
          serial,
          text: sealText(newClientKey(text, desk.now), vaultKey),
        })),
      ]
      const kept = before.clients.filter(({name}) => !made.some(each => each.name === name))
      return {
        index: {...index, tlsCrypt: {serial: before.serial, clients: [...kept, ...made]}},
        keys,
        result: {isNew, clients: made.map(({name}) => name)},
      }
    },
    desk.disk,
  )
