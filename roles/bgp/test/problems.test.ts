import test from 'ava'
import '../../../src/resolve.ts'
import type {Peer} from '../../../src/role.ts'
import type {BgpVars, Neighbor} from '../sessions.ts'

const {Secret} = await import('../../../src/shell/secret.ts')
const {context, neighbor, peer, vars} = await import('./fixtures.ts')
const {problems} = await import('../problems.ts')
const {flawsOf} = await import('../semantics.ts')
const {offers} = await import('../offers.ts')
const {checkClaims} = await import('../../../src/preflight/claims.ts')
const {Findings} = await import('../../../src/diagnostics/findings.ts')

const rules = (changed: Partial<BgpVars>, theirs: Partial<BgpVars> = {}): string[] =>
  problems(context(changed, theirs)).map(({rule}) => rule)
const withNeighbor = (changed: Partial<Neighbor>): string[] =>
  rules({
    neighbors: [neighbor({address: '192.0.2.1', asn: 64500, link: 'wan-a', class: 'transit', ...changed})],
  })

test('the lab is as it should be', t => {
  t.deepEqual(problems(context()), [])
})

test('a wrong prefix: no network, bits behind its length, too small for anybody, a bogon, not ours', t => {
  t.deepEqual(rules({networks: ['203.0.113.128']}), ['bgp-network'])
  t.deepEqual(rules({networks: ['203.0.113.129/25']}), ['bgp-network'])
  t.deepEqual(rules({networks: ['2001:db8:5000:1::/48']}), ['bgp-network'])
  t.deepEqual(rules({networks: ['203.0.113.128/32']}), ['bgp-network'])
  t.deepEqual(rules({networks: ['0.0.0.0/0']}), ['bgp-network', 'bgp-network'])
  t.deepEqual(rules({networks: ['10.9.0.0/16']}), ['bgp-network'])
  const [bogon] = problems(context({networks: ['10.9.0.0/16']}))
  t.is(bogon?.what, '10.9.0.0/16 is part of the bogon 10.0.0.0/8: no neighbor would take it')
  t.deepEqual(rules({networks: ['203.0.113.0/24'], allocations: ['203.0.113.128/25']}), ['bgp-network'])
  t.deepEqual(rules({networks: ['203.0.113.128/26'], allocations: ['203.0.113.128/25']}), [])
})

test('without bogons of its own, documentation prefixes are bogons as everywhere', t => {
  const {bogons: _, ...without} = context().vars
  t.deepEqual(
    problems({...context(), vars: without, peers: []}).map(({rule}) => rule),
    ['bgp-network', 'bgp-network'],
  )
})

test('prefixes and router-ids have one owner: another site may not have them', t => {
  const offersAt = (site: string, changed: Partial<BgpVars>) => {
    const own = context(changed)
    const moved = {...own, host: {...own.host, name: `${site}-gw`, pair: site}, peers: []}
    return offers(moved).map(offer => ({offer, host: `${site}-gw`, role: 'bgp', at: undefined}))
  }
  const told = (changed: Partial<BgpVars>): string[] => {
    const findings = new Findings()
    checkClaims([], [...offersAt('one', {}), ...offersAt('two', changed)], findings)
    return findings.all().map(({what}) => what)
  }
  t.deepEqual(told({networks: ['198.18.0.0/16'], router_id: '10.0.0.9'}), [])
  t.regex(told({networks: ['203.0.113.192/26'], router_id: '10.0.0.9'})[0] ?? '', /prefix 203\.0\.113\.192\/26 of two/)
  t.regex(told({networks: []})[0] ?? '', /router-id 10\.10\.255\.2 of two-gw is also that of one-gw/)
})

test('the relation of AS numbers is what the class says, and reserved numbers are nobody', t => {
  t.deepEqual(withNeighbor({asn: 65010}), ['bgp-asn'])
  t.deepEqual(withNeighbor({class: 'ibgp'}), ['bgp-asn'])
  t.deepEqual(withNeighbor({asn: 23456}), ['bgp-asn'])
  t.deepEqual(withNeighbor({class: 'ibgp', asn: 65010}), [])
  t.deepEqual(rules({asn: 65535}), ['bgp-asn'])
  t.deepEqual(rules({router_id: '0.0.0.0'}), ['bgp-router-id'])
})

test('a neighbor is on a link of ours, in its subnet, somebody else, and there once', t => {
  t.deepEqual(withNeighbor({link: 'wan-c'}), ['bgp-link'])
  t.deepEqual(withNeighbor({address: '192.0.9.1'}), ['bgp-subnet'])
  t.deepEqual(withNeighbor({address: '192.0.2.2'}), ['bgp-neighbor'])
  t.deepEqual(withNeighbor({address: '192.0.2.1/24'}), ['bgp-neighbor'])
  t.deepEqual(rules({neighbors: [...vars.neighbors, ...vars.neighbors.slice(0, 1)]}), ['bgp-neighbor'])
  t.deepEqual(withNeighbor({next_hop: '192.0.2.10'}), [])
  t.deepEqual(withNeighbor({next_hop: '192.0.3.10'}), ['bgp-next-hop'])
})

