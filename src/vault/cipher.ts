import {createCipheriv, createDecipheriv, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual} from 'node:crypto'

/** What one encryption leaves: everything but the password. */
export type Sealed = {readonly salt: Buffer; readonly digest: Buffer; readonly body: Buffer}

type Keys = {readonly cipher: Buffer; readonly digest: Buffer; readonly counter: Buffer}

/** Deriving costs some milliseconds by design; several values often share a salt and a password (a rekey, a second run). */
const derived = new Map<string, Keys>()

const keysOf = (password: Buffer, salt: Buffer): Keys => {
  const id = `${salt.toString('hex')}:${password.toString('hex')}`
  const known = derived.get(id)
  if (known) return known
  const bytes = pbkdf2Sync(password, salt, 10_000, 80, 'sha256')
  const keys = {cipher: bytes.subarray(0, 32), digest: bytes.subarray(32, 64), counter: bytes.subarray(64)}
  derived.set(id, keys)
  return keys
}

const digestOf = (body: Buffer, {digest}: Keys): Buffer => createHmac('sha256', digest).update(body).digest()

/** AES-256 in counter mode over PKCS7 padded text, authenticated: what Ansible Vault calls AES256. */
export const seal = (plain: Buffer, password: Buffer, salt: Buffer = randomBytes(32)): Sealed => {
  const keys = keysOf(password, salt)
  const padding = 16 - (plain.length % 16)
  const cipher = createCipheriv('aes-256-ctr', keys.cipher, keys.counter)
  const body = Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(padding, padding)), cipher.final()])
  return {salt, digest: digestOf(body, keys), body}
}

/** The text, or undefined when the password is another one or a byte was changed. */
export const unseal = ({salt, digest, body}: Sealed, password: Buffer): Buffer | undefined => {
  const keys = keysOf(password, salt)
  const right = digestOf(body, keys)
  if (digest.length !== right.length || !timingSafeEqual(digest, right)) return undefined
  const decipher = createDecipheriv('aes-256-ctr', keys.cipher, keys.counter)
  const padded = Buffer.concat([decipher.update(body), decipher.final()])
  return padded.subarray(0, padded.length - (padded.at(-1) ?? 0))
}
