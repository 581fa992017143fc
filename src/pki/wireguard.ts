import {existsSync, mkdirSync, readFileSync, renameSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {InvalidInput} from '../diagnostic.ts'
import {registerSecret} from '../shell/secret.ts'
import {writeAtomically} from '../vault/atomic-write.ts'
import type {VaultKey} from '../vault/keyring.ts'
import {newPresharedKey, newWireguardKey, wireguardPublicKey} from '../wireguard-key.ts'
import type {Place} from './index-file.ts'
import {locked} from './lock.ts'
import {isSubject, refuse} from './names.ts'
import {sealText} from './private-keys.ts'

/** A key pair's public half, and the day on which it was made. */
export type MadeKey = {readonly publicKey: string; readonly created: string}
export type WireguardKeys = Readonly<Record<string, MadeKey & {readonly next?: MadeKey}>>

const folder = 'wireguard'
const listName = 'keys.json'

/** Every WireGuard key of the site; none where there is no list. Throws InvalidInput where it cannot be read. */
export const readWireguardKeys = ({directory, shown}: Place): WireguardKeys => {
  const path = join(directory, folder, listName)
  if (!existsSync(path)) return {}
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as WireguardKeys
  } catch (error) {
    const at = {file: join(shown, folder, listName), line: 1, column: 1}
    const fix = 'restore it, from version control for example'
    const what = 'the list of WireGuard keys is damaged'
    throw new InvalidInput([{rule: 'pki-index', what, why: (error as Error).message, fix, at}])
  }
}

type Desk = {readonly place: Place; readonly now: Date; readonly vaultKey: VaultKey}

/** A key for a device; with `next` the one that it will change to. Throws InvalidInput where there is one already. */
export const makeWireguardKey = ({place, now, vaultKey}: Desk, name: string, {next = false} = {}): Promise<MadeKey> =>
  changed(place, name, keys => {
    const before = keys[name]
    if (!next && before)
      refuse(
        'pki-exists',
        `${shownIn(place, `${name}.pub`)} is there already`,
        'make the one that follows it with --next',
      )
    if (next && !before)
      refuse('pki-missing', `there is no WireGuard key '${name}'`, `make it with gatewright pki wireguard-key ${name}`)
    if (next && before?.next)
      refuse('pki-exists', `the key after that of '${name}' is there already`, 'put it into use with --promote')
    const privateKey = newWireguardKey()
    registerSecret(privateKey)
    const made = {publicKey: wireguardPublicKey(privateKey) ?? '', created: now.toISOString().slice(0, 10)}
    // The key first: what the list names can be used.
    writeAtomically(pathIn(place, `${name}${next ? '.next' : ''}.key`), sealText(`${privateKey}\n`, vaultKey), 0o600)
    return {keys: {...keys, [name]: next && before ? {...before, next: made} : made}, result: made}
  })

/** The next key becomes the present one, whose private half is gone then. */
export const promoteWireguardKey = (place: Place, name: string): Promise<MadeKey> =>
  changed(place, name, keys => {
    const next = keys[name]?.next
    if (!next) return refuse('pki-missing', `there is no key after that of '${name}'`, 'make it with --next')
    const [from, to] = [pathIn(place, `${name}.next.key`), pathIn(place, `${name}.key`)]
    // A run that was killed between this and the list has renamed it already.
    if (existsSync(from)) renameSync(from, to)
    return {keys: {...keys, [name]: next}, result: next}
  })

/** The secret of two devices, in one file whatever their order: `A+B.psk`. */
export const makePresharedKey = ({place, vaultKey}: Desk, one: string, other: string): Promise<string> =>
  changed(place, one, keys => {
    checkName(other)
    const name = `${[one, other].toSorted().join('+')}.psk`
    if (existsSync(pathIn(place, name)))
      refuse('pki-exists', `${shownIn(place, name)} is there already`, 'remove it to have another one')
    const secret = newPresharedKey()
    registerSecret(secret)
    writeAtomically(pathIn(place, name), sealText(`${secret}\n`, vaultKey), 0o600)
    return {keys, result: shownIn(place, name)}
  })

/** It becomes a file, and `+` stands between two. */
const checkName = (name: string): void => {
  if (!isSubject(name)) refuse('pki-name', `'${name}' cannot name a key`, 'use up to 64 of a-z, 0-9, dot, -, _ and @')
}

const pathIn = ({directory}: Place, name: string): string => join(directory, folder, name)
const shownIn = ({shown}: Place, name: string): string => join(shown, folder, name)

const changed = async <Result>(
  place: Place,
  name: string,
  work: (keys: WireguardKeys) => {readonly keys: WireguardKeys; readonly result: Result},
): Promise<Result> => {
  checkName(name)
  if (name.endsWith('.next'))
    refuse('pki-name', `'${name}' cannot name a key`, 'the next key of a name is made with --next')
  mkdirSync(pathIn(place, ''), {recursive: true})
  return locked(place, async () => {
    const {keys, result} = work(readWireguardKeys(place))
    const sorted = Object.fromEntries(Object.entries(keys).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    writeAtomically(pathIn(place, listName), `${JSON.stringify(sorted, null, 2)}\n`, 0o644)
    for (const [each, {publicKey, next}] of Object.entries(sorted)) {
      writeCopy(pathIn(place, `${each}.pub`), publicKey)
      writeCopy(pathIn(place, `${each}.next.pub`), next?.publicKey)
    }
    return result
  })
}

/** What playbooks read of the list. */
const writeCopy = (path: string, text: string | undefined): void => {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  if (text === undefined) rmSync(path, {force: true})
  else if (before !== `${text}\n`) writeAtomically(path, `${text}\n`, 0o644)
}
