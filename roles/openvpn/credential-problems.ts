import {
  isKeyOf,
  isListSignedBy,
  isSignedBy,
  type RoleProblem,
  readCertificate,
  readRevocationList,
  type Secret,
} from 'gatewright'
import type {Side} from './places.ts'
import {type Client, type Context, type Credentials, credentialsOf, type OpenvpnVars, type Server} from './vars.ts'

type Name = keyof Credentials
/** Of an instance: what it has, and the variable that each part of it stands in. */
type Case = {
  readonly side: Side
  readonly name: string
  readonly all: Credentials
  readonly at: (part: Name) => string
}

/** Whether certificates, keys and lists fit together, and for how long. */
export const credentialProblems = ({vars}: Pick<Context, 'vars'>, now: Date): readonly RoleProblem[] => {
  const found = casesOf(vars).flatMap(each => [...missing(each), ...unfit(each), ...ending(each, vars.days_left, now)])
  // Several instances may have the same credentials.
  return [...new Map(found.map(problem => [`${problem.rule} ${problem.variable} ${problem.what}`, problem])).values()]
}

const casesOf = (vars: OpenvpnVars): readonly Case[] => {
  const of = (side: Side, instances: readonly (Server | Client)[]): readonly Case[] =>
    instances.map(instance => ({
      side,
      name: instance.name,
      all: credentialsOf(vars, instance),
      at: part => (instance[part] === undefined && vars[part] !== undefined ? part : `${side}s`),
    }))
  return [...of('server', vars.servers), ...of('client', vars.clients)]
}

const missing = ({side, name, all, at}: Case): RoleProblem[] => {
  const needed: readonly Name[] = [
    'ca',
    'cert',
    'key',
    'tls_crypt_v2',
    ...(side === 'server' ? (['crl'] as const) : []),
  ]
  const lacks = needed.filter(part => all[part] === undefined)
  const what = `the ${side} ${name} has no ${lacks.join(', ')}`
  const fix = `set ${lacks.map(part => `openvpn_${part}`).join(', ')}; gatewright pki export prints them`
  const unreadable = (part: Name, isRead: boolean): RoleProblem[] =>
    isRead
      ? []
      : [
          {
            rule: 'openvpn-credentials',
            variable: at(part),
            what: `${part} of the ${side} ${name} cannot be read`,
            fix: 'give the file of gatewright pki as it is',
          },
        ]
  return [
    ...(lacks.length === 0 ? [] : [{rule: 'openvpn-credentials', variable: `${side}s`, what, fix}]),
    ...unreadable('ca', all.ca === undefined || readCertificate(all.ca) !== undefined),
    ...unreadable('cert', all.cert === undefined || readCertificate(all.cert) !== undefined),
    ...unreadable('crl', all.crl === undefined || readRevocationList(all.crl) !== undefined),
  ]
}

/** RFC 5280 4.2.1.12; remote-cert-tls of the far end asks for it. */
const purposes = {server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2'} as const

const unfit = ({side, name, all, at}: Case): RoleProblem[] => {
  const {ca, crl, cert, key, tls_crypt_v2: tlsCrypt} = all
  const read = cert === undefined ? undefined : readCertificate(cert)
  if (cert === undefined || read === undefined) return []
  const whose = `the certificate ${read.subject} of the ${side} ${name}`
  const found: RoleProblem[] = []
  const say = (rule: string, part: Name, what: string, fix: string): void =>
    void found.push({rule: `openvpn-${rule}`, variable: at(part), what, fix})
  if (key !== undefined && !isKeyOf(key, cert))
    say(
      'key',
      'key',
      `the key is not that of ${whose}`,
      `take ${side === 'server' ? 'it' : 'both'} from one name in pki/`,
    )
  if (ca !== undefined && !isSignedBy(cert, ca))
    say('ca', 'cert', `${whose} was not issued by the authority in openvpn_ca`, 'take both from one authority')
  if (ca !== undefined && crl !== undefined && readRevocationList(crl) && !isListSignedBy(crl, ca))
    say(
      'ca',
      'crl',
      `the list of revoked certificates of the ${side} ${name} is of another authority, so that it would let nobody in`,
      'take both from one authority',
    )
  if (!read.purposes.includes(purposes[side]))
    say(
      'purpose',
      'cert',
      `${whose} is not for a ${side}, and the far end would refuse it`,
      `gatewright pki issue NAME --profile ${side}`,
    )
  if (crl !== undefined && readRevocationList(crl)?.serials.includes(read.serial))
    say('revoked', 'cert', `${whose} is revoked (serial ${read.serial})`, 'issue another one')
  if (tlsCrypt !== undefined && !isTlsCryptKey(tlsCrypt, side))
    say(
      'tls-crypt',
      'tls_crypt_v2',
      `the ${side} ${name} has no ${side} key of tls-crypt-v2`,
      'gatewright pki tls-crypt-v2 makes them',
    )
  return found
}

/** The label of OpenVPN's own files (doc/tls-crypt-v2.txt). */
const isTlsCryptKey = (key: Secret, side: Side): boolean =>
  key.reveal().includes(`-----BEGIN OpenVPN tls-crypt-v2 ${side} key-----`)

const dayMs = 86_400_000

const ending = ({side, name, all, at}: Case, daysLeft: number, now: Date): RoleProblem[] => {
  const parts = [
    ['ca', 'the certificate of the authority', readIf(readCertificate, all.ca), 'gatewright pki renew --authority'],
    ['cert', `the certificate of the ${side} ${name}`, readIf(readCertificate, all.cert), 'gatewright pki renew'],
    ['crl', 'the list of revoked certificates', readIf(readRevocationList, all.crl), 'gatewright pki renew'],
  ] as const
  return parts.flatMap(([part, what, read, fix]) => {
    if (read === undefined) return []
    const [leftMs, lifeMs] = [read.until.getTime() - now.getTime(), read.until.getTime() - read.from.getTime()]
    const day = read.until.toISOString().slice(0, 10)
    if (read.from > now)
      return [
        {
          rule: 'openvpn-expiry',
          variable: at(part),
          what: `${what} is valid from ${read.from.toISOString()} only`,
          fix: "look at this machine's clock",
        },
      ]
    if (leftMs >= Math.min(daysLeft * dayMs, lifeMs / 3)) return []
    const when = leftMs <= 0 ? `has ended on ${day}` : `ends on ${day}, in ${Math.floor(leftMs / dayMs)} days`
    const effect = part === 'cert' ? '' : ', and then nobody is let in'
    return [{rule: 'openvpn-expiry', variable: at(part), what: `${what} ${when}${leftMs <= 0 ? '' : effect}`, fix}]
  })
}

const readIf = <Value>(read: (pem: string) => Value | undefined, pem: string | undefined): Value | undefined =>
  pem === undefined ? undefined : read(pem)
