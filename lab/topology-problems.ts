import {BlockList, isIP} from 'node:net'
import type {Topology} from './topology.ts'

const hostName = /^[a-z][a-z0-9-]{0,30}$/
// 15 characters is the kernel's limit for an interface.
const linkName = /^[a-z][a-z0-9.-]{0,14}$/
const topologyName = /^[a-z][a-z0-9-]{0,15}$/

/** Everything in a topology that its schema cannot see, as sentences; empty when it can be built. */
export function topologyProblems(topology: Topology): string[] {
  return [
    ...nameProblems(topology),
    ...segmentProblems(topology),
    ...addressProblems(topology),
    ...portProblems(topology),
  ]
}

function nameProblems({name, hosts, segments}: Topology): string[] {
  const problems: string[] = []
  if (!topologyName.test(name)) problems.push(`name: ${name}: use up to 16 of a-z, 0-9 and -`)
  for (const segment of Object.keys(segments))
    if (!linkName.test(segment) || segment.length > 12)
      problems.push(`segment ${segment}: use up to 12 of a-z, 0-9, . and -`)
  for (const [host, {links}] of Object.entries(hosts)) {
    if (!hostName.test(host)) problems.push(`host ${host}: use up to 31 of a-z, 0-9 and -`)
    if (host === 'core' || host === 'control') problems.push(`host ${host}: the lab itself uses this name`)
    for (const link of Object.keys(links))
      if (!linkName.test(link) || link === 'lo')
        problems.push(`host ${host}: link ${link}: not usable as interface name`)
  }
  return problems
}

function segmentProblems({control, hosts, segments}: Topology): string[] {
  const problems: string[] = []
  if (!segments[control.link]) problems.push(`control: no segment ${control.link}`)
  for (const [host, {links}] of Object.entries(hosts)) {
    for (const [link, {segment}] of Object.entries(links))
      if (!segments[segment]) problems.push(`host ${host}: link ${link}: no segment ${segment}`)
    const managed = Object.values(links).some(
      ({segment, addresses}) => segment === control.link && addresses.length > 0,
    )
    if (!managed) problems.push(`host ${host}: no address on ${control.link}, so control cannot reach its sshd`)
  }
  return problems
}

/** Every address that something owns, with who owns it. */
function owners({control, hosts}: Topology): {owner: string; address: string; segment?: string}[] {
  return [
    ...control.addresses.map(address => ({owner: 'control', address, segment: control.link})),
    ...Object.entries(hosts).flatMap(([host, {links, loopback}]) => [
      ...loopback.map(address => ({owner: `host ${host}`, address})),
      ...Object.entries(links).flatMap(([link, {addresses, segment}]) =>
        addresses.map(address => ({owner: `host ${host}: link ${link}`, address, segment})),
      ),
    ]),
  ]
}

function addressProblems(topology: Topology): string[] {
  const problems: string[] = []
  const taken = new Map(topology.reserved.map(address => [address, 'reserved']))
  for (const [segment, subnets] of Object.entries(topology.segments))
    for (const subnet of subnets) if (!splitPrefix(subnet)) problems.push(`segment ${segment}: ${subnet} is no subnet`)
  for (const {owner, address, segment} of owners(topology)) {
    const parts = splitPrefix(address)
    if (!parts) {
      problems.push(`${owner}: ${address} is no address with prefix length`)
      continue
    }
    const other = taken.get(parts.ip)
    if (other) problems.push(`${owner}: ${parts.ip} is taken by ${other}`)
    taken.set(parts.ip, owner)
    const subnets = segment === undefined ? undefined : topology.segments[segment]
    if (subnets && !subnets.some(subnet => contains(subnet, parts.ip)))
      problems.push(`${owner}: ${address} is outside segment ${segment} (${subnets.join(', ') || 'no subnets'})`)
  }
  for (const [host, {routes, links}] of Object.entries(topology.hosts)) {
    for (const {via} of routes) if (!isIP(via)) problems.push(`host ${host}: route via ${via}: no address`)
    for (const [link, {gateway}] of Object.entries(links))
      if (gateway !== undefined && !isIP(gateway))
        problems.push(`host ${host}: link ${link}: gateway ${gateway}: no address`)
  }
  return problems
}

function portProblems({hosts}: Topology): string[] {
  const taken = new Map<number, string>()
  return Object.entries(hosts).flatMap(([host, {ssh}]) => {
    const other = taken.get(ssh)
    taken.set(ssh, host)
    return other ? [`host ${host}: ssh port ${ssh} is taken by ${other}`] : []
  })
}

function splitPrefix(text: string): {ip: string; bits: number} | undefined {
  const [ip = '', length = ''] = text.split('/')
  const bits = Number(length)
  const longest = isIP(ip) === 4 ? 32 : 128
  return isIP(ip) && /^\d+$/.test(length) && bits <= longest ? {ip, bits} : undefined
}

function contains(subnet: string, ip: string): boolean {
  const parts = splitPrefix(subnet)
  if (!parts || isIP(parts.ip) !== isIP(ip)) return false
  const family = isIP(ip) === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(parts.ip, parts.bits, family)
  return list.check(ip, family)
}
