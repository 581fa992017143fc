import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {InvalidInput} from '../diagnostic.ts'
import type {Curve} from './keys.ts'
import {refuse} from './names.ts'
import type {Profile, Reason} from './profiles.ts'

/** The directory of an authority, and how it is named in messages. */
export type Place = {readonly directory: string; readonly shown: string}

export type Revocation = {readonly at: string; readonly reason: Reason}

/** Times are ISO 8601 in UTC, certificates PEM, serials lower-case hexadecimal. */
export type Issued = {
  readonly serial: string
  readonly name: string
  readonly profile: Profile
  readonly alternativeNames: readonly string[]
  readonly from: string
  readonly until: string
  /** How long it was asked to last; its authority may end before. */
  readonly days: number
  readonly pem: string
  readonly revoked?: Revocation
}

/** Serials are decimal, as ssh-keygen has them. */
export type SshIssued = {
  readonly serial: string
  readonly name: string
  readonly principals: readonly string[]
  readonly publicKey: string
  readonly from: string
  readonly until: string
  readonly certificate: string
  readonly revoked?: Revocation
}

export type SshAuthority = {
  /** Marks the key that belongs to this index. */
  readonly serial: string
  readonly publicKey: string
  /** Key revocation list of OpenSSH, base64. */
  readonly krl: string
  readonly krlNumber: number
  readonly certificates: readonly SshIssued[]
}

export type X509Authority = {
  readonly name: string
  readonly curve: Curve
  readonly serial: string
  readonly from: string
  readonly until: string
  readonly pem: string
  readonly crl: {readonly number: number; readonly from: string; readonly until: string; readonly pem: string}
  /** In the order in which they were issued; the last one of a name is the one in use. */
  readonly certificates: readonly Issued[]
}

/** Keys of OpenVPN's tls-crypt-v2. Serials mark the keys that belong to this index. */
export type TlsCrypt = {
  readonly serial: string
  readonly clients: readonly {readonly name: string; readonly serial: string}[]
}

/** All that an authority knows but its keys. It is one file, so that it changes in one step; others are copies of its parts. */
export type Index = {
  readonly version: 1
  readonly x509?: X509Authority
  readonly ssh?: SshAuthority
  readonly tlsCrypt?: TlsCrypt
}

export const indexName = 'index.json'

/** The index, or undefined where there is none. Throws InvalidInput where it cannot be read. */
export const readIndex = ({directory, shown}: Place): Index | undefined => {
  let text: string
  try {
    text = readFileSync(join(directory, indexName), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    return refuse('unreadable-file', `${join(shown, indexName)} cannot be read`, (error as Error).message)
  }
  const damaged = (why: string): never => {
    const fix = 'restore it, from version control for example: nothing is issued on top of a damaged one'
    const at = {file: join(shown, indexName), line: 1, column: 1}
    throw new InvalidInput([{rule: 'pki-index', what: 'the index of the authority is damaged', why, fix, at}])
  }
  let found: {version?: unknown} | null
  try {
    found = JSON.parse(text) as typeof found
  } catch (error) {
    return damaged((error as Error).message)
  }
  if (found?.version !== 1) return damaged(`its version is ${JSON.stringify(found?.version)}, and 1 is read`)
  return found as Index
}

export const needX509 = (index: Index | undefined, {shown}: Place): X509Authority =>
  index?.x509 ??
  refuse('pki-missing', `there is no certificate authority in ${shown}/`, 'make one with gatewright pki init')

export const needSsh = (index: Index, {shown}: Place): SshAuthority =>
  index.ssh ??
  refuse('pki-missing', `there is no authority for SSH in ${shown}/`, 'make one with gatewright pki ssh-init')
