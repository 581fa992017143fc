import {join} from 'node:path'
import {labExec, loadTopology, reset, type Topology, up} from '../../lab/index.ts'
import {root} from './gatewright.ts'

export const inventory = join(root, 'inventory/lab')
/** A project of its own, whose only role is vrrp. */
export const site = join(root, 'test/fixtures/vrrp/playbooks/site.yml')

/** The standard lab, all of its hosts pristine whatever was done on them before. */
export const labUp = async (): Promise<Topology> => {
  const topology = loadTopology(join(root, 'lab/topology.yml'))
  await up(topology)
  await fresh(topology, ...Object.keys(topology.hosts))
  return topology
}

/** Pristine hosts, as after the installation of Debian. */
export const fresh = async (topology: Topology, ...hosts: string[]): Promise<void> => {
  await reset(topology, hosts)
  // IPv6 addresses are tentative for a second or two, and then their routes appear by themselves.
  for (const host of hosts)
    await onHost(topology, host, 'until [ -z "$(ip -6 address show tentative)" ]; do sleep 0.2; done')
}

/** Runs a shell script as root on a host, past its network; throws when it fails. */
export const onHost = async (topology: Topology, host: string, script: string, timeoutMs = 60_000): Promise<string> => {
  const {code, stdout, stderr} = await labExec(topology, host, script, {timeoutMs})
  if (code !== 0) throw new Error(`on ${host}: ${script}\nended with ${code}: ${stderr || stdout}`)
  return stdout
}

export const full = process.env.GATEWRIGHT_TEST_FULL === '1'
/** All of a list in `npm run test:full`, a fixed sample of it in `npm test`. */
export const sample = <Item>(all: readonly Item[], chosen: readonly number[]): readonly Item[] =>
  full ? all : chosen.flatMap(index => all[index] ?? [])
