import {numbersOf, textOf} from './ipv4.ts'

type Address = {
  family: string
  local?: string
  address?: string
  prefixlen: number
  broadcast?: string
  scope: string
  label?: string
  secondary?: boolean
  temporary?: boolean
}
type Device = {
  ifname: string
  address?: string
  mtu: number
  operstate?: string
  link_type?: string
  promiscuity?: number
  master?: string
  linkinfo?: {info_kind?: string}
  addr_info?: Address[]
}
type Values = Record<string, unknown>

const types: Readonly<Record<string, string>> = {
  ether: 'ether',
  loopback: 'loopback',
  ppp: 'ppp',
  none: 'tunnel',
  infiniband: 'infiniband',
}
const typeOf = ({linkinfo, link_type = ''}: Device): string =>
  linkinfo?.info_kind === 'bridge'
    ? 'bridge'
    : linkinfo?.info_kind === 'bond'
      ? 'bonding'
      : (types[link_type] ?? 'unknown')

const isSecondary = ({secondary, temporary}: Address): boolean => secondary === true || temporary === true

/** An address of version 4 as Ansible takes it apart. A peer's has no prefix. */
const four = ({local = '', address, prefixlen, broadcast = ''}: Address): Record<string, string> => {
  const prefix = address === undefined ? prefixlen : 32
  const mask = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0
  return {
    address: local,
    broadcast: address === undefined ? broadcast : '',
    netmask: textOf(mask),
    network: textOf((numbersOf(local) & mask) >>> 0),
    prefix: String(prefix),
  }
}

/** `ip route get`: the words behind dev, src and via. */
const wayOut = (line: string | undefined, asked: string): Values => {
  const words = line?.split(/\s+/) ?? []
  if (words[0] !== asked) return {}
  const found: Values = {}
  for (const [index, word] of words.entries()) {
    const next = words[index + 1]
    if (word === 'dev') found['interface'] = next
    else if (word === 'src') found['address'] = next
    else if (word === 'via' && next !== asked) found['gateway'] = next
  }
  return found
}

/** default_ipv4, interfaces, the mapping of each of them, and all addresses. */
export const ansibleNetwork = (json: string, fourLine: string | undefined, sixLine: string | undefined): Values => {
  const devices: Device[] = json.trim() === '' ? [] : JSON.parse(json)
  const defaults = {four: wayOut(fourLine, '8.8.8.8'), six: wayOut(sixLine, '2404:6800:400a:800::1012')}
  const all = {four: [] as string[], six: [] as string[]}
  const interfaces: Record<string, Values> = {}
  for (const device of devices) {
    const {ifname, address: mac, mtu, operstate, promiscuity = 0, addr_info = []} = device
    const own: Values = {
      device: ifname,
      ...(mac !== undefined && mac !== '00:00:00:00:00:00' && {macaddress: mac}),
      mtu,
      active: operstate !== 'DOWN',
      type: typeOf(device),
      promisc: promiscuity > 0,
      ...(device.linkinfo?.info_kind === 'bridge' && {
        interfaces: devices.filter(({master}) => master === ifname).map(port => port.ifname),
      }),
    }
    interfaces[ifname] = own
    for (const entry of [...addr_info.filter(one => !isSecondary(one)), ...addr_info.filter(isSecondary)]) {
      const common = {macaddress: mac, mtu, type: typeOf(device)}
      if (entry.family === 'inet' && entry.local !== undefined) {
        const parts = four(entry)
        const label = entry.label ?? ifname
        const owner = label === ifname ? own : (interfaces[label] ??= {})
        if (!isSecondary(entry) && owner['ipv4'] === undefined) owner['ipv4'] = parts
        else owner['ipv4_secondaries'] = [...((owner['ipv4_secondaries'] as unknown[] | undefined) ?? []), parts]
        if (isSecondary(entry) && label !== ifname)
          own['ipv4_secondaries'] = [...((own['ipv4_secondaries'] as unknown[] | undefined) ?? []), parts]
        if (defaults.four['address'] === entry.local) Object.assign(defaults.four, {...parts, ...common, alias: label})
        if (!entry.local.startsWith('127.')) all.four.push(entry.local)
      } else if (entry.family === 'inet6' && entry.local !== undefined) {
        const parts = {address: entry.local, prefix: String(entry.prefixlen), scope: entry.scope}
        own['ipv6'] = [...((own['ipv6'] as unknown[] | undefined) ?? []), parts]
        if (defaults.six['address'] === entry.local) Object.assign(defaults.six, {...parts, ...common})
        if (entry.local !== '::1') all.six.push(entry.local)
      }
    }
  }
  const named = Object.entries(interfaces).map(([name, values]): [string, Values] => [
    name.replaceAll(':', '_'),
    values,
  ])
  return {
    default_ipv4: defaults.four,
    default_ipv6: defaults.six,
    all_ipv4_addresses: all.four,
    all_ipv6_addresses: all.six,
    interfaces: named.map(([name]) => name),
    ...Object.fromEntries(named.map(([name, values]) => [name.replaceAll('-', '_'), values])),
  }
}
