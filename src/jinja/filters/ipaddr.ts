import {fail, refuseIt} from '../problem.ts'
import {str} from '../text-of.ts'
import {isFloat, isInt, KeptText} from '../values.ts'
import {
  addressText,
  firstOf,
  hasBroadcast,
  hostmask,
  isIn,
  isWithin,
  lastOf,
  type Network,
  netmask,
  networkText,
  number,
  parseNetwork,
  sizeOf,
  widthOf,
} from './ip-network.ts'

/** A value that the filter takes for an address, and how it was written. */
type Read = {readonly network: Network; readonly isNetwork: boolean; readonly written: string}
type Query = (read: Read) => unknown

const text = ({network}: Read, value: bigint): string => addressText(network.version, value)
const own = (read: Read): string => text(read, read.network.value)
const isFirst = ({network}: Read): boolean => network.value === firstOf(network)
const withPrefix = (read: Read): string => networkText(read.network)
const size = ({network}: Read): bigint => sizeOf(network)

const usable = (read: Read): [bigint, bigint] | undefined => {
  const [first, last] = [firstOf(read.network), lastOf(read.network)]
  if (size(read) === 2n) return [first, last]
  return size(read) > 1n ? [first + 1n, last - 1n] : undefined
}
const ofNetwork =
  (query: Query): Query =>
  read =>
    read.isNetwork ? query(read) : fail('Not a network address', 'write the address with its prefix: 192.0.2.1/24')
const neighbour = (step: bigint): Query =>
  ofNetwork(read => {
    const range = usable(read)
    const next = read.network.value + step
    return range && next >= range[0] && next <= range[1] ? text(read, next) : null
  })
const hostAndPrefix: Query = read => {
  const {network} = read
  const broadcast = hasBroadcast(network) ? lastOf(network) : undefined
  if (size(read) > 2n && (isFirst(read) || network.value === broadcast)) return false
  return withPrefix(read)
}

const networks = (list: readonly string[]): readonly Network[] =>
  list.map(parseNetwork).filter(network => network !== undefined)
const ranges = {
  private: networks([
    '10.0.0.0/8',
    '100.64.0.0/10',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.168.0.0/16',
    '198.18.0.0/15',
    '239.0.0.0/8',
    '169.254.0.0/16',
    'fc00::/7',
    'fec0::/10',
    'fe80::/10',
  ]),
  loopback: networks(['127.0.0.0/8', '::1/128']),
  linkLocal: networks(['169.254.0.0/16', 'fe80::/10']),
  multicast: networks(['224.0.0.0/4', 'ff00::/8']),
}
const lies = ({network}: Read, list: readonly Network[]): boolean =>
  list.some(range => isIn(range, network.version, network.value))
const isPower = (value: bigint): boolean => (value & (value - 1n)) === 0n
const isPublic = (read: Read): boolean => {
  const {version, value} = read.network
  const most = (1n << BigInt(widthOf(version))) - 1n
  return (
    !lies(read, ranges.multicast) &&
    !lies(read, ranges.private) &&
    !lies(read, ranges.loopback) &&
    !isPower((value ^ most) + 1n) &&
    !isPower(value + 1n)
  )
}
const when =
  (test: (read: Read) => boolean): Query =>
  read =>
    test(read) ? read.written : null

const address: Query = read => {
  if (size(read) === 1n) return own(read)
  return !isFirst(read) || !hasBroadcast(read.network) || read.network.version === 6 ? own(read) : null
}
const loopback = when(read => lies(read, ranges.loopback))
const network: Query = read => text(read, firstOf(read.network))
const subnet: Query = read => networkText({...read.network, value: firstOf(read.network)})
const mask: Query = read => text(read, hostmask(read.network))
const four: Query = read => {
  if (read.network.version === 4) return read.written
  const {value, prefix} = read.network
  const high = value >> 32n
  if ((high !== 0n && high !== 0xffffn) || prefix < 96) return false
  return networkText({version: 4, value: value & 0xffffffffn, prefix: prefix - 96})
}
const six: Query = read =>
  read.network.version === 6
    ? read.written
    : networkText({version: 6, value: read.network.value | (0xffffn << 32n), prefix: read.network.prefix + 96})
const reverse: Query = ({network: {version, value}}) => {
  if (version === 4) return `${addressText(4, value).split('.').toReversed().join('.')}.in-addr.arpa.`
  return `${value.toString(16).padStart(32, '0').split('').toReversed().join('.')}.ip6.arpa.`
}

