import {existsSync, readdirSync} from 'node:fs'
import {bridgeOf, controlNamespace, coreNamespace, macAddress, namespaceOf, namespacePrefix, portOf} from './names.ts'
import {must, run} from './run.ts'
import {hostOf, type Link, type Topology} from './topology.ts'

const namespaces = '/run/netns'

/** Feeds many `ip` commands to one process; they run inside `namespace`. */
export async function ip(namespace: string, commands: string[]): Promise<void> {
  await must(['ip', '-n', namespace, '-batch', '-'], {input: `${commands.join('\n')}\n`})
}

/** Creates the cabling room with a bridge per segment, and the operator's namespace. */
export async function makeCore(topology: Topology): Promise<void> {
  const core = coreNamespace(topology)
  const control = controlNamespace(topology)
  await Promise.all([must(['ip', 'netns', 'add', core]), must(['ip', 'netns', 'add', control])])
  // No spanning tree and no snooping: a plain switch that passes VRRP's multicast from the first frame on.
  await ip(core, [
    'link set lo up',
    ...Object.keys(topology.segments).flatMap(segment => [
      `link add ${bridgeOf(segment)} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
      `link set ${bridgeOf(segment)} up`,
    ]),
  ])
  await plugIn(topology, 'control', topology.control.link, {
    segment: topology.control.link,
    addresses: topology.control.addresses,
  })
}

/**
 * Gives a host a new namespace with its cables and declared addresses, as a machine that is switched on has: nothing that
 * its last life added (virtual addresses, rules, tunnels) is left.
 */
export async function wireHost(topology: Topology, host: string): Promise<void> {
  const {links, loopback, routes, forwarding} = hostOf(topology, host)
  const namespace = namespaceOf(topology, host)
  await unwireHost(topology, host)
  await must(['ip', 'netns', 'add', namespace])
  await ip(namespace, ['link set lo up', ...loopback.map(address => `address add ${address} dev lo`)])
  for (const [link, description] of Object.entries(links)) await plugIn(topology, host, link, description)
  await ip(
    namespace,
    routes.map(({to, via}) => `route add ${to} via ${via}`),
  )
  if (forwarding)
    await must([
      'ip',
      'netns',
      'exec',
      namespace,
      'sysctl',
      '-qw',
      'net.ipv4.ip_forward=1',
      'net.ipv6.conf.all.forwarding=1',
    ])
}

/** Makes all cables of a host dead in one stroke. */
export async function unplugHost(topology: Topology, host: string): Promise<void> {
  const ports = Object.keys(hostOf(topology, host).links).map(link => `link set ${portOf(host, link)} down`)
  await ip(coreNamespace(topology), ports)
}

/** Removes a host's cables and namespace at once; the kernel alone would take its time. */
export async function unwireHost(topology: Topology, host: string): Promise<void> {
  const namespace = namespaceOf(topology, host)
  const ports = Object.keys(hostOf(topology, host).links).map(link => `link delete ${portOf(host, link)}`)
  await run(['ip', '-n', coreNamespace(topology), '-force', '-batch', '-'], {input: `${ports.join('\n')}\n`})
  if (existsSync(`${namespaces}/${namespace}`)) await must(['ip', 'netns', 'delete', namespace])
}

async function plugIn(topology: Topology, host: string, link: string, {segment, addresses}: Link): Promise<void> {
  const core = coreNamespace(topology)
  const namespace = namespaceOf(topology, host)
  const port = portOf(host, link)
  await ip(core, [
    `link add ${port} type veth peer name ${link} netns ${namespace} address ${macAddress(topology, host, link)}`,
    `link set ${port} master ${bridgeOf(segment)}`,
    `link set ${port} up`,
  ])
  await ip(namespace, [
    `link set ${link} up`,
    // Without duplicate address detection: a daemon may bind to the address at once.
    ...addresses.map(address => `address add ${address} dev ${link}${address.includes(':') ? ' nodad' : ' brd +'}`),
  ])
}

/** Pulls (false) or plugs in (true) a cable: both ends see the carrier change. */
export async function setPort(topology: Topology, host: string, link: string, up: boolean): Promise<void> {
  await ip(coreNamespace(topology), [`link set ${portOf(host, link)} ${up ? 'up' : 'down'}`])
}

/** Namespaces of this lab that exist now. */
function existingNamespaces(topology: Topology): string[] {
  if (!existsSync(namespaces)) return []
  return readdirSync(namespaces).filter(name => name.startsWith(namespacePrefix(topology)))
}

export async function removeNamespaces(topology: Topology): Promise<void> {
  for (const name of existingNamespaces(topology)) await must(['ip', 'netns', 'delete', name])
}
