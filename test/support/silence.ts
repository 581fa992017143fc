import {coreNamespace, leaderPid, type Topology} from '../../lab/index.ts'
import {portOf} from '../../lab/names.ts'
import {must} from '../../lab/run.ts'

export type Silence = {
  /** What is dropped, in the words of nft, such as `udp dport 3784`; everything unless given. */
  readonly match?: string
  /** Frames that the host sends (`from`), those that it should get (`to`), or both. */
  readonly direction?: 'from' | 'to' | 'both'
}

const table = (host: string, link: string): string => `netdev silence-${host}-${link}`

/** Feeds nft in the lab's cabling room; the program is a host's, as this machine may have none. */
const nft = async (topology: Topology, host: string, rules: string): Promise<void> => {
  const enter = ['--target', String(await leaderPid(topology, host)), '--mount']
  const room = `--net=/run/netns/${coreNamespace(topology)}`
  await must(['nsenter', ...enter, room, '/usr/sbin/nft', '-f', '-'], {input: rules})
}

/**
 * Drops frames in the switch that a host's cable leads to, while both ends see their link up: what only a protocol's own
 * timers notice. It holds until `hear` or until the host is switched off.
 */
export const silence = async (topology: Topology, host: string, link: string, wanted: Silence = {}): Promise<void> => {
  const {match = '', direction = 'both'} = wanted
  const port = portOf(host, link)
  const chain = (hook: 'ingress' | 'egress'): string =>
    `chain ${hook} {\n type filter hook ${hook} device "${port}" priority -500\n ${match} counter drop\n}\n`
  await nft(
    topology,
    host,
    `table ${table(host, link)} {
${direction === 'to' ? '' : chain('ingress')}${direction === 'from' ? '' : chain('egress')}}\n`,
  )
}

/** Ends what `silence` began; nothing happens where nothing is dropped. */
export const hear = async (topology: Topology, host: string, link: string): Promise<void> => {
  await nft(topology, host, `table ${table(host, link)}\ndelete table ${table(host, link)}\n`)
}
