import {BlockList, isIP} from 'node:net'
import {firstOf, networkText, parseNetwork} from './jinja/filters/ip-network.ts'

/** Whether `address` lies in the subnet of `interfaceAddress`, such as `10.10.0.2/24`. False for what is no address. */
export const contains = (interfaceAddress: string, address: string): boolean => {
  const [base = '', length = ''] = interfaceAddress.split('/')
  const family = isIP(base) === 6 ? 'ipv6' : 'ipv4'
  const bits = Number(length)
  if (
    !isIP(base) ||
    isIP(address) !== isIP(base) ||
    length === '' ||
    !(bits >= 0 && bits <= (family === 'ipv4' ? 32 : 128))
  )
    return false
  const subnet = new BlockList()
  subnet.addSubnet(base, bits, family)
  return subnet.check(address, family)
}

/** `10.10.0.2/24`, `10.10.0.2`, `fd00::1/64`: an address, with or without a prefix length that its family has. */
export const isAddress = (text: string): boolean => {
  const [address = '', length, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= widthOf(family))
}

const widthOf = (family: number): number => (family === 4 ? 32 : 128)
const split = (text: string): {readonly address: string; readonly length: number} => {
  const [address = '', length] = text.split('/')
  return {address, length: length === undefined ? widthOf(isIP(address)) : Number(length)}
}

/** Whether two prefixes have an address in common; an address without length is itself alone. */
export const overlaps = (one: string, other: string): boolean => {
  const [a, b] = [split(one), split(other)]
  return contains(`${a.address}/${a.length}`, b.address) || contains(`${b.address}/${b.length}`, a.address)
}

/** Whether two addresses with prefix length are of one subnet. */
export const isSameSubnet = (one: string, other: string): boolean =>
  split(one).length === split(other).length && overlaps(one, other)

/** Room for two hosts at most: the subnet of a line between two routers (RFC 3021, RFC 6164). */
export const isPointToPoint = (text: string): boolean => {
  const {address, length} = split(text)
  return length >= widthOf(isIP(address)) - 2
}

/** The network of an address, without host bits: `10.10.0.0/24` of `10.10.0.2/24`; undefined for what is no address. */
export const networkOf = (text: string): string | undefined => {
  const network = parseNetwork(text)
  return network && networkText({...network, value: firstOf(network)})
}
