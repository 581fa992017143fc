import {join} from 'node:path'
import {authorityKeys, tlsCryptKey} from '../pki/copies.ts'
import {type Index, type Issued, needX509, type Place, readIndex, type X509Authority} from '../pki/index-file.ts'
import {initAuthority} from '../pki/init.ts'
import {issue as issueNew, renew as renewDue} from '../pki/issue.ts'
import type {Curve} from '../pki/keys.ts'
import {refuse} from '../pki/names.ts'
import {overview, type Row, wireguardRows} from '../pki/overview.ts'
import {sealedKey} from '../pki/private-keys.ts'
import type {Profile, Reason} from '../pki/profiles.ts'
import {renewAuthority} from '../pki/renew-authority.ts'
import {refreshList, revoke as revokeNamed} from '../pki/revocations.ts'
import {lastOf} from '../pki/state.ts'
import {readWireguardKeys} from '../pki/wireguard.ts'
import {exitCodes} from '../playbook/exit-code.ts'
import {table} from './columns.ts'
import type {Io} from './io.ts'
import {answering, day, deskOf, newKeyOf, type PkiFlags, placeOf, timeOf} from './pki-desk.ts'

const listText = ({number, until}: X509Authority['crl']): string => `number ${number}, until ${day(until)}`

/** `gatewright pki init` */
export const init = (
  flags: PkiFlags & {name: string; curve: Curve; days: number; encryptVaultId?: string},
  io: Io,
): Promise<number> =>
  answering(async () => {
    const place = placeOf(flags, io)
    const {name, curve, days} = flags
    const {keys, vaultKey} = newKeyOf(flags, io)
    const made = await initAuthority({place, keys, now: timeOf(io)}, {name, curve, days, vaultKey})
    io.stdout.write(`${place.shown}/ca.crt is the authority '${made.name}' (${curve}), until ${day(made.until)}
${place.shown}/private/ca.key is its key, encrypted: keep a copy elsewhere
${place.shown}/crl.pem is its revocation list, ${listText(made.crl)}
`)
  })

const issuedText = ({name, profile, serial, until}: Issued, {shown}: Place): string =>
  `${join(shown, 'issued', name)}.crt is for the ${profile} '${name}', until ${day(until)}, serial ${serial}\n`

/** `gatewright pki issue NAME` */
export const issue = (
  name: string,
  flags: PkiFlags & {profile: Profile; san?: readonly string[]; days: number; again?: true},
  io: Io,
): Promise<number> =>
  answering(async () => {
    const desk = deskOf(flags, io)
    const {profile, san = [], days, again = false} = flags
    const made = await issueNew(desk, {name, profile, alternativeNames: san, days, again})
    io.stdout.write(issuedText(made, desk.place))
    io.stdout.write(`${join(desk.place.shown, 'private', name)}.key is its key, encrypted\n`)
  })

type RenewFlags = PkiFlags & {readonly newKey?: true; readonly days?: number; readonly authority?: true}

/** `gatewright pki renew [NAME…]` */
export const renew = (names: readonly string[], flags: RenewFlags, io: Io): Promise<number> =>
  answering(async () => {
    const desk = deskOf(flags, io)
    const {newKey = false, days} = flags
    const {shown} = desk.place
    if (flags.authority) {
      if (names.length > 0 || newKey)
        refuse('usage', '--authority goes with neither names nor --new-key', 'renew them one after the other')
      const {until} = await renewAuthority(desk, days)
      io.stdout.write(`${shown}/ca.crt lasts until ${day(until)} now; give it to every host before the old one ends\n`)
      return
    }
    const {issued, list} = await renewDue(desk, {names, newKey, ...(days !== undefined && {days})})
    for (const each of issued) io.stdout.write(issuedText(each, desk.place))
    if (list) io.stdout.write(`${shown}/crl.pem is new: ${listText(list)}\n`)
    if (issued.length === 0 && !list) io.stdout.write('nothing is due\n')
  })

