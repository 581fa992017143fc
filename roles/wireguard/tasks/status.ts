import type {TaskFunction} from 'gatewright'
import {sessionSeconds} from '../health.ts'
import {type PeerStatus, statusOf} from '../status.ts'
import type {WireguardVars} from '../view.ts'

/** A table of the peers as the devices know them. */
const status: TaskFunction<WireguardVars> = async context => {
  const {$, vars} = context
  const {now, devices, peers} = await statusOf($)
  const known = vars.devices.flatMap(device =>
    device.peers.map(peer => {
      const found = peers.find(({device: name, key}) => name === device.name && key === peer.public_key)
      return {device: device.name, name: peer.name, found}
    }),
  )
  const age = (found: PeerStatus | undefined): number | undefined =>
    found === undefined || found.shookAt === 0 ? undefined : now - found.shookAt
  const rows = known.map(({device, name, found}) => [
    device,
    name,
    found?.endpoint ?? '-',
    age(found) === undefined ? 'never' : `${age(found)} s ago`,
    found ? bytes(found.received) : '-',
    found ? bytes(found.sent) : '-',
  ])
  for (const line of table([['device', 'peer', 'endpoint', 'handshake', 'received', 'sent'], ...rows]))
    context.log(line)
  const gone = vars.devices.filter(({name}) => !(name in devices))
  const silent = known.filter(({found}) => (age(found) ?? Number.POSITIVE_INFINITY) > sessionSeconds)
  return {
    changed: false,
    message: [
      `${known.length - silent.length} of ${known.length} peers connected`,
      ...(silent.length > 0 ? [`silent: ${silent.map(({device, name}) => `${name} on ${device}`).join(', ')}`] : []),
      ...(gone.length > 0 ? [`down: ${gone.map(({name}) => name).join(', ')}`] : []),
    ].join('; '),
  }
}
export default status

/** Nothing is changed, so check mode can do the same. */
export const plan = status

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
const bytes = (count: number): string => {
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, count)) / 10))
  return `${(count / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0))) ?? []
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
