import {readFileSync} from 'node:fs'
import {resolve} from 'node:path'
import {Ajv, type ErrorObject} from 'ajv'
import {load} from 'js-yaml'
import {messageOf} from './message-of.ts'
import {topologyProblems} from './topology-problems.ts'
import {topologySchema} from './topology-schema.ts'

/** One cable of a host: device `name` inside the host, plugged into `segment`. */
export interface Link {
  segment: string
  addresses: string[]
  gateway?: string
}

export interface Host {
  groups: string[]
  /** Port on 127.0.0.1 that leads to the host's sshd. */
  ssh: number
  forwarding: boolean
  packages: string[]
  /** MiB that the host can write; undefined: what the machine has. */
  disk?: number
  /** It is the router of all providers. */
  bgp?: Provider
  loopback: string[]
  links: Record<string, Link>
  routes: {to: string; via: string}[]
}

/** AS number of the first provider, those of the others follow; AS number of the gateways. */
export interface Provider {
  as: number
  customer: number
}

/** What a topology file says, with its defaults filled in. */
export interface Topology {
  file: string
  name: string
  /** The operator's namespace, on the segment `link`. */
  control: {link: string; addresses: string[]}
  /** Segment name to its subnets. */
  segments: Record<string, string[]>
  reserved: string[]
  hosts: Record<string, Host>
}

/** The topology file or an argument is wrong, or this machine cannot carry a lab: nothing was touched. */
export class LabUsageError extends Error {
  override name = 'LabUsageError'
}

export const standardTopologyFile = resolve(import.meta.dirname, 'topology.yml')

/**
 * Reads and checks a topology file.
 * @throws LabUsageError with every problem of the file, one a line
 */
export function loadTopology(file: string = standardTopologyFile): Topology {
  const document = parse(file)
  const validate = new Ajv({allErrors: true}).compile<TopologyFile>(topologySchema)
  if (!validate(document)) throw refused(file, (validate.errors ?? []).map(shapeProblem))
  const topology = withDefaults(resolve(file), document)
  const crossed = topologyProblems(topology)
  if (crossed.length > 0) throw refused(file, crossed)
  return topology
}

type HostFile = Partial<Host> & {ssh: number; links: Record<string, Partial<Link> & {addresses: string[]}>}
type TopologyFile = Omit<Topology, 'hosts' | 'file'> & {hosts: Record<string, HostFile>}

function parse(file: string): unknown {
  try {
    return load(readFileSync(file, 'utf8'), {filename: file})
  } catch (error) {
    throw new LabUsageError(`${file}: ${messageOf(error)}`)
  }
}

function shapeProblem({instancePath, message, params}: ErrorObject): string {
  const unknown = params.additionalProperty === undefined ? '' : `: ${params.additionalProperty}`
  return `${instancePath || '/'}: ${message}${unknown}`
}

function refused(file: string, problems: string[]): LabUsageError {
  return new LabUsageError(problems.map(problem => `${file}: ${problem}`).join('\n'))
}

function withDefaults(file: string, document: TopologyFile): Topology {
  const hosts = Object.entries(document.hosts).map(([name, host]) => {
    const links = Object.entries(host.links).map(
      ([link, value]) => [link, {...value, segment: value.segment ?? link}] as const,
    )
    const defaults = {groups: [], forwarding: false, packages: [], loopback: [], routes: []}
    return [name, {...defaults, ...host, links: Object.fromEntries(links)}] as const
  })
  return {...document, reserved: document.reserved ?? [], file, hosts: Object.fromEntries(hosts)}
}

/**
 * The host of that name.
 * @throws LabUsageError that lists the hosts there are
 */
export function hostOf(topology: Topology, name: string): Host {
  const host = topology.hosts[name]
  if (!host)
    throw new LabUsageError(`no host ${name} in ${topology.file}; it has ${Object.keys(topology.hosts).join(', ')}`)
  return host
}

/**
 * The link of that name.
 * @throws LabUsageError that lists the links there are
 */
export function linkOf(topology: Topology, name: string, link: string): Link {
  const {links} = hostOf(topology, name)
  const found = links[link]
  if (!found) throw new LabUsageError(`${name} has no link ${link}; it has ${Object.keys(links).join(', ')}`)
  return found
}

/** The address (without prefix length) on which control reaches the host. */
export function managementAddress(topology: Topology, name: string): string {
  const link = Object.values(hostOf(topology, name).links).find(({segment}) => segment === topology.control.link)
  const address = link?.addresses[0]?.split('/')[0]
  if (!address) throw new LabUsageError(`${name} has no address on ${topology.control.link}`)
  return address
}
