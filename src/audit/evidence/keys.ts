import {createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign} from 'node:crypto'

/** A key of ed25519 (RFC 8032) in PEM: PKCS #8 and SPKI. */
export const newSigningKey = (): {readonly privateKey: string; readonly publicKey: string} =>
  generateKeyPairSync('ed25519', {
    privateKeyEncoding: {type: 'pkcs8', format: 'pem'},
    publicKeyEncoding: {type: 'spki', format: 'pem'},
  })

/** `SHA256:` and the digest of the public key (SPKI, DER) in base64: what evidence and people call it. */
export const keyName = (key: KeyObject): string =>
  `SHA256:${createHash('sha256')
    .update(key.export({type: 'spki', format: 'der'}))
    .digest('base64')
    .replace(/=+$/, '')}`

export type Signer = {readonly key: string; readonly sign: (data: Buffer) => Buffer}

/** What signs with a private key in PEM. Throws when it is no key of ed25519. */
export const signerOf = (privateKey: string): Signer => {
  const key = createPublicKey(privateKey)
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError(`a key of ${key.asymmetricKeyType} signs no evidence`)
  return {key: keyName(key), sign: data => sign(null, data, privateKey)}
}
