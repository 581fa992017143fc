import {bind, type Given} from '../arguments.ts'
import {fail, refuseIt} from '../problem.ts'
import {repr, str} from '../text-of.ts'
import {isInt, iterate} from '../values.ts'
import {
  addressText,
  firstOf,
  isIn,
  isWithin,
  lastOf,
  type Network,
  networkText,
  number,
  parseAddress,
  parseNetwork,
  sizeOf,
  widthOf,
} from './ip-network.ts'
import {ipaddr, normalized} from './ipaddr.ts'
import {needInt, needText} from './needs.ts'
import type {Filter, Filters} from './shape.ts'

const family =
  (version?: 4 | 6): Filter =>
  (value, given) => {
    const [query = ''] = bind('ipaddr', ['query=', 'version=', 'alias='], given)
    return ipaddr(value, query, version)
  }

const ipsubnet = (value: unknown, query: unknown, index: unknown): unknown => {
  const found = normalized(value)
  if (!found) return false
  const network: Network = {...found, value: firstOf(found)}
  const width = widthOf(network.version)
  const isAddress = network.prefix === width
  if (query === undefined || query === '') return networkText(network)
  const text = str(query)
  if (/^\d+$/.test(text)) {
    const prefix = Number(text)
    if (prefix > width) return false
    const super_ = (at: number): unknown => {
      const length = prefix + at
      if (at < 0 || length >= network.prefix) return fail('there is no such larger network')
      const larger = {...network, prefix: length}
      return networkText({...larger, value: firstOf(larger)})
    }
    if (isAddress) return super_(index === undefined || index === null ? 0 : needInt(index))
    if (prefix < network.prefix) return fail(`Requested subnet size of ${prefix} is invalid`)
    const count = 1n << BigInt(prefix - network.prefix)
    if (index === undefined || index === null) return str(number(count))
    const wanted = BigInt(needInt(index))
    const at = wanted < 0n ? wanted + count : wanted
    if (at < 0n || at >= count) return false
    return networkText({version: network.version, value: network.value + (at << BigInt(width - prefix)), prefix})
  }
  const outer = normalized(text)
  if (!outer) return fail(`You must pass a valid subnet or IP address; ${text} is invalid`)
  if (outer.version !== network.version || !isIn(outer, network.version, network.value))
    return fail(`${networkText(network)} is not in the subnet ${networkText({...outer, value: firstOf(outer)})}`)
  const shift = BigInt(width - network.prefix)
  const bits = network.prefix - outer.prefix
  if (bits < 0) return refuseIt('ipsubnet of a larger network is not supported', 'it is not certain what it gives')
  return str(number(((network.value >> shift) & ((1n << BigInt(bits)) - 1n)) + 1n))
}

const usableOf = (network: Network): [bigint, bigint] => {
  const [first, last] = [firstOf(network), lastOf(network)]
  return sizeOf(network) > 2n ? [first + 1n, last - 1n] : [first, last]
}

const away = (value: unknown, offset: unknown, sign: bigint): unknown => {
  const network = normalized(value)
  if (!network) return false
  if (!isInt(offset)) return fail('Must pass in an integer', 'write … | int')
  const at = network.value + sign * BigInt(offset)
  const [first, last] = usableOf(network)
  return sizeOf(network) > 1n && at >= first && at <= last ? addressText(network.version, at) : null
}

/** First and last number of what other filters compare. Addresses with a prefix stand for their network. */
const span = (value: unknown): {version: 4 | 6; first: bigint; last: bigint} => {
  const network = normalized(value)
  if (!network) return fail(`${repr(value)} is no address or network`)
  return {version: network.version, first: firstOf(network), last: lastOf(network)}
}
const inside = (outer: unknown, inner: unknown, isUsable = false): boolean => {
  const network = normalized(outer)
  const {version, first, last} = span(inner)
  if (!network) return fail(`${repr(outer)} is no address or network`)
  if (network.version !== version)
    return refuseIt('a comparison of IPv4 with IPv6 is not supported', 'Ansible compares their numbers')
  const [low, high] = isUsable ? usableOf(network) : [firstOf(network), lastOf(network)]
  return first >= low && last <= high
}

