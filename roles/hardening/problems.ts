import {contains, networkOf, type OfferContext, type RoleProblem} from 'gatewright'
import type {HardeningVars} from './schema.ts'
import {uplinksOf} from './view/firewall.ts'
import {familyOf, networksOf} from './view/network.ts'
import {protocolNames, protocolNumber} from './view/protocols.ts'

type Context = OfferContext<HardeningVars>

/** The rules over the variables of a gateway and its peers that can be told before connecting. */
export const problems = (context: Context): readonly RoleProblem[] => [
  ...linkProblems(context),
  ...addressProblems(context.vars),
  ...protocolProblems(context.vars),
  ...forwardProblems(context.vars),
  ...exposureProblems(context.vars),
  ...spoofProblems(context),
  ...accountProblems(context.vars),
  ...context.peers.flatMap(peer => peerProblems(context.vars, peer)),
]

const linkProblems = ({vars, host}: Context): RoleProblem[] => {
  const named: [variable: string, links: readonly (string | undefined)[]][] = [
    ['management_link', [vars.management_link]],
    ['allow', vars.allow.map(({link}) => link)],
    ['forward', vars.forward.flatMap(({from, to}) => [from, to].flat())],
    ['uplinks', vars.uplinks ?? []],
    ['ntp_peer_link', [vars.ntp_peer_link]],
  ]
  return named.flatMap(([variable, links]) =>
    [...new Set(links)]
      .filter(link => link !== undefined && !host.links[link])
      .map(link => ({
        rule: 'hardening-link',
        variable,
        what: `${host.name} has no link "${link}"; its links are ${Object.keys(host.links).join(', ') || 'none'}`,
        fix: 'name one of them, or add it to `links` of the host',
      })),
  )
}

const addressProblems = (vars: HardeningVars): RoleProblem[] =>
  (
    [
      ['management_from', vars.management_from],
      ['allow', vars.allow.flatMap(({from = [], to = []}) => [...from, ...to])],
      ['forward', vars.forward.flatMap(({source = [], destination = []}) => [...source, ...destination])],
    ] as const
  ).flatMap(([variable, addresses]) =>
    addresses
      .filter(address => networkOf(address) === undefined)
      .map(address => ({
        rule: 'hardening-address',
        variable,
        what: `'${address}' is no address and no prefix`,
        fix: 'write for example 10.10.0.0/24 or fd00:10:10::/64',
      })),
  )

const protocolProblems = (vars: HardeningVars): RoleProblem[] =>
  (
    [
      ['allow', vars.allow.map(({from = [], to = [], ...rest}) => ({...rest, sides: [from, to]}))],
      [
        'forward',
        vars.forward.map(({source = [], destination = [], ...rest}) => ({...rest, sides: [source, destination]})),
      ],
    ] as const
  ).flatMap(([variable, entries]) =>
    entries.flatMap(({protocol, ports = [], sides}): RoleProblem[] => {
      const number = protocol === undefined ? undefined : protocolNumber(protocol)
      const [one = [], other = []] = sides
      return [
        ...(protocol !== undefined && number === undefined
          ? [
              {
                rule: 'hardening-protocol',
                variable,
                what: `'${protocol}' is no IP protocol`,
                fix: `use a number, or one of ${protocolNames.join(', ')}`,
              },
            ]
          : []),
        ...(ports.length > 0 && ![6, 17, 132].includes(number ?? 0)
          ? [
              {
                rule: 'hardening-port',
                variable,
                what: `${protocol ?? 'every protocol'} has no ports, but ${ports.join(', ')} is given`,
                fix: 'say `protocol: tcp` or `udp`',
              },
            ]
          : []),
        ...ports
          .filter(port => !isPort(port))
          .map(port => ({
            rule: 'hardening-port',
            variable,
            what: `'${port}' is no port and no range of ports`,
            fix: 'write for example 443 or 8000-8010',
          })),
        ...(one.length > 0 && other.length > 0 && !one.some(a => other.some(b => familyOf(a) === familyOf(b)))
          ? [
              {
                rule: 'hardening-family',
                variable,
                what: `no packet is from ${one.join(', ')} and to ${other.join(', ')}: one is IPv4, the other IPv6`,
                fix: 'give addresses of one family',
              },
            ]
          : []),
      ]
    }),
  )

