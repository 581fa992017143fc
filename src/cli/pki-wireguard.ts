import {join} from 'node:path'
import {refuse} from '../pki/names.ts'
import {makePresharedKey, makeWireguardKey, promoteWireguardKey} from '../pki/wireguard.ts'
import type {Io} from './io.ts'
import {answering, newKeyOf, type PkiFlags, placeOf, timeOf} from './pki-desk.ts'

type Flags = PkiFlags & {
  readonly psk?: string
  readonly next?: true
  readonly promote?: true
  readonly encryptVaultId?: string
}

/** `gatewright pki wireguard-key NAME` */
export const wireguardKey = (name: string, flags: Flags, io: Io): Promise<number> =>
  answering(async () => {
    const {psk, next, promote} = flags
    if ([psk, next, promote].filter(Boolean).length > 1)
      refuse('usage', '--psk, --next and --promote are three commands', 'give one of them')
    const place = placeOf(flags, io)
    const file = (suffix: string): string => join(place.shown, 'wireguard', `${name}${suffix}`)
    if (promote) {
      const {publicKey} = await promoteWireguardKey(place, name)
      io.stdout.write(`${file('.pub')} is ${publicKey} now, and ${file('.key')} belongs to it
`)
      return
    }
    const desk = {place, now: timeOf(io), vaultKey: newKeyOf(flags, io).vaultKey}
    if (psk !== undefined) {
      io.stdout.write(`${await makePresharedKey(desk, name, psk)} is the secret of both, encrypted\n`)
      return
    }
    const {publicKey} = await makeWireguardKey(desk, name, {next: next === true})
    const which = next ? '.next' : ''
    io.stdout.write(`${file(`${which}.pub`)} is its ${next ? 'next ' : ''}public key: ${publicKey}
${file(`${which}.key`)} is its private key, encrypted
`)
  })
