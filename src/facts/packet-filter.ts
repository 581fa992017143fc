import {$} from '../shell/command.ts'
import type {Fact} from './fact.ts'

/** A chain of nftables: one with a hook sees packets by itself. */
export type FilterChain = {
  readonly family: string
  readonly table: string
  readonly name: string
  readonly hook?: string
  /** Of the family netdev: the device whose packets it sees. */
  readonly device?: string
  readonly policy?: string
  readonly rules: readonly string[]
}

/** Every chain of the host, as `nft list ruleset` prints it; undefined where there is no nft or it may not be asked. */
export const packetFilter: Fact<readonly FilterChain[] | undefined> = {
  name: 'packet filter',
  command: $`command -v nft >/dev/null || exit 1; nft list ruleset`,
  parse: ({code, stdout}) => (code === 0 ? chainsIn(stdout) : undefined),
}

type Reading = {family: string; table: string; chain: (FilterChain & {rules: string[]}) | undefined}

export const chainsIn = (text: string): readonly FilterChain[] => {
  const chains: FilterChain[] = []
  const at: Reading = {family: '', table: '', chain: undefined}
  for (const line of text.split('\n').map(each => each.trim())) {
    const table = /^table (\S+) (\S+) \{/.exec(line)
    const chain = /^chain (\S+) \{/.exec(line)
    const base = /^type \S+ hook (\S+) (?:devices? = )?(?:.*?device "([^"]+)")?.*?(?:policy (\w+);)?$/.exec(line)
    if (table) Object.assign(at, {family: table[1], table: table[2]})
    else if (chain) {
      at.chain = {family: at.family, table: at.table, name: chain[1] ?? '', rules: []}
      chains.push(at.chain)
    } else if (at.chain && base)
      Object.assign(at.chain, {
        hook: base[1],
        ...(base[2] !== undefined && {device: base[2]}),
        ...(base[3] !== undefined && {policy: base[3]}),
      })
    else if (line === '}') at.chain = undefined
    else if (at.chain && line !== '') at.chain.rules.push(line)
  }
  return chains
}

/** What packets have in common: one of these suffices for a rule to be about them. */
export type Traffic = {
  /** IP protocol, by number and name: `['112', 'vrrp']`. */
  readonly protocol?: readonly string[]
  readonly udpPorts?: readonly number[]
  readonly addresses?: readonly string[]
  readonly devices?: readonly string[]
}

/** Rules that drop or refuse such packets by name, and chains of a device that let nothing pass: `inet t input: rule`. */
export const dropsOf = (chains: readonly FilterChain[], traffic: Traffic): readonly string[] =>
  chains.flatMap(({family, table, name, hook, device, policy, rules}) => {
    const place = `${family} ${table} ${name}`
    const closed =
      family === 'netdev' && hook !== undefined && policy === 'drop' && (traffic.devices ?? []).includes(device ?? '')
    return [
      ...(closed ? [`${place}: nothing passes on ${device}`] : []),
      ...rules
        .filter(rule => /\b(drop|reject)\b/.test(bare(rule)) && concerns(rule, traffic))
        .map(rule => `${place}: ${rule}`),
    ]
  })

/** Without names and comments. */
const bare = (rule: string): string => rule.replaceAll(/"[^"]*"/g, '')

const concerns = (rule: string, {protocol = [], udpPorts = [], addresses = []}: Traffic): boolean => {
  const words = bare(rule).split(/[\s,{}]+/)
  const after = (keys: readonly string[]): readonly string[] =>
    words.flatMap((word, index) => (keys.includes(word) ? words.slice(index + 1) : []))
  return (
    after(['l4proto', 'protocol', 'nexthdr']).some(word => protocol.includes(word)) ||
    (words.includes('udp') && after(['dport', 'sport']).some(word => udpPorts.some(port => covers(word, port)))) ||
    after(['saddr', 'daddr']).some(word => addresses.includes(word))
  )
}

const covers = (word: string, port: number): boolean => {
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(word) ?? []
  return first !== undefined && Number(first) <= port && port <= Number(last ?? first)
}

/** A chain of this hook that drops what no rule lets pass has none for this protocol: `inet t input`. */
export const closedFor = (
  chains: readonly FilterChain[],
  hook: string,
  protocol: readonly string[],
): readonly string[] =>
  chains
    .filter(chain => chain.hook === hook && chain.policy === 'drop' && chain.family !== 'netdev')
    .filter(({rules}) => !rules.some(rule => /\baccept\b/.test(bare(rule)) && concerns(rule, {protocol})))
    .map(({family, table, name}) => `${family} ${table} ${name}`)
