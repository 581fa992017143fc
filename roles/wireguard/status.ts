import type {TaskContext} from 'gatewright'

export type Shell = TaskContext['$']

/** One peer as `wg show all dump` has it; times are Unix seconds, 0 for never. */
export type PeerStatus = {
  readonly device: string
  readonly key: string
  readonly endpoint: string
  readonly shookAt: number
  readonly received: number
  readonly sent: number
}
export type Status = {
  /** By the host's clock. */
  readonly now: number
  /** Device -> its public key. */
  readonly devices: Readonly<Record<string, string>>
  readonly peers: readonly PeerStatus[]
}

export const statusOf = async ($: Shell): Promise<Status> => {
  // What is secret in it does not leave the host.
  const {stdout} =
    await $`date +%s; wg show all dump | awk -F '\t' 'NF == 5 { print $1, $3 } NF == 9 { print $1, $2, $4, $6, $7, $8 }'`
  return parseStatus(stdout)
}

export const parseStatus = (text: string): Status => {
  const [now = '0', ...lines] = text.trim().split('\n')
  const fields = lines.map(line => line.split(' '))
  return {
    now: Number(now),
    devices: Object.fromEntries(fields.filter(({length}) => length === 2).map(([name = '', key = '']) => [name, key])),
    peers: fields
      .filter(({length}) => length === 6)
      .map(([device = '', key = '', endpoint = '', shookAt, received, sent]) => ({
        device,
        key,
        endpoint,
        shookAt: Number(shookAt),
        received: Number(received),
        sent: Number(sent),
      })),
  }
}
