import {readFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {durationMs, refuse} from '../pki/names.ts'
import type {Reason} from '../pki/profiles.ts'
import {initSsh, issueSsh, revokeSsh} from '../pki/ssh-authority.ts'
import {expandPath} from '../playbook/paths.ts'
import type {Io} from './io.ts'
import {answering, deskOf, newKeyOf, type PkiFlags, placeOf, timeOf} from './pki-desk.ts'

/** `gatewright pki ssh-init` */
export const init = (flags: PkiFlags & {encryptVaultId?: string}, io: Io): Promise<number> =>
  answering(async () => {
    const place = placeOf(flags, io)
    const {keys, vaultKey} = newKeyOf(flags, io)
    await initSsh({place, keys, now: timeOf(io)}, vaultKey)
    io.stdout.write(`${place.shown}/ssh/ca.pub certifies users of SSH, where TrustedUserCAKeys of sshd names it
${place.shown}/private/ssh-ca.key is its key, encrypted: keep a copy elsewhere
`)
  })

type IssueFlags = PkiFlags & {
  readonly key: string
  readonly principals: string
  readonly valid: string
  readonly sourceAddress?: readonly string[]
  readonly again?: true
}

const textOf = (given: string, {cwd}: Io): string => {
  try {
    return readFileSync(given.startsWith('~') ? expandPath(given) : resolve(cwd, given), 'utf8')
  } catch (error) {
    return refuse('unreadable-file', `${given} cannot be read`, 'check the path', (error as Error).message)
  }
}

const minute = (time: string): string => `${time.slice(0, 16).replace('T', ' ')} UTC`

/** `gatewright pki ssh-issue NAME` */
export const issue = (name: string, flags: IssueFlags, io: Io): Promise<number> =>
  answering(async () => {
    const {key, valid, sourceAddress: sources = [], again = false} = flags
    const principals = flags.principals.split(',').filter(Boolean)
    const publicKey = textOf(key, io)
    const validMs = durationMs(valid)
    const desk = deskOf(flags, io)
    const made = await issueSsh(desk, {name, publicKey, principals, validMs, sources, again})
    const file = join(desk.place.shown, 'ssh', `${name}-cert.pub`)
    const whom = made.principals.join(', ')
    io.stdout.write(`${file} lets '${name}' log in as ${whom} until ${minute(made.until)}, serial ${made.serial}\n`)
    io.stdout.write(`it belongs beside the private key: ${key.replace(/(\.pub)?$/, '-cert.pub')}\n`)
  })

/** `gatewright pki ssh-revoke NAME|SERIAL…` */
export const revoke = (given: readonly string[], flags: PkiFlags & {reason: Reason}, io: Io): Promise<number> =>
  answering(async () => {
    const place = placeOf(flags, io)
    const revoked = await revokeSsh({place, keys: [], now: timeOf(io)}, given, flags.reason)
    for (const {name, serial} of revoked) io.stdout.write(`revoked: the SSH user '${name}', serial ${serial}\n`)
    io.stdout.write(
      revoked.length === 0
        ? 'revoked already; nothing is changed\n'
        : `${place.shown}/ssh/revoked.krl and revoked_keys are new; they count where the hosts have them\n`,
    )
  })