/** `gatewright pki revoke NAME|SERIAL…` */
export const revoke = (given: readonly string[], flags: PkiFlags & {reason: Reason}, io: Io): Promise<number> =>
  answering(async () => {
    const desk = deskOf(flags, io)
    const revoked = await revokeNamed(desk, given, flags.reason)
    for (const {name, profile, serial} of revoked)
      io.stdout.write(`revoked: the ${profile} '${name}', serial ${serial}\n`)
    io.stdout.write(
      revoked.length === 0
        ? 'revoked already; nothing is changed\n'
        : `${desk.place.shown}/crl.pem is new; it counts where the hosts have it: run their playbook\n`,
    )
  })

/** `gatewright pki crl` */
export const crl = (flags: PkiFlags & {force?: true}, io: Io): Promise<number> =>
  answering(async () => {
    const desk = deskOf(flags, io)
    const {list, isNew} = await refreshList(desk, flags.force)
    io.stdout.write(`${desk.place.shown}/crl.pem is ${isNew ? 'new' : 'good'}: ${listText(list)}\n`)
  })

const head = ['name', 'kind', 'state', 'until', 'days', 'serial']
const cells = ({name, kind, state, until, daysLeft, serial}: Row): readonly string[] => [
  name,
  kind,
  state,
  day(until),
  String(daysLeft),
  serial,
]

/** `gatewright pki list`; 2 when something has to be renewed. */
export const list = (flags: PkiFlags & {all?: true; json?: true}, io: Io): number => {
  const place = placeOf(flags, io)
  const index = readIndex(place)
  const tunnels = wireguardRows(readWireguardKeys(place), timeOf(io))
  if (!index?.ssh && tunnels.length === 0) needX509(index, place)
  const rows = [...overview(index ?? {version: 1}, timeOf(io), flags.all), ...tunnels]
  const due = rows.filter(({needsAction}) => needsAction)
  if (flags.json) io.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
  else {
    io.stdout.write(table(head, rows.map(cells), io.stdout.columns ?? 100))
    for (const row of due) io.stdout.write(`${advice(row)}\n`)
  }
  return due.length > 0 ? exitCodes.changesPending : exitCodes.ok
}

const advice = ({name, kind, state}: Row): string => {
  if (kind === 'authority') return 'the authority ends before a new certificate would: gatewright pki renew --authority'
  if (kind === 'wireguard') return `the key ${name} is old: gatewright pki wireguard-key ${name} --next`
  if (kind === 'crl') return `${name} is ${state}: gatewright pki crl`
  return state === 'due'
    ? `${name} ends soon: gatewright pki renew`
    : `${name} has ended: gatewright pki renew ${name}, or revoke it`
}

/** `gatewright pki export NAME` */
export const exported = (name: string, flags: PkiFlags & {prefix: string}, io: Io): number => {
  const place = placeOf(flags, io)
  const index = readIndex(place)
  const authority = needX509(index, place)
  const last = lastOf(authority.certificates, name)
  if (!last)
    return refuse('pki-unknown', `${place.shown}/ has issued no certificate '${name}'`, 'gatewright pki list shows all')
  if (last.revoked)
    return refuse('pki-revoked', `the certificate '${name}' was revoked (${last.revoked.reason})`, 'issue a new one')
  const block = (key: string, text: string, tag = ''): string =>
    `${flags.prefix}${key}: ${tag}|\n${text.trimEnd().replaceAll(/^/gm, '  ')}\n`
  const parts = [
    `# ${name}, ${last.profile}, until ${day(last.until)}: gatewright pki export ${name}\n`,
    block('ca', authority.pem),
    block('crl', authority.crl.pem),
    block('cert', last.pem),
    block('key', sealedKey(place, name), '!vault '),
    ...tlsCryptOf(last, index).map(key => block('tls_crypt_v2', sealedKey(place, key), '!vault ')),
  ]
  io.stdout.write(parts.join(''))
  return exitCodes.ok
}

/** A server has the key of all servers, a client its own. */
const tlsCryptOf = ({name, profile}: Issued, index: Index | undefined): readonly string[] => {
  if (!index?.tlsCrypt) return []
  if (profile === 'server') return [authorityKeys.tlsCrypt]
  return index.tlsCrypt.clients.some(each => each.name === name) ? [tlsCryptKey(name)] : []
}
