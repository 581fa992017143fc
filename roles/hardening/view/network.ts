import {contains, networkOf} from 'gatewright'

export type Family = 'ip' | 'ip6'
export const familyOf = (network: string): Family => (network.includes(':') ? 'ip6' : 'ip')

const lengthOf = (network: string): number => Number(network.split('/')[1])
const holds = (outer: string, inner: string): boolean =>
  contains(outer, inner.split('/')[0] ?? '') && lengthOf(outer) <= lengthOf(inner)

/** Networks without host bits, in order, none within another: overlapping ones are no set for nft(8). */
export const networksOf = (addresses: readonly string[]): readonly string[] => {
  const all = [...new Set(addresses.flatMap(address => networkOf(address) ?? []))].toSorted()
  return all.filter(one => !all.some(other => other !== one && holds(other, one)))
}