test('who is not on the segment, or does without GTSM, has a password', t => {
  t.deepEqual(withNeighbor({gtsm: false}), ['bgp-security'])
  t.deepEqual(withNeighbor({gtsm: false, password: new Secret('x')}), [])
  t.deepEqual(withNeighbor({address: '192.0.9.1', multihop: 3, gtsm: false}), ['bgp-security'])
  t.deepEqual(withNeighbor({address: '192.0.9.1', multihop: 3, gtsm: false, password: new Secret('x')}), [])
  t.deepEqual(withNeighbor({multihop: 3, password: new Secret('x')}), ['bgp-security'])
})

test('a list of what is accepted has something in it', t => {
  t.deepEqual(withNeighbor({import: 'list'}), ['bgp-import'])
  t.deepEqual(withNeighbor({import: 'list', import_list: ['2001:db8:77::/48']}), ['bgp-import'])
  t.deepEqual(withNeighbor({import: 'list', import_list: ['193.0.0.0/21']}), [])
  t.deepEqual(withNeighbor({import: 'list', import_list: ['193.0.0.0/21', '193.0.0.1/21']}), ['bgp-import'])
  t.deepEqual(withNeighbor({import_list: ['193.0.0.0/21']}), ['bgp-import'])
})

test('silence is noticed in time: the hold time of 180 s that FRR has without settings is refused', t => {
  t.deepEqual(rules({keepalive: 60, hold: 180}), ['bgp-budget'])
  t.deepEqual(rules({keepalive: 4}), ['bgp-budget'])
  const slow = {...vars.bfd_profiles, wan: {interval: 400, multiplier: 3}}
  t.deepEqual(rules({bfd_profiles: slow}), ['bgp-budget'])
  t.is(problems(context({bfd_profiles: slow}))[0]?.what, '"wan" notices silence after 1.2 s, the limit is 1 s')
  t.deepEqual(rules({bfd_profiles: {...vars.bfd_profiles, unused: {interval: 4000, multiplier: 10}}}), [])
})

test('what FRR takes without a word is refused before deployment: a missing route map, BFD profile, an unpoliced neighbor', t => {
  t.deepEqual(withNeighbor({bfd: 'nope'}), ['bgp-undefined'])
  t.deepEqual(withNeighbor({import_map: 'CUSTOMER'}), ['bgp-undefined'])
  t.deepEqual(rules({extra_config: ['router bgp 65010', ' neighbor 192.0.2.77 timers 3 9', 'exit']}), [
    'bgp-undeclared',
  ])
  const extra = [
    'router bgp 65010',
    ' neighbor 192.0.2.77 remote-as 64777',
    ' !',
    ' address-family ipv4 unicast',
    '  neighbor 192.0.2.77 activate',
    '  neighbor 192.0.2.77 route-map ALL out',
    ' exit-address-family',
    'exit',
    'route-map ALL permit 10',
    'exit',
  ]
  const [found, ...more] = problems(context({extra_config: extra}))
  t.deepEqual([found?.rule, found?.variable, more], ['bgp-unpoliced', 'extra_config', []])
  t.is(found?.what, 'neighbor 192.0.2.77 has no route map for what it sends')
})

for (const [line, what] of [
  [' match ip address prefix-list nope', 'IPv4 prefix list'],
  [' match ipv6 address prefix-list nope', 'IPv6 prefix list'],
  [' match community nope', 'community list'],
  [' match as-path nope', 'AS path list'],
  [' call nope', 'route map'],
  ['  redistribute kernel route-map nope', 'route map'],
] as const)
  test(`a ${what} that is not there is found in "${line.trim()}"`, t => {
    t.deepEqual(flawsOf(`route-map X permit 10\n${line}\nexit\n`), [
      {rule: 'bgp-undefined', what: `the ${what} "nope" is named and not defined`},
    ])
  })

test('both gateways agree, and can speak with each other', t => {
  t.deepEqual(rules({}, {asn: 65011}), ['bgp-pair'])
  t.deepEqual(rules({}, {networks: []}), ['bgp-pair'])
  t.deepEqual(rules({}, {ibgp_password: new Secret('one')}), ['bgp-pair'])
  t.deepEqual(rules({ibgp_password: new Secret('one')}, {ibgp_password: new Secret('one')}), [])
  t.deepEqual(rules({ibgp_link: 'wan-c'}), ['bgp-ibgp'])
  t.deepEqual(problems(context({}, {follow: ''}))[0]?.also, {host: 'gw2'})
})

for (const [variable, value] of Object.entries({
  allocations: ['203.0.113.0/24'],
  bogons: ['10.0.0.0/8'],
  follow: '',
  standby: 'nothing',
  standby_prepend: 3,
  ibgp_bfd: 'wan',
  keepalive: 2,
  hold: 8,
  bfd_profiles: {...vars.bfd_profiles, wan: {interval: 200, multiplier: 3}},
} satisfies Partial<BgpVars>))
  test(`a pair must agree on ${variable}`, t => {
    const [problem] = problems({
      ...context({}, {[variable]: value}),
      vars: {...vars, networks: ['203.0.113.128/26', '2001:db8:5000::/48']},
      peers: [{...peer, vars: {...peer.vars, networks: ['203.0.113.128/26', '2001:db8:5000::/48'], [variable]: value}}],
    })
    t.like(problem, {rule: 'bgp-pair', variable, also: {host: 'gw2'}})
  })

