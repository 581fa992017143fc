import {existsSync, readFileSync, renameSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {namespaceOf, type Topology} from '../../lab/index.ts'
import {digest} from '../../lab/names.ts'
import {must} from '../../lab/run.ts'
import {onHost} from './site.ts'

const source = join(import.meta.dirname, 'port-sweep.c')
const sourcePort = 45_678

/** The sender, compiled once per version of its source. The lab needs a compiler too. */
const program = async (): Promise<string> => {
  const path = join(tmpdir(), `gatewright-port-sweep-${digest(readFileSync(source, 'utf8')).slice(0, 12)}`)
  if (existsSync(path)) return path
  const partial = `${path}.${process.pid}`
  await must(['gcc', '-O2', '-o', partial, source])
  renameSync(partial, path)
  return path
}

/**
 * Sets that a host fills by itself with what comes from the sender: before any filter, and after it (the filter has priority
 * 0). For the test only, in a table of its own.
 */
const table = (filter: string): string => {
  const sets = ['arrived', 'passed'].flatMap(when =>
    ['tcp', 'udp'].map(protocol => `set ${when}_${protocol} { type inet_service; size 65536; flags dynamic; }`),
  )
  const chain = (when: string, hook: string): string => `chain ${when} {
    type filter hook ${hook}; policy accept;
    ${filter} tcp sport ${sourcePort} tcp flags & (syn | ack) == syn add @${when}_tcp { tcp dport }
    ${filter} udp sport ${sourcePort} add @${when}_udp { udp dport }
  }`
  return `table inet sweep
delete table inet sweep
table inet sweep {
${sets.join('\n')}
${chain('arrived', 'prerouting priority -310')}
${chain('passed', 'input priority 10')}
}
`
}

type Sets = Readonly<Record<'arrived_tcp' | 'arrived_udp' | 'passed_tcp' | 'passed_udp', ReadonlySet<number>>>
type Element = number | {elem: {val: number}}

const read = async (topology: Topology, host: string): Promise<Sets> => {
  const text = await onHost(topology, host, 'nft -j list table inet sweep')
  const {nftables} = JSON.parse(text) as {nftables: {set?: {name: string; elem?: Element[]}}[]}
  const of = (name: string): ReadonlySet<number> =>
    new Set(
      nftables
        .find(({set}) => set?.name === name)
        ?.set?.elem?.map(each => (typeof each === 'number' ? each : each.elem.val)) ?? [],
    )
  return {
    arrived_tcp: of('arrived_tcp'),
    arrived_udp: of('arrived_udp'),
    passed_tcp: of('passed_tcp'),
    passed_udp: of('passed_udp'),
  }
}

export type Swept = {
  readonly tcp: readonly number[]
  readonly udp: readonly number[]
  readonly answered: readonly number[]
}

/**
 * Sends to every one of `ports` of an address, from a host's network, as `from`; repeats what did not arrive, so that a port
 * which is not in the result was refused and not lost. `holders` are the hosts that may have the address.
 */
export const sweep = async (
  topology: Topology,
  sender: string,
  from: string,
  to: string,
  holders: readonly string[],
  ports: readonly number[],
): Promise<Swept> => {
  const family = to.includes(':') ? 'ip6' : 'ip'
  for (const host of holders)
    await onHost(topology, host, `nft -f - <<'END'\n${table(`${family} saddr ${from} ${family} daddr ${to}`)}END`)
  const [sent, answered] = [await program(), new Set<number>()]
  const network = `--net=/run/netns/${namespaceOf(topology, sender)}`
  let missing = ports
  let sets: Sets[] = []
  for (let round = 0; missing.length > 0; round++) {
    if (round === 10)
      throw new Error(`${missing.length} packets to ${to} got lost ten times: ${missing.slice(0, 9).join(', ')}`)
    const argv = ['nsenter', network, sent, from, to, String(sourcePort), '100']
    const open = await must(argv, {input: `${missing.join('\n')}\n`, timeoutMs: 120_000})
    for (const port of open.split('\n').filter(line => line !== '')) answered.add(Number(port))
    sets = await Promise.all(holders.map(host => read(topology, host)))
    missing = ports.filter(
      port =>
        !sets.some(({arrived_tcp}) => arrived_tcp.has(port)) || !sets.some(({arrived_udp}) => arrived_udp.has(port)),
    )
  }
  for (const host of holders) await onHost(topology, host, 'nft delete table inet sweep')
  const union = (name: keyof Sets): number[] =>
    [...new Set(sets.flatMap(set => [...set[name]]))].toSorted((a, b) => a - b)
  return {tcp: union('passed_tcp'), udp: union('passed_udp'), answered: [...answered].toSorted((a, b) => a - b)}
}
