import {createHash, getHashes} from 'node:crypto'
import {bind} from '../arguments.ts'
import {fail, refuseIt} from '../problem.ts'
import {asText, needText} from './needs.ts'
import {shaCrypt} from './sha-crypt.ts'
import type {Filters} from './shape.ts'

const digest = (kind: string, text: string): string => createHash(kind).update(text).digest('hex')

const encodings: Readonly<Record<string, BufferEncoding>> = {
  'utf-8': 'utf8',
  utf8: 'utf8',
  ascii: 'utf8',
  'utf-16-le': 'utf16le',
  'utf-16le': 'utf16le',
  'latin-1': 'latin1',
  'iso-8859-1': 'latin1',
}
const encodingOf = (name: unknown): BufferEncoding =>
  encodings[asText(name ?? 'utf-8').toLowerCase()] ??
  fail(`the encoding '${asText(name)}' is not supported`, "write 'utf-8'")

/** Version 5 of a UUID: a name in a name space. */
const uuid5 = (space: string, name: string): string => {
  const bytes = createHash('sha1')
    .update(Buffer.from(space.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Filters that encode and digest. */
export const hashFilters: Filters = {
  b64encode: (value, given) =>
    Buffer.from(asText(value), encodingOf(bind('b64encode', ['encoding='], given)[0])).toString('base64'),
  b64decode: (value, given) => {
    const text = needText(value).replaceAll(/[^A-Za-z0-9+/=]/g, '')
    if (text.replace(/=+$/, '').length % 4 === 1 || text.length % 4 !== 0)
      return fail('the text is no base64: Incorrect padding')
    const bytes = Buffer.from(text, 'base64')
    const encoding = encodingOf(bind('b64decode', ['encoding='], given)[0])
    if (encoding !== 'utf8') return bytes.toString(encoding)
    try {
      return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes)
    } catch {
      return fail('the base64 text holds no text', 'only text can be a value')
    }
  },
  hash: (value, given) => {
    const [kind = 'sha1'] = bind('hash', ['hashtype='], given)
    const name = needText(kind).toLowerCase().replace('_', '-')
    const known = getHashes().includes(name)
    return known
      ? digest(name, asText(value))
      : fail(`unsupported hash type ${needText(kind)}`, 'write sha1, sha256, sha512 or md5')
  },
  md5: value => digest('md5', asText(value)),
  sha1: value => digest('sha1', asText(value)),
  checksum: value => digest('sha1', asText(value)),
  to_uuid: (value, given) => {
    const [space = '361E6D51-FAEC-444A-9079-341386DA8E2E'] = bind('to_uuid', ['namespace='], given)
    if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(needText(space)))
      return fail(`'${needText(space)}' is no UUID`)
    return uuid5(needText(space), asText(value))
  },
  password_hash: (value, given) => {
    const [kind = 'sha512', salt, size, rounds, ident] = bind(
      'password_hash',
      ['hashtype=', 'salt=', 'salt_size=', 'rounds=', 'ident='],
      given,
    )
    if (salt === undefined || salt === null || size !== undefined)
      return refuseIt(
        'password_hash without a salt is not supported',
        'the hash would be another one each time',
        "write password_hash('sha512', salt)",
      )
    if (kind !== 'sha512' && kind !== 'sha256')
      return refuseIt(
        `password_hash('${asText(kind)}') is not supported`,
        'sha512 and sha256 are',
        "write password_hash('sha512', salt)",
      )
    if (ident !== undefined && ident !== null) return fail('ident is for blowfish only')
    const text = needText(salt)
    if (!/^[./0-9A-Za-z]{1,16}$/.test(text)) return fail('a salt has 1 to 16 letters, digits, dots and slashes')
    return shaCrypt(
      kind,
      needText(value),
      text,
      rounds === undefined || rounds === null ? undefined : Number(asText(rounds)),
    )
  },
}
