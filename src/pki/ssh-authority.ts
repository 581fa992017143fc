import {randomBytes} from 'node:crypto'
import type {VaultKey} from '../vault/keyring.ts'
import {newSerial} from './certificate.ts'
import {authorityKeys} from './copies.ts'
import type {Desk} from './desk.ts'
import {needSsh, type Place, type SshAuthority, type SshIssued} from './index-file.ts'
import {checkSubject, refuse} from './names.ts'
import {openKey, refuseLeftKey, sealText} from './private-keys.ts'
import {type Reason, spanOf} from './profiles.ts'
import {newSshKeyPair} from './ssh-key-pair.ts'
import {keyRevocationList, signUserKey} from './ssh-keygen.ts'
import {isOver, isValid, lastOf} from './state.ts'
import {change} from './store.ts'

/** Makes an authority for SSH users: an Ed25519 key and an empty revocation list. */
export const initSsh = ({place, disk}: Desk, vaultKey: VaultKey): Promise<SshAuthority> =>
  change(
    place,
    async index => {
      if (index.ssh)
        refuse('pki-exists', `${place.shown}/ has an authority for SSH already`, 'name another one with --directory')
      refuseLeftKey(place, authorityKeys.ssh)
      const {private: key, public: publicKey} = newSshKeyPair('gatewright-ssh-ca')
      const serial = newSerial()
      const krl = (await keyRevocationList([], 1, publicKey)).toString('base64')
      const ssh = {serial, publicKey, krl, krlNumber: 1, certificates: []}
      return {
        index: {...index, ssh},
        keys: [{name: authorityKeys.ssh, serial, text: sealText(key, vaultKey)}],
        result: ssh,
      }
    },
    disk,
  )

export type SshOptions = {
  readonly name: string
  readonly publicKey: string
  readonly principals: readonly string[]
  readonly validMs: number
  readonly sources: readonly string[]
  readonly again?: boolean
}

/** As useradd takes them. */
const loginName = /^[a-z_][a-z0-9_-]{0,31}\$?$/

const keyTypes =
  /^(ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com)$/

/** Type and text of a public key, without its comment. Throws InvalidInput. */
const checkPublicKey = (line: string): string => {
  const [type = '', text = '', ...rest] = line.trim().split(/[ \t]+/)
  const fix = 'give the file that ssh-keygen has written, such as ~/.ssh/id_ed25519.pub'
  if (/PRIVATE KEY/.test(line)) refuse('pki-ssh-key', 'this is a private key', fix)
  if (!keyTypes.test(type) || !/^[A-Za-z0-9+/]+=*$/.test(text) || rest.join('').includes('\n'))
    refuse('pki-ssh-key', 'this is no public key of SSH', fix)
  return `${type} ${text}`
}

const refuseUnfit = (options: SshOptions, publicKey: string, {certificates}: SshAuthority, now: Date): void => {
  const {name, principals, again = false} = options
  if (principals.length === 0)
    refuse('pki-principals', 'no login name is given', 'say with --principals as whom the certificate may log in')
  for (const principal of principals)
    if (!loginName.test(principal))
      refuse('pki-principals', `'${principal}' is no login name`, 'separate names with commas, without blanks')
  const revoked = certificates.find(each => each.revoked && each.publicKey === publicKey)
  if (revoked) refuse('pki-revoked', `this key was revoked with a certificate of '${revoked.name}'`, 'make another key')
  const last = lastOf(certificates, name)
  if (last && isValid(last, now) && !again)
    refuse('pki-valid', `'${name}' has a certificate that is valid until ${last.until}`, 'say --again for a second one')
}

/** 63 bits of chance: OpenSSH has 64, and 0 means none. */
const newSshSerial = (): string => ((randomBytes(8).readBigUInt64BE() >> 1n) | 1n).toString()

const withSsh = <Result>(
  {place, disk}: Desk,
  work: (ssh: SshAuthority) => Promise<{ssh: SshAuthority; result: Result}>,
): Promise<Result> =>
  change(
    place,
    async index => {
      const {ssh, result} = await work(needSsh(index, place))
      return {index: {...index, ssh}, result}
    },
    disk,
  )

/** A user certificate for a public key. */
export const issueSsh = (desk: Desk, options: SshOptions): Promise<SshIssued> =>
  withSsh(desk, async ssh => {
    const name = checkSubject(options.name)
    const publicKey = checkPublicKey(options.publicKey)
    const {principals, validMs, sources} = options
    refuseUnfit(options, publicKey, ssh, desk.now)
    const {from, until} = spanOf(desk.now, validMs)
    const times = {from: from.toISOString(), until: until.toISOString()}
    const request = {serial: newSshSerial(), name, principals, publicKey, ...times}
    const {text} = openKey(desk.place, authorityKeys.ssh, desk.keys)
    const certificate = await signUserKey({...request, sources}, ssh.publicKey, text)
    const issued = {...request, certificate}
    return {ssh: {...ssh, certificates: [...ssh.certificates, issued]}, result: issued}
  })

const named = (given: string, {certificates}: SshAuthority, now: Date, {shown}: Place): readonly SshIssued[] => {
  const found = certificates.filter(({serial, name}) => serial === given || name === given)
  if (found.length === 0)
    refuse(
      'pki-unknown',
      `${shown}/ has certified no SSH user '${given}'`,
      'gatewright pki list --all shows names and serials',
    )
  const usable = found.filter(each => !isOver(each, now))
  return usable.length > 0 ? usable : found.slice(-1)
}

/** Revokes certificates by name or serial. It needs no password. */
export const revokeSsh = (desk: Desk, given: readonly string[], reason: Reason): Promise<readonly SshIssued[]> =>
  withSsh(desk, async ssh => {
    const chosen = new Set(
      given.flatMap(each => named(each, ssh, desk.now, desk.place)).filter(({revoked}) => !revoked),
    )
    if (chosen.size === 0) return {ssh, result: []}
    const at = spanOf(desk.now, 0).until.toISOString()
    const certificates = ssh.certificates.map(each => (chosen.has(each) ? {...each, revoked: {at, reason}} : each))
    const serials = certificates.flatMap(({serial, revoked}) => (revoked ? [serial] : []))
    const krlNumber = ssh.krlNumber + 1
    const krl = (await keyRevocationList(serials, krlNumber, ssh.publicKey)).toString('base64')
    return {ssh: {...ssh, certificates, krl, krlNumber}, result: [...chosen]}
  })
