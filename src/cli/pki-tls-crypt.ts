import {join} from 'node:path'
import {authorityKeys, tlsCryptKey} from '../pki/copies.ts'
import {makeTlsCryptKeys} from '../pki/tls-crypt.ts'
import type {Io} from './io.ts'
import {answering, deskOf, type PkiFlags} from './pki-desk.ts'

/** `gatewright pki tls-crypt-v2 [CLIENT…]` */
export const make = (names: readonly string[], flags: PkiFlags & {again?: true}, io: Io): Promise<number> =>
  answering(async () => {
    const desk = deskOf(flags, io)
    const {isNew, clients} = await makeTlsCryptKeys(desk, {names, again: flags.again ?? false})
    const file = (name: string): string => join(desk.place.shown, 'private', `${name}.key`)
    if (isNew) io.stdout.write(`${file(authorityKeys.tlsCrypt)} is the key of all servers, encrypted\n`)
    for (const name of clients) io.stdout.write(`${file(tlsCryptKey(name))} is for '${name}', encrypted\n`)
    if (!isNew && clients.length === 0) io.stdout.write('every client has its key\n')
  })
