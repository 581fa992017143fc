import {askIfUp} from './client.ts'
import type {HostStatus, LinkStatus} from './protocol.ts'
import type {Topology} from './topology.ts'

/** A lab as `lab status` shows it. */
export interface LabStatus {
  name: string
  up: boolean
  /** Where its `up` was run from. */
  checkout?: string
  /** Process id of the supervisor. */
  supervisor?: number
  hosts: Record<string, HostStatus & {ssh: number}>
}

/** What runs and which links suffer; a lab that is down has all hosts off. */
export async function status(topology: Topology): Promise<LabStatus> {
  const supervisor = await askIfUp(topology, {op: 'status'})
  const hosts = Object.entries(topology.hosts).map(([name, {ssh, links}]) => {
    const whole = Object.fromEntries(Object.keys(links).map(link => [link, {cut: false}]))
    const off: HostStatus = {state: 'off', nspawn: 0, leader: 0, boots: 0, links: whole}
    return [name, {ssh, ...(supervisor?.hosts[name] ?? off)}] as const
  })
  return {
    name: topology.name,
    up: supervisor !== undefined,
    ...(supervisor ? {checkout: supervisor.checkout, supervisor: supervisor.pid} : {}),
    hosts: Object.fromEntries(hosts),
  }
}

/** The status as lines for a person. */
export function statusLines({name, up, hosts}: LabStatus): string[] {
  const rows = Object.entries(hosts).map(([host, {state, ssh, links, problem}]) => [
    host,
    state,
    `127.0.0.1:${ssh}`,
    Object.entries(links)
      .map(([link, value]) => `${link} ${linkText(value)}`)
      .join(', ') + (problem ? `  (${problem})` : ''),
  ])
  const table = [['HOST', 'STATE', 'SSH', 'LINKS'], ...rows]
  const widths = [0, 1, 2].map(column => Math.max(...table.map(row => (row[column] ?? '').length)))
  return [
    `lab ${name}: ${up ? 'up' : 'down'}`,
    ...table.map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    ),
  ]
}

function linkText({cut, degraded}: LinkStatus): string {
  if (cut) return 'cut'
  if (!degraded) return 'up'
  const {delayMs, lossPercent, rateMbit} = degraded
  const parts = [
    delayMs > 0 ? `${delayMs} ms` : '',
    lossPercent > 0 ? `${lossPercent} % loss` : '',
    rateMbit > 0 ? `${rateMbit} Mbit/s` : '',
  ]
  return `degraded [${parts.filter(Boolean).join(' ')}]`
}
