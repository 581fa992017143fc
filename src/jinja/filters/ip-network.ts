import {int} from '../values.ts'

/** An address with the length of its network's prefix, as netaddr's IPNetwork. */
export type Network = {readonly version: 4 | 6; readonly value: bigint; readonly prefix: number}

export const widthOf = (version: 4 | 6): number => (version === 4 ? 32 : 128)
const all = (version: 4 | 6): bigint => (1n << BigInt(widthOf(version))) - 1n
export const hostmask = ({version, prefix}: Network): bigint => (1n << BigInt(widthOf(version) - prefix)) - 1n
export const netmask = (network: Network): bigint => all(network.version) ^ hostmask(network)
export const firstOf = (network: Network): bigint => network.value & netmask(network)
export const lastOf = (network: Network): bigint => network.value | hostmask(network)
export const sizeOf = (network: Network): bigint => hostmask(network) + 1n
export const hasBroadcast = ({version, prefix}: Network): boolean => version === 6 || prefix < 31
export const isWithin = (version: 4 | 6, value: bigint): boolean => value >= 0n && value <= all(version)

const parseFour = (text: string): bigint | undefined => {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(part => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined
  return parts.reduce((value, part) => value * 256n + BigInt(part), 0n)
}

const parseSix = (text: string): bigint | undefined => {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  let source = text
  if (dotted) {
    const four = parseFour(dotted[2] ?? '')
    if (four === undefined) return undefined
    source = `${dotted[1]}${(four >> 16n).toString(16)}:${(four & 0xffffn).toString(16)}`
  }
  const halves = source.split('::')
  if (halves.length > 2) return undefined
  const groups = halves.map(half => (half === '' ? [] : half.split(':')))
  const [head = [], tail = []] = groups
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : head.length !== 8) return undefined
  const full = [...head, ...Array.from({length: halves.length === 2 ? missing : 0}, () => '0'), ...tail]
  if (!full.every(group => /^[\da-f]{1,4}$/i.test(group))) return undefined
  return full.reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n)
}

export const parseAddress = (text: string): {version: 4 | 6; value: bigint} | undefined => {
  const four = parseFour(text)
  if (four !== undefined) return {version: 4, value: four}
  const six = text.includes(':') ? parseSix(text) : undefined
  return six === undefined ? undefined : {version: 6, value: six}
}

const prefixOf = (version: 4 | 6, text: string): number | undefined => {
  const width = widthOf(version)
  if (/^\s*\+?\d+\s*$/.test(text)) return Number(text) <= width ? Number(text) : undefined
  const mask = parseAddress(text)
  if (mask?.version !== version) return undefined
  for (let prefix = 0; prefix <= width; prefix++) {
    const network = {version, value: 0n, prefix}
    if (mask.value === netmask(network) || mask.value === hostmask(network)) return prefix
  }
  return undefined
}

/** An address, or an address with a prefix length or mask. */
export const parseNetwork = (text: string): Network | undefined => {
  const [address = '', mask, ...more] = text.split('/')
  const found = parseAddress(address)
  if (!found || more.length > 0) return undefined
  const prefix = mask === undefined ? widthOf(found.version) : prefixOf(found.version, mask)
  return prefix === undefined ? undefined : {...found, prefix}
}

const fourText = (value: bigint): string => [24n, 16n, 8n, 0n].map(shift => String((value >> shift) & 255n)).join('.')

/** As inet_ntop(3) writes it: the longest run of zeros is `::`. */
const sixText = (value: bigint): string => {
  const groups = Array.from({length: 8}, (_, index) => Number((value >> BigInt(112 - 16 * index)) & 0xffffn))
  let best = {start: -1, length: 1}
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0) length++
    if (length > best.length) best = {start, length}
  }
  const isMapped = best.start === 0 && (best.length === 6 || (best.length === 5 && groups[5] === 0xffff))
  if (isMapped) return `${best.length === 6 ? '::' : '::ffff:'}${fourText(value & 0xffffffffn)}`
  const text = (from: number, to?: number): string =>
    groups
      .slice(from, to)
      .map(group => group.toString(16))
      .join(':')
  return best.start < 0 ? text(0) : `${text(0, best.start)}::${text(best.start + best.length)}`
}

export const addressText = (version: 4 | 6, value: bigint): string => (version === 4 ? fourText(value) : sixText(value))
export const networkText = ({version, value, prefix}: Network): string => `${addressText(version, value)}/${prefix}`
export const isIn = (network: Network, version: 4 | 6, first: bigint, last = first): boolean =>
  network.version === version && first >= firstOf(network) && last <= lastOf(network)
export const number = (value: bigint): unknown => int(value)
