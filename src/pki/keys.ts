import {createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, webcrypto} from 'node:crypto'
import {registerSecret} from '../shell/secret.ts'

/** Curves that OpenSSL, OpenVPN and every browser take. */
export const curves = {'P-256': 'SHA-256', 'P-384': 'SHA-384'} as const
export type Curve = keyof typeof curves

/** A private key as PEM (PKCS 8), masked in all output. It is written nowhere but encrypted. */
export const newKey = (curve: Curve): string => {
  const {privateKey} = generateKeyPairSync('ec', {namedCurve: curve})
  const pem = privateKey.export({type: 'pkcs8', format: 'pem'}).toString()
  registerSecret(pem)
  return pem
}

/** The public half of a private or public key, as DER (SubjectPublicKeyInfo). */
export const publicDer = (key: string | KeyObject): Buffer => createPublicKey(key).export({type: 'spki', format: 'der'})

/** What signs with a key, and the digest that fits its curve. Throws where it is no key of a known curve. */
export const signerOf = async (pem: string): Promise<{readonly key: webcrypto.CryptoKey; readonly digest: string}> => {
  const key = createPrivateKey(pem)
  const curve = {prime256v1: 'P-256', secp384r1: 'P-384'}[key.asymmetricKeyDetails?.namedCurve ?? ''] as
    | Curve
    | undefined
  if (!curve) throw new Error('it is no ECDSA key of the curve P-256 or P-384')
  const der = key.export({type: 'pkcs8', format: 'der'})
  const imported = await webcrypto.subtle.importKey('pkcs8', der, {name: 'ECDSA', namedCurve: curve}, false, ['sign'])
  return {key: imported, digest: curves[curve]}
}
