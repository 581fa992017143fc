import {createHash, createHmac, randomBytes, timingSafeEqual} from 'node:crypto'

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export type KnownHost = {
  readonly marker: 'revoked' | 'cert-authority' | undefined
  /** Comma-separated patterns, or one hashed name `|1|salt|digest`. */
  readonly names: string
  readonly type: string
  /** Base64 of the key blob. */
  readonly key: string
  /** `file:line`. */
  readonly at: string
}

/** Reads the text of a known_hosts file; lines that are no entry are left out, as ssh does. */
export const parseKnownHosts = (text: string, file: string): KnownHost[] =>
  text.split('\n').flatMap((line, index): KnownHost[] => {
    const match = /^\s*(?:@(revoked|cert-authority)\s+)?([^\s#@]\S*)\s+([a-z][\w.@-]*)\s+([A-Za-z0-9+/]+=*)/.exec(line)
    if (match === null) return []
    const [, marker, names = '', type = '', key = ''] = match
    return [{marker: marker as KnownHost['marker'], names, type, key, at: `${file}:${index + 1}`}]
  })

/** The name under which ssh files a host: with its port unless that is 22. */
export const knownName = (address: string, port: number): string => {
  const name = address.toLowerCase()
  return port === 22 ? name : `[${name}]:${port}`
}

const globPattern = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'i',
  )

const digestOf = (name: string, salt: Buffer): Buffer => createHmac('sha1', salt).update(name).digest()

/** A name as ssh-keygen -H writes it. */
export const hashedName = (name: string): string => {
  const salt = randomBytes(20)
  return `|1|${salt.toString('base64')}|${digestOf(name, salt).toString('base64')}`
}

const isHashOf = (hashed: string, name: string): boolean => {
  const [, version, salt = '', digest = ''] = hashed.split('|')
  if (version !== '1') return false
  const expected = Buffer.from(digest, 'base64')
  const actual = digestOf(name, Buffer.from(salt, 'base64'))
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

/** Whether an entry is about the host that is filed under `name`. */
export const isNamed = (entry: KnownHost, name: string): boolean => {
  if (entry.names.startsWith('|')) return isHashOf(entry.names, name)
  const patterns = entry.names.split(',')
  const matches = (pattern: string) => globPattern(pattern).test(name)
  return (
    patterns.some(pattern => !pattern.startsWith('!') && matches(pattern)) &&
    !patterns.some(pattern => pattern.startsWith('!') && matches(pattern.slice(1)))
  )
}

export const keyTypeOf = (blob: Buffer): string => blob.toString('latin1', 4, 4 + blob.readUInt32BE(0))

/** `SHA256:…`, as ssh-keygen -l prints it. */
export const fingerprintOf = (blob: Buffer): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`

export type Verdict =
  | {readonly is: 'known'}
  | {readonly is: 'revoked'; readonly at: string}
  /** Other keys of the same type are filed under this name. */
  | {readonly is: 'changed'; readonly entries: readonly KnownHost[]}
  /** Only a certificate authority vouches for this name. */
  | {readonly is: 'authority'; readonly at: string}
  /** Nothing of this type is filed; `entries` are keys of other types. */
  | {readonly is: 'unknown'; readonly entries: readonly KnownHost[]}

/** Judges the key that a server presents. A revocation anywhere wins over everything. */
export const judge = (entries: readonly KnownHost[], address: string, port: number, blob: Buffer): Verdict => {
  const name = knownName(address, port)
  const key = blob.toString('base64')
  const own = entries.filter(entry => isNamed(entry, name))
  const revoked = own.find(entry => entry.marker === 'revoked' && entry.key === key)
  if (revoked !== undefined) return {is: 'revoked', at: revoked.at}
  const filed = own.filter(entry => entry.marker === undefined)
  if (filed.some(entry => entry.key === key)) return {is: 'known'}
  const type = keyTypeOf(blob)
  const sameType = filed.filter(entry => entry.type === type)
  if (sameType.length > 0) return {is: 'changed', entries: sameType}
  const authority = own.find(entry => entry.marker === 'cert-authority')
  if (authority !== undefined && filed.length === 0) return {is: 'authority', at: authority.at}
  return {is: 'unknown', entries: filed}
}

/** Signature algorithms to ask the server for: those of keys already filed first, so that it shows a key we know. */
export const hostKeyAlgorithms = (entries: readonly KnownHost[], address: string, port: number): string[] => {
  const name = knownName(address, port)
  const types = new Set(
    entries.filter(entry => entry.marker === undefined && isNamed(entry, name)).map(({type}) => type),
  )
  const isFiled = (algorithm: string) => types.has(typeOf(algorithm))
  return [...supported.filter(isFiled), ...supported.filter(algorithm => !isFiled(algorithm))]
}

const typeOf = (algorithm: string): string => (algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm)

const supported = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]
