import {$, type Fact, type LiveContext, type RoleProblem, Unreadable} from 'gatewright'
import {conntrackLinks} from './conntrack-view.ts'
import {canonical} from './subnet.ts'
import {addressLinks, advertLinks, type VrrpVars} from './view.ts'

type Version = {readonly installed?: string; readonly candidate?: string}
type Device = {readonly mtu: number; readonly mac: string}
export type Neighbour = {readonly dst: string; readonly dev: string; readonly lladdr?: string}
type Facts = {
  readonly links: Readonly<Record<string, Device>>
  readonly neighbours: readonly Neighbour[]
  readonly keepalived: Version
  readonly conntrackd: Version
}

/** Who has answered for which address lately, ip-neighbour(8). */
export const neighbours: Fact<readonly Neighbour[]> = {
  name: 'neighbours',
  command: $`ip -j neighbour show`,
  parse({code, stdout, stderr}) {
    if (code !== 0) throw new Unreadable(`neighbours: ${stderr.trim() || `exit code ${code}`}`)
    const found: readonly Neighbour[] = stdout.trim() === '' ? [] : JSON.parse(stdout)
    return found
  },
}

/** The rules over what was found on both gateways. */
export const liveProblems = (context: LiveContext<VrrpVars, Facts>): readonly RoleProblem[] => [
  ...versions(context),
  ...sizes(context),
  ...strangers(context),
]

/** Another release of keepalived reads its timers in another way, and one of conntrackd may not understand the other. */
const versions = ({vars, facts, peers}: LiveContext<VrrpVars, Facts>): RoleProblem[] =>
  peers.flatMap(peer =>
    (['keepalived', 'conntrackd'] as const).flatMap(name => {
      const [here, there] = [facts, peer.facts].map(each => each[name].installed ?? each[name].candidate)
      if (here === undefined || there === undefined || here === there || (name === 'conntrackd' && !vars.conntrack))
        return []
      return [
        {
          rule: 'vrrp-versions',
          variable: 'router_id',
          what: `${name} ${here} here and ${there} on ${peer.name}: a pair runs one version`,
          fix: `upgrade ${name} on the older one`,
          also: {host: peer.name},
        },
      ]
    }),
  )

const sharedLinks = (vars: VrrpVars): string[] => [
  ...new Set([...advertLinks(vars), ...addressLinks(vars), ...(vars.conntrack ? conntrackLinks(vars) : [])]),
]

/** Larger packets of the one never reach the other, and small ones do: the pair looks well until there is much to say. */
const sizes = ({vars, host, facts, peers}: LiveContext<VrrpVars, Facts>): RoleProblem[] =>
  peers.flatMap(peer =>
    sharedLinks(vars).flatMap(link => {
      const [here, there] = [
        facts.links[host.links[link]?.device ?? '']?.mtu,
        peer.facts.links[peer.links[link]?.device ?? '']?.mtu,
      ]
      if (here === undefined || there === undefined || here === there) return []
      return [
        {
          rule: 'vrrp-mtu',
          variable: advertLinks(vars).includes(link) && vars.layout === 'tracked-single' ? 'sync_link' : 'addresses',
          what: `the MTU of ${link} is ${here} here and ${there} on ${peer.name}`,
          fix: 'give both ends of the segment the same',
          also: {host: peer.name},
        },
      ]
    }),
  )

/** A virtual address that somebody else answers for, before it is ours. */
const strangers = ({vars, facts, peers}: LiveContext<VrrpVars, Facts>): RoleProblem[] => {
  const ours = new Set(
    [facts, ...peers.map(peer => peer.facts)].flatMap(({links}) => Object.values(links).map(({mac}) => mac)),
  )
  return vars.addresses.flatMap(({address}) =>
    facts.neighbours
      .filter(({dst, lladdr}) => canonical(dst) === canonical(address) && lladdr !== undefined && !ours.has(lladdr))
      .map(({lladdr, dev}) => ({
        rule: 'vrrp-address-taken',
        variable: 'addresses',
        what: `${canonical(address)} is answered for by ${lladdr} on ${dev}, which is no gateway of this pair`,
        fix: 'take it from that machine, or choose another address',
      })),
  )
}