/** Another gateway of the inventory, which is provider A. */
const provider = (changed: Partial<Neighbor> = {}, theirs: Partial<BgpVars> = {}): Peer<BgpVars> => ({
  name: 'provider',
  pair: undefined,
  site: 'exchange',
  links: {customer: {device: 'eth0', addresses: ['192.0.2.1/24']}},
  vars: {
    ...vars,
    asn: 64500,
    networks: [],
    neighbors: [neighbor({address: '192.0.2.2', asn: 65010, link: 'customer', class: 'peer', ...changed})],
    ...theirs,
  },
})
const facing = (far: Peer<BgpVars>, changed: Partial<BgpVars> = {}) =>
  problems({...context(changed), others: [far]}).map(({rule, what}) => `${rule}: ${what}`)

test('both ends of a session that are in the inventory say the same of it', t => {
  t.deepEqual(facing(provider()), [])
  t.deepEqual(facing(provider({}, {asn: 64511})), [
    'bgp-far-end: 192.0.2.1 is provider, whose AS is 64511 and not 64500',
  ])
  t.deepEqual(facing(provider({asn: 65011})), ['bgp-far-end: 192.0.2.1 is provider, which takes us for AS 65011'])
  t.deepEqual(facing(provider({password: new Secret('x')})), [
    'bgp-far-end: 192.0.2.1 is provider, which has another password for it',
  ])
  t.deepEqual(facing(provider({gtsm: false})), [
    'bgp-far-end: 192.0.2.1 is provider, where GTSM or multihop are otherwise: packets would have the wrong TTL',
  ])
  t.deepEqual(facing(provider({bfd: false})), [
    'bgp-far-end: 192.0.2.1 is provider, with BFD off there and 300 ms x 3 here',
  ])
  t.deepEqual(facing(provider({bfd: 'direct'})), [
    'bgp-far-end: 192.0.2.1 is provider, with BFD 100 ms x 3 there and 300 ms x 3 here',
  ])
  t.deepEqual(facing(provider({}, {neighbors: []})), [], 'which the flows of both tell')
  t.deepEqual(
    problems({...context(), others: [provider({bfd: false})]}).map(({also}) => also),
    [{host: 'provider'}],
  )
})

test('a network of another pair is not announced', t => {
  const far = {...provider(), links: {lan: {device: 'eth1', addresses: ['203.0.113.200/28']}}}
  t.deepEqual(facing(far), [
    'bgp-foreign-network: 203.0.113.128/25 holds 203.0.113.200/28 of provider (link lan), which is of another pair',
  ])
  t.deepEqual(facing({...far, links: {lan: {device: 'eth1', addresses: ['203.0.113.2/28']}}}), [])
})

test('who learns a default route claims it, so that nobody else sets one beside it', t => {
  const claimed = (changed: Partial<BgpVars>) =>
    offers(context(changed)).flatMap(offer =>
      offer.offer === 'claim' && offer.what === 'default route' ? [`${offer.value} in ${offer.within}`] : [],
    )
  t.deepEqual(claimed({}), ['IPv4 in table main of gw1', 'IPv6 in table main of gw1'])
  const listed = neighbor({
    address: '192.0.2.1',
    asn: 64500,
    link: 'wan-a',
    class: 'peer',
    import: 'list',
    import_list: ['193.0.0.0/21'],
  })
  t.deepEqual(claimed({ibgp: false, neighbors: [listed]}), [])
  t.deepEqual(claimed({ibgp: false, neighbors: [{...listed, import_list: ['0.0.0.0/0']}]}), [
    'IPv4 in table main of gw1',
  ])
})

test('offers: a flow per session and protocol, from the neighbor to our address; BFD of GTSM sessions is multihop', t => {
  const flows = offers(context()).flatMap(offer =>
    offer.offer === 'flow'
      ? [`${offer.protocol} ${offer.port} ${offer.from.join()} > ${offer.to?.join()} on ${offer.link}`]
      : [],
  )
  t.deepEqual(flows, [
    'tcp 179 192.0.2.1 > 192.0.2.2 on wan-a',
    'udp 4784 192.0.2.1 > 192.0.2.2 on wan-a',
    'tcp 179 2001:db8:a::1 > 2001:db8:a::2 on wan-a',
    'udp 4784 2001:db8:a::1 > 2001:db8:a::2 on wan-a',
    'tcp 179 198.51.100.1 > 198.51.100.2 on wan-b',
    'udp 4784 198.51.100.1 > 198.51.100.2 on wan-b',
    'tcp 179 10.10.255.3 > 10.10.255.2 on sync',
    'udp 3784 10.10.255.3 > 10.10.255.2 on sync',
  ])
  t.true(
    offers(context()).some(offer => offer.offer === 'claim' && offer.what === 'udp port' && offer.value === '3784'),
  )
})
