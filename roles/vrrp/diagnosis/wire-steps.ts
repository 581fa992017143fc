import {closedFor, dropsOf, type Wrong} from 'gatewright'
import type {OnWire} from '../on-wire.ts'
import {advertLinks} from '../view.ts'
import {speakingDevices} from './devices.ts'
import {again, type Context, replay, type Step} from './seen.ts'

const flows = ['no-failover'] as const
/** VRRP by number and by the name that nft prints (RFC 9568, 5.1.1.4; /etc/protocols). */
const protocol = ['112', 'vrrp']

export const wireSteps: readonly Step[] = [
  {
    id: 'vrrp-filter',
    flows,
    stage: 'filter',
    asks: 'does the packet filter let protocol 112 pass',
    look({vars, host, facts}) {
      const chains = facts.packetFilter
      if (chains === undefined) return undefined
      const drops = dropsOf(chains, {protocol, devices: speakingDevices(vars, host)})
      const closed = closedFor(chains, 'input', protocol)
      const means = 'advertisements are dropped on this gateway, so that it or its peer believes to be alone'
      return {
        saw: 'no rule drops it',
        wrong: [
          ...drops.map(rule => ({saw: rule, means, repair: unblock(host.name, rule)})),
          ...closed.map(chain => ({
            saw: `${chain} drops by default and lets no protocol 112 in`,
            means,
            repair: replay(host.name),
          })),
        ],
      }
    },
  },
  {
    id: 'vrrp-heard',
    flows,
    stage: 'path',
    asks: 'do advertisements of its peer arrive',
    unless: ['vrrp-link', 'vrrp-daemon'],
    look: context => heard(context),
  },
  {
    id: 'vrrp-spoken',
    flows,
    stage: 'far end',
    asks: 'do what it hears and what it is set to agree',
    unless: ['vrrp-settings', 'vrrp-daemon'],
    look: context => agreed(context),
  },
  {
    id: 'vrrp-versions',
    flows,
    stage: 'agreement',
    asks: 'do both run the same versions',
    look({host, facts, peers}) {
      const names = ['keepalived', 'conntrackd'] as const
      return {
        saw: names.map(name => `${name} ${facts[name].installed ?? 'missing'}`).join(', '),
        wrong: peers
          .filter(peer => host.name < peer.name)
          .flatMap(peer =>
            names
              .filter(name => facts[name].installed !== peer.facts[name].installed)
              .map(name => ({
                saw: `${name} ${facts[name].installed ?? 'missing'} here and ${peer.facts[name].installed ?? 'missing'} on ${peer.name}`,
                means: 'a pair runs one version: what one of them says the other may not understand',
                repair: `gatewright play playbooks/upgrade.yml --limit ${host.name},${peer.name}`,
              })),
          ),
      }
    },
  },
]

/** A table of our own drills is removed, and whatever somebody else has added by hand too; our own rules are written again. */
const unblock = (host: string, drop: string): string => {
  const [family = '', table = ''] = drop.split(' ')
  return /^gatewright_(?!drill)/.test(table)
    ? replay(host)
    : `gatewright exec ${host} --become -- nft delete table ${family} ${table}`
}

const sum = (all: readonly OnWire[]): number => all.reduce((total, {count}) => total + count, 0)

/** The peer says that it speaks, and nothing comes in here: it is lost on the way. */
const heard = ({host, facts, peers}: Context) => {
  const {onWire} = facts
  if (onWire === undefined) return undefined
  const incoming = onWire.filter(({way}) => way === 'in')
  const silent = peers.filter(peer => {
    const sent = (peer.facts.onWire ?? []).filter(({way}) => way === 'out')
    return sent.length > 0 && !sent.some(({source}) => incoming.some(each => each.source === source))
  })
  return {
    saw:
      incoming.length > 0
        ? `${sum(incoming)} of ${[...new Set(incoming.map(({source}) => source))].join(', ')}`
        : 'none, and its peer sends none',
    wrong: silent.map((peer): Wrong => {
      const sent = (peer.facts.onWire ?? []).filter(({way}) => way === 'out')
      return {
        saw: `${peer.name} has sent ${sum(sent)} advertisements on ${[...new Set(sent.map(({device}) => device))].join(', ')}, none has come in`,
        means:
          'something between the two drops them: a switch (VLAN, IGMP snooping), a cable to the wrong port, an address',
        repair: `look at the switch between ${peer.name} and ${host.name}, then gatewright diagnose no-failover`,
      }
    }),
  }
}

/** keepalived runs with something else than its file says, or the peer does. */
const agreed = ({vars, host, facts}: Context) => {
  const {onWire} = facts
  if (onWire === undefined) return undefined
  const devices = new Set(advertLinks(vars).flatMap(link => host.links[link]?.device ?? []))
  const own = new Set([vars.router_id, ...vars.instances.map(({router_id}) => router_id)])
  const spoken = onWire.filter(({device}) => devices.has(device))
  const strange = spoken.filter(({vrid, version, way}) => way === 'out' && (!own.has(vrid) || version !== 3))
  return {
    saw: spoken.length === 0 ? 'nothing was spoken' : spoken.map(textOf).join('; '),
    wrong: strange.map(each => ({
      saw: `it sends ${textOf(each)}, and its configuration says VRID ${[...own].join(', ')}, version 3`,
      means: 'keepalived has not read its configuration since that was changed',
      repair: again(host.name, 'keepalived'),
    })),
  }
}

const textOf = ({way, version, vrid, priority, interval, source}: OnWire): string =>
  `${way === 'in' ? `from ${source}` : 'own'}: VRID ${vrid}, version ${version}, priority ${priority}, every ${interval} s`
