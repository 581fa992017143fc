import type {TaskContext} from 'gatewright'

type Shell = TaskContext['$']

/** /run/gatewright/mwan/state.json. */
export type Status = {
  readonly time: number
  readonly steering: boolean
  readonly override: string | null
  readonly uplinks: readonly {
    readonly name: string
    readonly family: 4 | 6
    readonly state: 'up' | 'degraded' | 'down'
    readonly since: number
    readonly latency_p95_ms: number | null
    readonly loss_percent: number | null
    readonly flaps: number
    readonly damped: boolean
    readonly selected: boolean
    readonly targets_up: number
    readonly targets: number
  }[]
  readonly policies: Readonly<Record<string, {readonly ipv4: string; readonly ipv6: string}>>
}

export const statusOf = async ($: Shell): Promise<Status> => {
  const {stdout, exitCode} = await $`cat /run/gatewright/mwan/state.json`.nothrow()
  if (exitCode !== 0) throw new Error('the tracker has written no state: see `journalctl -u gatewright-mwan`')
  return JSON.parse(stdout) as Status
}

/** One line for each uplink and family, and one for each policy. */
export const tableOf = ({time, uplinks, policies}: Status): string[] => {
  const rows = uplinks.map(uplink => [
    uplink.name,
    `IPv${uplink.family}`,
    uplink.state,
    `${time - uplink.since} s`,
    uplink.latency_p95_ms === null ? '-' : `${uplink.latency_p95_ms} ms`,
    uplink.loss_percent === null ? '-' : `${uplink.loss_percent} %`,
    `${uplink.targets_up}/${uplink.targets}`,
    `${uplink.flaps}${uplink.damped ? ' damped' : ''}`,
    uplink.selected ? 'yes' : 'no',
  ])
  const all = [['uplink', 'family', 'state', 'for', 'p95', 'lost', 'targets', 'flaps', 'chosen'], ...rows]
  const widths = all[0]?.map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0))) ?? []
  return [
    ...all.map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    ),
    ...Object.entries(policies).map(
      ([name, {ipv4, ipv6}]) => `policy ${name}: IPv4 ${ipv4 || 'none'}; IPv6 ${ipv6 || 'none'}`,
    ),
  ]
}