const queries: Readonly<Record<string, Query>> = {
  '': read => (read.isNetwork ? withPrefix(read) : own(read)),
  address,
  ip: address,
  'address/prefix': hostAndPrefix,
  gateway: hostAndPrefix,
  gw: hostAndPrefix,
  'host/prefix': hostAndPrefix,
  hostnet: hostAndPrefix,
  router: hostAndPrefix,
  bool: () => true,
  broadcast: read => (size(read) > 2n ? text(read, lastOf(read.network)) : null),
  cidr: withPrefix,
  first_usable: ofNetwork(read => {
    const range = usable(read)
    return range ? text(read, range[0]) : null
  }),
  last_usable: ofNetwork(read => {
    const range = usable(read)
    return range ? text(read, range[1]) : null
  }),
  range_usable: ofNetwork(read => {
    const range = usable(read)
    return range ? `${text(read, range[0])}-${text(read, range[1])}` : null
  }),
  next_usable: neighbour(1n),
  previous_usable: neighbour(-1n),
  peer: ofNetwork(read => {
    const {value} = read.network
    if (size(read) === 2n) return text(read, value ^ 1n)
    if (size(read) !== 4n) return fail('Not a point-to-point network')
    if (value % 4n === 0n) return fail('Network address of /30 has no peer')
    return value % 4n === 3n ? fail('Broadcast address of /30 has no peer') : text(read, value ^ 3n)
  }),
  host: read => {
    if (size(read) === 1n) return withPrefix(read)
    return !isFirst(read) || !hasBroadcast(read.network) ? withPrefix(read) : null
  },
  hostmask: mask,
  wildcard: mask,
  int: read => (read.isNetwork ? `${read.network.value}/${read.network.prefix}` : number(read.network.value)),
  'ip/prefix': read => (size(read) === 2n || (size(read) > 1n && !isFirst(read)) ? withPrefix(read) : null),
  ip_netmask: read =>
    size(read) === 2n || (size(read) > 1n && !isFirst(read))
      ? `${own(read)} ${text(read, netmask(read.network))}`
      : null,
  ipv4: four,
  v4: four,
  ipv6: six,
  v6: six,
  'link-local': when(read => lies(read, ranges.linkLocal)),
  lo: loopback,
  loopback,
  multicast: when(read => lies(read, ranges.multicast)),
  unicast: when(read => !lies(read, ranges.multicast)),
  private: when(read => lies(read, ranges.private)),
  public: when(isPublic),
  net: read => (size(read) > 1n && isFirst(read) ? withPrefix(read) : null),
  netmask: read => text(read, netmask(read.network)),
  network,
  network_id: network,
  'network/prefix': subnet,
  subnet,
  network_netmask: read => `${str(network(read))} ${text(read, netmask(read.network))}`,
  network_wildcard: read => `${str(network(read))} ${text(read, hostmask(read.network))}`,
  prefix: read => read.network.prefix,
  revdns: reverse,
  size: read => number(size(read)),
  size_usable: read => (size(read) === 1n ? 0 : size(read) === 2n ? 2 : number(size(read) - 2n)),
  type: read => (size(read) === 1n || !isFirst(read) ? 'address' : 'network'),
  version: read => read.network.version,
  wrap: read => {
    if (read.network.version === 4) return read.written
    return read.isNetwork ? `[${own(read)}]/${read.network.prefix}` : `[${own(read)}]`
  },
  '6to4': () => refuseIt("ipaddr('6to4') is not supported", 'it is not built', 'write the prefix'),
}

/** netaddr completes 10.0 to 10.0.0.0; nobody means that. */
const refusePartial = (value: string): void => {
  if (/^\d+(\.\d+){1,2}(\/|$)/.test(value) || /^\d+\/\d/.test(value))
    refuseIt(`'${value}' as an address is not supported`, 'it has fewer than four numbers', 'write all four')
}

const read = (value: unknown, version: number | undefined): Read | undefined => {
  const written = value instanceof KeptText ? value.text : typeof value === 'string' ? value : undefined
  const digits = isInt(value) ? String(value) : written
  if (digits !== undefined && /^\d+$/.test(digits)) {
    const big = BigInt(digits)
    const kind = version === 6 || !isWithin(4, big) ? 6 : 4
    if (!isWithin(kind, big)) return undefined
    const network = {version: kind, value: big, prefix: widthOf(kind)} as const
    return {network, isNetwork: false, written: networkText(network)}
  }
  if (written === undefined) return undefined
  refusePartial(written)
  const network = parseNetwork(written)
  return network && {network, isNetwork: written.includes('/'), written}
}

/** The filter ipaddr of ansible.utils, and ipv4 and ipv6. */
export const ipaddr = (value: unknown, given: unknown, version?: 4 | 6): unknown => {
  const query = isInt(given) ? String(given) : str(given ?? '')
  if (Array.isArray(value))
    return value
      .map(item => ipaddr(item, query, version))
      .filter(item => item !== false && item !== null && item !== '' && item !== 0)
  if (value === null || value === '' || typeof value === 'boolean' || value === 0) return false
  if (isFloat(value)) return fail('a number with a fraction is no address')
  const found = read(value, version)
  if (!found) return false
  if (version !== undefined && found.network.version !== version) return false
  const run = Object.hasOwn(queries, query) ? queries[query] : undefined
  if (run) return run(found)
  const {network: own, written} = found
  if (/^-?\d+$/.test(query)) {
    if (size(found) === 1n) return found.isNetwork ? networkText(own) : addressText(own.version, own.value)
    const index = BigInt(query)
    if (index >= size(found) || index < -size(found)) return false
    return networkText({...own, value: index < 0n ? lastOf(own) + index + 1n : firstOf(own) + index})
  }
  const range = parseNetwork(query)
  if (!range)
    return fail(`ipaddr: unknown filter type: ${query}`, `known: ${Object.keys(queries).filter(Boolean).join(', ')}`)
  return isIn(range, own.version, firstOf(own), lastOf(own)) ? written : null
}

/** The address or network that other filters work on: an address as it is, a network without its host part. */
export const normalized = (value: unknown): Network | undefined => {
  const found = read(value, undefined)
  if (!found) return undefined
  return queries['type']?.(found) === 'address' ? found.network : {...found.network, value: firstOf(found.network)}
}