const isPort = (port: string | number): boolean => {
  const [first = Number.NaN, last = first, ...more] = String(port).split('-').map(Number)
  return (
    more.length === 0 &&
    [first, last].every(each => Number.isInteger(each) && each > 0 && each < 65_536) &&
    first <= last
  )
}

const forwardProblems = ({management_link: management, forward}: HardeningVars): RoleProblem[] =>
  forward
    .filter(({from, to}) => management !== undefined && [from, to].flat().includes(management))
    .map(() => ({
      rule: 'hardening-forward-management',
      variable: 'forward',
      what: `it names ${management}, the management link, to and from which nothing passes`,
      fix: 'reach managed hosts through a jump over the gateway, which SSH does (ProxyJump)',
    }))

/** Ports of SSH and of agents that tell all about a host: Prometheus' exporters and Zabbix' agent. */
const managementPorts = [9100, 9115, 9342, 10050] as const

/** Management is answered on its own link: what is let in elsewhere is an invitation. */
const exposureProblems = ({management_link: management, ssh_port, allow}: HardeningVars): RoleProblem[] =>
  management === undefined
    ? []
    : allow
        .filter(({link, protocol}) => link !== management && protocolNumber(protocol) === 6)
        .flatMap(({link, ports = [], purpose}) =>
          [ssh_port, ...managementPorts]
            .filter(port => ports.length === 0 || ports.some(range => isWithin(port, range)))
            .slice(0, 1)
            .map(port => ({
              rule: 'hardening-exposed',
              variable: 'allow',
              what: `"${purpose}" lets port ${port} in on ${link ?? 'every link'}, and management is on ${management}`,
              fix: `say \`link: ${management}\`, or name the ports that are meant`,
            })),
        )

const isWithin = (port: number, range: string | number): boolean => {
  const [first = 0, last = first] = String(range).split('-').map(Number)
  return first <= port && port <= last
}

/** A permit that the rule against spoofing would make void. */
const spoofProblems = ({vars, host}: Context): RoleProblem[] => {
  const inside = Object.keys(host.links).filter(name => !uplinksOf(vars, host).includes(name))
  return vars.allow.flatMap(({from = [], link}) =>
    from.flatMap(source => {
      const owners = inside.filter(name =>
        host.links[name]?.addresses.some(own => contains(own, source.split('/')[0] ?? '')),
      )
      return link === undefined || owners.length === 0 || owners.includes(link)
        ? []
        : [
            {
              rule: 'hardening-spoofed',
              variable: 'allow',
              what: `${source} is on ${owners.join(', ')}, so nothing from there is accepted on ${link}`,
              fix: `say \`link: ${owners[0]}\`, or leave the link out`,
            },
          ]
    }),
  )
}

const accountProblems = (vars: HardeningVars): RoleProblem[] =>
  vars.operators
    .filter(({name}) => vars.accounts_removed.includes(name))
    .map(({name}) => ({
      rule: 'hardening-account',
      variable: 'accounts_removed',
      what: `${name} is one of hardening_operators`,
      fix: 'take it out of one of the two',
    }))

/** Both gateways of a pair let the same through: else a session ends where the address moves. */
const equal = [
  'firewall',
  'management_link',
  'management_from',
  'forward',
  'uplinks',
  'ssh_port',
  'conntrack_max',
  'time',
] as const

const peerProblems = (vars: HardeningVars, peer: Context['peers'][number]): RoleProblem[] => [
  ...equal
    .filter(variable => JSON.stringify(vars[variable]) !== JSON.stringify(peer.vars[variable]))
    .map(variable => ({
      rule: 'hardening-pair',
      variable,
      what: `it differs from that of ${peer.name}: sessions would end when the address moves`,
      fix: 'set it once, in the group of the pair',
      also: {host: peer.name},
    })),
  ...missingOn(vars, peer),
]

/** An `allow` of one gateway that the other lacks; `to` may name each one's own address. */
const missingOn = (vars: HardeningVars, peer: Context['peers'][number]): RoleProblem[] => {
  const text = ({protocol, ports = [], from = [], link}: HardeningVars['allow'][number]): string =>
    JSON.stringify([protocol, ports, networksOf(from), link])
  const there = new Set(peer.vars.allow.map(text))
  return vars.allow
    .filter(entry => !there.has(text(entry)))
    .map(({purpose}) => ({
      rule: 'hardening-pair',
      variable: 'allow',
      what: `${peer.name} does not let in "${purpose}": it would end when the address moves`,
      fix: 'set it once, in the group of the pair',
      also: {host: peer.name},
    }))
}
