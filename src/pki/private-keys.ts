import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {registerSecret} from '../shell/secret.ts'
import {seal} from '../vault/cipher.ts'
import {isVaulted, writeEnvelope} from '../vault/envelope.ts'
import {type Keyring, openedAt, type VaultKey} from '../vault/keyring.ts'
import {indexName, type Place} from './index-file.ts'
import {refuse} from './names.ts'
import {keyPath} from './store.ts'

/** A private key, and the password that it is encrypted with. */
export type OpenKey = {readonly text: string; readonly vaultKey: VaultKey}

/** A key without an index is what is left of an authority; it must not be replaced by that of another one. */
export const refuseLeftKey = (place: Place, name: string): void => {
  if (!existsSync(keyPath(place, name))) return
  const what = `${join(place.shown, 'private', `${name}.key`)} is there, and ${join(place.shown, indexName)} does not know it`
  refuse('pki-exists', what, 'restore the index, or move the key away')
}

/** The encrypted text of a key. Throws InvalidInput; a key that is not encrypted is refused. */
export const sealedKey = (place: Place, name: string): string => {
  const shown = join(place.shown, 'private', `${name}.key`)
  let text: string
  try {
    text = readFileSync(keyPath(place, name), 'utf8')
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const fix = isMissing ? 'bring it back from where it was kept' : (error as Error).message
    return refuse('pki-key', `${shown} ${isMissing ? 'does not exist' : 'cannot be read'}`, fix)
  }
  if (isVaulted(text)) return text
  const fix = 'take it for known to others; if it is not, encrypt it with gatewright vault encrypt'
  return refuse('pki-plain-key', `${shown} is not encrypted`, fix)
}

export const openKey = (place: Place, name: string, keys: Keyring): OpenKey => {
  const at = {file: join(place.shown, 'private', `${name}.key`), line: 1, column: 1}
  const {plain, key, label} = openedAt(sealedKey(place, name), at, keys)
  const text = plain.toString()
  registerSecret(text)
  return {text, vaultKey: {...key, label: label ?? 'default'}}
}

export const sealText = (text: string, {password, label}: VaultKey): string =>
  writeEnvelope(seal(Buffer.from(text), password()), label)
