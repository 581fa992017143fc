import {createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes} from 'node:crypto'

/** What stands before the 32 bytes of a Curve25519 private key in PKCS 8 (RFC 8410, 7). */
const pkcs8 = Buffer.from('302e020100300506032b656e04220420', 'hex')

/** 32 bytes as wg(8) writes them: 43 signs of base64, of which the last holds four bits, and `=`. */
export const isWireguardKey = (text: string): boolean => /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(text)

/** The public key of a private one, both as wg(8) writes them; undefined where it is none. */
export const wireguardPublicKey = (privateKey: string): string | undefined => {
  if (!isWireguardKey(privateKey)) return undefined
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8, Buffer.from(privateKey, 'base64')]),
    format: 'der',
    type: 'pkcs8',
  })
  return lastBytes(createPublicKey(key).export({type: 'spki', format: 'der'}))
}

/** A new private key, as `wg genkey` makes it. */
export const newWireguardKey = (): string => {
  const der = generateKeyPairSync('x25519').privateKey.export({type: 'pkcs8', format: 'der'})
  const key = Buffer.from(der.subarray(-32))
  // wg genkey writes the number that X25519 computes with (RFC 7748, 5); the public key is the same without.
  key[0] = (key[0] ?? 0) & 248
  key[31] = ((key[31] ?? 0) & 127) | 64
  return key.toString('base64')
}

/** 32 bytes of chance, as `wg genpsk` makes them. */
export const newPresharedKey = (): string => randomBytes(32).toString('base64')

const lastBytes = (der: Buffer): string => der.subarray(-32).toString('base64')
