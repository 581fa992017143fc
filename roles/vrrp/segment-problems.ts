import type {LiveProblem} from 'gatewright'
import {type Context, type Device, isFirst} from './found.ts'
import {sharedLinks} from './segments.ts'
import {bare, canonical} from './subnet.ts'
import {advertLinks, trackLinksOf, type VrrpVars} from './view.ts'

/** Whether the devices of the pair are what a segment needs at both ends. */
export const segmentProblems = (context: Context): LiveProblem[] => [
  ...cables(context),
  ...sizes(context),
  ...clones(context),
  ...silence(context),
]

const variableOf = (vars: VrrpVars, link: string): string =>
  advertLinks(vars).includes(link) && vars.layout === 'tracked-single' ? 'sync_link' : 'addresses'

/** A cable that is out is a fault for which the pair is there, and no reason to leave it alone. */
const cables = ({vars, host, facts}: Context): LiveProblem[] =>
  [...new Set([...sharedLinks(vars), ...trackLinksOf(vars)])].flatMap((link): LiveProblem[] => {
    const device = facts.links[host.links[link]?.device ?? '']
    if (!device || isReady(device)) return []
    return [
      {
        rule: 'vrrp-link-down',
        variable: variableOf(vars, link),
        what: `${host.links[link]?.device}, the device of ${link}, ${device.up ? 'has no carrier' : 'is not up'}`,
        fix: device.up ? 'look at the cable and at what is at its other end' : 'set it up, at boot too',
        isAdvice: true,
      },
    ]
  })

const isReady = ({up, carrier}: Device): boolean => up && carrier

/** Each link that both gateways have, with its devices. */
const ends = (context: Context) =>
  context.peers.flatMap(peer =>
    sharedLinks(context.vars).flatMap(link => {
      const here = context.facts.links[context.host.links[link]?.device ?? '']
      const there = peer.facts.links[peer.links[link]?.device ?? '']
      return here && there ? [{link, peer, here, there}] : []
    }),
  )

/** Larger packets of the one never reach the other, and small ones do: the pair looks well until there is much to say. */
const sizes = (context: Context): LiveProblem[] =>
  ends(context)
    .filter(({here, there}) => here.mtu !== there.mtu)
    .map(({link, peer, here, there}) => ({
      rule: 'vrrp-mtu',
      variable: variableOf(context.vars, link),
      what: `the MTU of ${link} is ${here.mtu} here and ${there.mtu} on ${peer.name}`,
      fix: 'give both ends of the segment the same',
      also: {host: peer.name},
    }))

/** A cloned machine: the switch sends what is for the one to the other. */
const clones = (context: Context): LiveProblem[] =>
  ends(context)
    .filter(({peer, here, there}) => isFirst(context, peer) && /[1-9a-f]/.test(here.mac) && here.mac === there.mac)
    .map(({link, peer, here}) => ({
      rule: 'vrrp-same-mac',
      variable: variableOf(context.vars, link),
      what: `${here.mac} is the hardware address of ${link} here and on ${peer.name}`,
      fix: 'give one of the machines another, or correct its ansible_host if both are the same machine',
      also: {host: peer.name},
    }))

/** Nobody answers for an address of the peer, although there is a carrier at both ends: they are in different segments. */
const silence = (context: Context): LiveProblem[] =>
  ends(context)
    .filter(({here, there}) => isReady(here) && isReady(there))
    .flatMap(({link, peer}) => {
      const device = context.host.links[link]?.device
      const theirs = new Set((peer.links[link]?.addresses ?? []).map(canonical))
      return context.facts.answers
        .filter(each => each.device === device && each.is === 'silent' && theirs.has(canonical(each.address)))
        .map(({address}) => ({
          rule: 'vrrp-peer-silent',
          variable: variableOf(context.vars, link),
          what: `nobody answers for ${bare(address)} of ${peer.name} on ${link}: the two are not in one segment (VLAN)`,
          fix: `look at the port of the switch, and whether ${peer.name} has that address`,
          also: {host: peer.name},
          isAdvice: true as const,
        }))
    })
