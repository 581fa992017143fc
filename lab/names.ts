import {createHash} from 'node:crypto'
import {join} from 'node:path'
import type {Topology} from './topology.ts'

/** The checkout that this lab runs from; its .lab holds keys, so each checkout has its own. */
export const checkout = join(import.meta.dirname, '..')
export const secretsDirectory = join(checkout, '.lab')
export const imageCache = '/var/cache/gatewright-lab'

/** Run state: pids, the supervisor's socket, consoles. */
export const runDirectory = ({name}: Topology) => `/run/gatewright-lab/${name}`
/** Disks of the hosts. */
export const diskDirectory = ({name}: Topology) => `/var/lib/gatewright-lab/${name}`
export const supervisorSocket = (topology: Topology) => join(runDirectory(topology), 'supervisor.sock')
export const consoleFile = (topology: Topology, host: string) => join(runDirectory(topology), `${host}.console`)

/** The root directory of a host as it sees it. */
export const hostRoot = (topology: Topology, host: string) => join(diskDirectory(topology), host, 'root')
/** Exactly the files that a host wrote since it was pristine. */
export const upperDirectory = (topology: Topology, host: string) => join(writableDirectory(topology, host), 'upper')

/** Holds all that a host writes; a mount point of its own where the topology limits the host's disk. */
export const writableDirectory = (topology: Topology, host: string) =>
  topology.hosts[host]?.disk === undefined
    ? join(diskDirectory(topology), host)
    : join(diskDirectory(topology), host, 'small')

/** Every namespace of a lab starts with this. */
export const namespacePrefix = ({name}: Topology) => `gwlab-${name}-`
export const namespaceOf = (topology: Topology, host: string) => namespacePrefix(topology) + host
/** Holds the bridges, one per segment: the lab's cabling room. */
export const coreNamespace = (topology: Topology) => namespaceOf(topology, 'core')
export const controlNamespace = (topology: Topology) => namespaceOf(topology, 'control')

export const bridgeOf = (segment: string) => `br-${segment}`
/** The bridge's end of a host's cable. */
export const portOf = (host: string, link: string) => interfaceName(`${host}.${link}`)

/** The text itself where the kernel's 15 characters suffice, else its head and a digest. */
export function interfaceName(text: string): string {
  return text.length <= 15 ? text : `${text.slice(0, 8)}${digest(text).slice(0, 7)}`
}

/** A locally administered address that stays the same for a link of a host, so that a rebooted host keeps it. */
export function macAddress(topology: Topology, host: string, link: string): string {
  const hex = digest(`${topology.name}/${host}/${link}`)
  return ['02', ...(hex.slice(0, 10).match(/../g) ?? [])].join(':')
}

export const machineId = (topology: Topology, host: string) => digest(`machine ${topology.name}/${host}`).slice(0, 32)

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
