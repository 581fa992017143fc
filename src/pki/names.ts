import {isIPv4, isIPv6} from 'node:net'
import {InvalidInput} from '../diagnostic.ts'

/** Everything that stops a command of the authority. */
export const refuse = (rule: string, what: string, fix: string, why?: string): never => {
  throw new InvalidInput([{rule, what, fix, ...(why !== undefined && {why})}])
}

/** 64 characters are what a common name may have (RFC 5280, ub-common-name). It names files too, and OpenVPN's client directory. */
const subject = /^[a-z0-9](?:[a-z0-9._@-]{0,62}[a-z0-9])?$/i

export const isSubject = (name: string): boolean => subject.test(name) && !name.includes('..')

/** The name of a certificate's subject. Throws InvalidInput. */
export const checkSubject = (name: string): string => {
  if (isSubject(name)) return name
  const why = 'it becomes the common name, a file and the key of OpenVPN’s client settings'
  return refuse('pki-name', `'${name}' cannot name a certificate`, 'use up to 64 of a-z, 0-9, dot, -, _ and @', why)
}

const label = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i

/** RFC 1123, with a star for the first label. */
export const isHostName = (name: string): boolean =>
  name.length <= 253 &&
  name.split('.').every((part, index) => label.test(part) || (index === 0 && part === '*' && name.includes('.')))

/** A name or an address under which a server is reached. Throws InvalidInput. */
export const checkAlternativeName = (name: string): string =>
  isIPv4(name) || (isIPv6(name) && !name.includes('%')) || (isHostName(name) && !/^[\d.]+$/.test(name))
    ? name
    : refuse(
        'pki-name',
        `'${name}' is no host name and no address`,
        'write it as vpn.example.net, 192.0.2.10 or 2001:db8::1',
      )

/** The bytes of an IPv4 or IPv6 address. */
export const addressBytes = (address: string): Uint8Array => {
  if (isIPv4(address)) return Uint8Array.from(address.split('.').map(Number))
  const [left = '', right] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::')
  const words = (text: string | undefined): string[] => (text ? text.split(':') : [])
  const [before, after] = [words(left), words(right)]
  const all = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after]
  return Uint8Array.from(all.flatMap(word => [Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 0xff]))
}

/** `30d`, `12h`, `2w` in milliseconds. Throws InvalidInput. */
export const durationMs = (text: string): number => {
  const [, count = '', unit = ''] = /^([1-9]\d{0,4})([hdw])$/.exec(text) ?? []
  const hours = {h: 1, d: 24, w: 168}[unit]
  if (hours === undefined) return refuse('pki-duration', `'${text}' is no duration`, 'write it as 12h, 30d or 4w')
  return Number(count) * hours * 3_600_000
}

/** The name of an authority is shown to people only. Throws InvalidInput. */
export const checkAuthorityName = (name: string): string =>
  /^(?! )[\x20-\x7e]{1,64}$/.test(name)
    ? name
    : refuse(
        'pki-name',
        `'${name}' cannot name an authority`,
        'use up to 64 letters, digits, spaces and signs of ASCII',
      )