const hardware: Filter = (value, given: Given) => {
  const [query = ''] = bind('hwaddr', ['query='], given)
  const kind = str(query)
  const written = typeof value === 'string' ? value : ''
  const digits =
    /^(?:[\da-f]{12}|(?:[\da-f]{1,2}[:-]){5}[\da-f]{1,2}|(?:[\da-f]{4}\.){2}[\da-f]{4}|[\da-f]{6}[:-][\da-f]{6}|(?:[\da-f]{4}:){2}[\da-f]{4})$/i.test(
      written,
    )
      ? written
          .split(/[:.-]/)
          .map((part, _, parts) => (parts.length === 6 ? part.padStart(2, '0') : part))
          .join('')
          .toLowerCase()
      : undefined
  if (digits === undefined)
    return kind === '' || kind === 'bool' ? null : fail(`hwaddr: not a hardware address: ${str(value)}`)
  const pairs = digits.match(/../g) ?? []
  const shapes: Readonly<Record<string, () => unknown>> = {
    '': () => value,
    bool: () => true,
    bare: () => digits.toUpperCase(),
    int: () => Number.parseInt(digits, 16),
    cisco: () => (digits.match(/.{4}/g) ?? []).join('.'),
    linux: () => pairs.join(':'),
    unix: () => pairs.map(pair => Number.parseInt(pair, 16).toString(16)).join(':'),
    win: () => pairs.join('-').toUpperCase(),
    eui48: () => pairs.join('-').toUpperCase(),
    ...Object.fromEntries(
      ['pgsql', 'postgresql', 'psql'].map(name => [name, () => `${digits.slice(0, 6)}:${digits.slice(6)}`]),
    ),
  }
  const shape = Object.hasOwn(shapes, kind) ? shapes[kind] : undefined
  return shape
    ? shape()
    : fail(`hwaddr: unknown filter type: ${kind}`, `known: ${Object.keys(shapes).filter(Boolean).join(', ')}`)
}

/** Filters on addresses and networks, of the collection ansible.utils. */
export const networkFilters: Filters = {
  ipaddr: family(),
  ipv4: family(4),
  ipv6: family(6),
  ipwrap: (value, given) => {
    const [query = ''] = bind('ipwrap', ['query='], given)
    const wrap = (item: unknown): unknown => {
      const found = ipaddr(item, query)
      return found === false || found === null ? item : ipaddr(item, 'wrap')
    }
    return Array.isArray(value) ? value.map(wrap) : wrap(value)
  },
  ipsubnet: (value, given) => {
    const [query, index] = bind('ipsubnet', ['query=', 'index='], given)
    return ipsubnet(value, query, index)
  },
  nthhost: (value, given) => {
    const [query = ''] = bind('nthhost', ['query='], given)
    const network = normalized(value)
    const nth = /^-?\d+$/.test(str(query)) ? BigInt(str(query)) : undefined
    if (!network || nth === undefined || sizeOf(network) <= nth || nth < -sizeOf(network)) return false
    return addressText(network.version, nth < 0n ? lastOf(network) + nth + 1n : firstOf(network) + nth)
  },
  ipmath: (value, given) => {
    const [amount] = bind('ipmath', ['amount'], given)
    const network = parseNetwork(needText(value))
    if (!network) return fail(`You must pass a valid IP address; ${needText(value)} is invalid`)
    const sum = network.value + BigInt(needInt(amount))
    return isWithin(network.version, sum)
      ? addressText(network.version, sum)
      : fail('result outside valid IP address boundary!')
  },
  next_nth_usable: (value, given) => away(value, bind('next_nth_usable', ['offset'], given)[0], 1n),
  previous_nth_usable: (value, given) => away(value, bind('previous_nth_usable', ['offset'], given)[0], -1n),
  network_in_network: (value, given) => inside(value, bind('network_in_network', ['test'], given)[0]),
  network_in_usable: (value, given) => inside(value, bind('network_in_usable', ['test'], given)[0], true),
  reduce_on_network: (value, given) => {
    const [network] = bind('reduce_on_network', ['network'], given)
    return iterate(value).filter(item => inside(network, item))
  },
  ip4_hex: (value, given) => {
    const [delimiter = ''] = bind('ip4_hex', ['delimiter='], given)
    const found = parseAddress(needText(value))
    if (found?.version !== 4) return fail(`${needText(value)} is no IPv4 address`)
    return needText(value)
      .split('.')
      .map(part => Number(part).toString(16).padStart(2, '0'))
      .join(str(delimiter))
  },
  hwaddr: hardware,
  macaddr: hardware,
}
