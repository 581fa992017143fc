import test from 'ava'
import type {RoleProblem} from 'gatewright'
import '../../../src/resolve.ts'
import type {VrrpVars} from '../view.ts'
import {lab, office, type Pair} from './fixtures.ts'

const {masterDownInterval} = await import('../budget.ts')
const {problems} = await import('../problems.ts')
const {canonical, networkOf} = await import('../subnet.ts')

const of = ({host, peer, vars}: Pair): readonly RoleProblem[] => problems({vars, host, peers: [peer], others: []})
const rules = (pair: Pair): string[] => of(pair).map(({rule, variable}) => `${rule} ${variable}`)
/** The peer has other variables. */
const against = (changed: Partial<VrrpVars>, pair = lab()): Pair => ({
  ...pair,
  peer: {...pair.peer, vars: {...pair.peer.vars, ...changed}},
})
const linked = (pair: Pair, member: 'host' | 'peer', link: string, addresses: string[]): Pair => ({
  ...pair,
  [member]: {...pair[member], links: {...pair[member].links, [link]: {...pair[member].links[link], addresses}}},
})

test('both sites are as they should be', t => {
  t.deepEqual(of(lab()), [])
  t.deepEqual(of(office()), [])
})

test('the article that announces every second with priority 90 is refused: 3.65 s against a limit of 3 s', t => {
  t.is(masterDownInterval({interval: 1, count: 3, priority: 90}).toFixed(2), '3.65')
  const slow = (advert_interval: number): Pair => {
    const pair = lab({advert_interval})
    return {...pair, vars: {...pair.vars, priority: 90}}
  }
  t.deepEqual(of(slow(1)), [
    {
      rule: 'vrrp-budget',
      variable: 'advert_interval',
      what: 'a crash would be noticed after 3.65 s, the limit is 3 s',
      fix: 'set vrrp_advert_interval to 0.82 or less',
    },
  ])
  t.deepEqual(of(slow(0.82)), [])
  t.deepEqual(rules(lab({profile: 'vm-safe'})), ['vrrp-budget profile'])
  t.deepEqual(rules(lab({profile: 'vm-safe', failover_limit: 4})), [])
  t.deepEqual(rules(lab({advert_interval: 0.125})), ['vrrp-advert-interval advert_interval'])
})

for (const [variable, value] of Object.entries({
  layout: 'grouped',
  name: 'other',
  router_id: 111,
  advert_interval: 0.2,
  down_timer_adverts: 4,
  preempt: true,
  unicast: true,
  conntrack_port: 3781,
  conntrack_direct: false,
  conntrack_max: 1_000_000,
  nat: [],
  instances: [{name: 'dns', link: 'lan', router_id: 53, addresses: ['10.10.0.53/24'], priority: 100}],
} satisfies Partial<VrrpVars>))
  test(`a pair must agree on ${variable}`, t => {
    const [problem, ...others] = of(against({[variable]: value}))
    t.is(problem?.rule, 'vrrp-pair')
    t.is(problem?.variable, variable === 'advert_interval' ? 'profile' : variable)
    t.deepEqual(problem?.also, {host: 'gw2'})
    t.deepEqual(others, [])
  })

test('a pair must agree on the virtual addresses and their masks, however they are spelt and in whatever order', t => {
  const {addresses} = lab().vars
  t.deepEqual(rules(against({addresses: addresses.slice(1)})), ['vrrp-pair addresses'])
  t.deepEqual(
    rules(against({addresses: addresses.map(each => ({...each, address: each.address.replace('/24', '/25')}))})),
    ['vrrp-pair addresses'],
  )
  const spelt = addresses.map(each => ({...each, address: each.address.replace('fd00:10:10::1', 'FD00:10:10:0::1')}))
  t.deepEqual(of(against({addresses: spelt.toReversed()})), [])
})

test('priorities that are equal or one apart decide nothing', t => {
  t.deepEqual(rules(against({priority: 200})), ['vrrp-priority priority'])
  t.deepEqual(rules(against({priority: 199})), ['vrrp-priority priority'])
  t.deepEqual(rules(against({priority: 198})), [])
  const instances = [{name: 'dns', link: 'lan', router_id: 53, addresses: ['10.10.0.53/24'], priority: 100}]
  t.deepEqual(rules(against({instances}, lab({instances}))), ['vrrp-priority instances'])
})

test('51 is the identifier of every example', t => {
  t.deepEqual(rules(lab({router_id: 51})), ['vrrp-router-id router_id'])
  t.deepEqual(rules(lab({router_id: 51, allow_router_id_51: true})), [])
  const instances = [{name: 'dns', link: 'lan', router_id: 51, addresses: ['10.10.0.53/24'], priority: 250}]
  const pair = lab({instances})
  const peer = {...pair.peer, vars: {...pair.peer.vars, instances: [{...instances[0]!, priority: 100}]}}
  t.deepEqual(rules({...pair, peer}), ['vrrp-router-id instances'])
})

test("a virtual address is a free one of its link's subnet, with its mask", t => {
  const wrong = (address: string, link = 'lan') =>
    rules(
      lab({
        addresses: [
          {link, address},
          {link: 'wan-a', address: '192.0.2.10/24'},
        ],
        nat: [],
      }),
    )
  t.deepEqual(wrong('10.11.0.1/24'), ['vrrp-address addresses'])
  t.deepEqual(wrong('10.10.0.1/32'), ['vrrp-address addresses'])
  t.deepEqual(wrong('10.10.0.2/24'), ['vrrp-address addresses'], 'its own')
  t.deepEqual(wrong('10.10.0.3/24'), ['vrrp-address addresses'], "the peer's")
  t.deepEqual(wrong('fd00:10:10:0::2/64'), ['vrrp-address addresses'], 'spelt otherwise')
  t.deepEqual(wrong('192.0.2.1/24', 'wan-a'), ['vrrp-address addresses'], "the provider's")
  t.deepEqual(wrong('10.10.0.9/24'), [])
  const instances = [{name: 'dns', link: 'lan', router_id: 53, addresses: ['10.10.0.1/24'], priority: 250}]
  const pair = lab({instances})
  t.deepEqual(
    rules({...pair, peer: {...pair.peer, vars: {...pair.peer.vars, instances: [{...instances[0]!, priority: 100}]}}}),
    ['vrrp-address instances'],
    'there twice',
  )
})

test('every link that is named must be there', t => {
  t.deepEqual(rules(lab({addresses: [{link: 'lam', address: '10.10.0.1/24'}], nat: []})), ['vrrp-link addresses'])
  t.deepEqual(rules(lab({sync_link: 'cable'})), ['vrrp-link sync_link'])
  t.deepEqual(rules(lab({track_links: ['wan-z']})), ['vrrp-link track_links'])
  t.deepEqual(rules(lab({conntrack_links: ['cable']})), ['vrrp-link conntrack_links'])
  t.deepEqual(rules(lab({nat: [{link: 'wan-z', sources: ['10.0.0.0/8'], address: '192.0.2.10'}]})), ['vrrp-link nat'])
  t.deepEqual(rules(lab({layout: 'grouped', conntrack: false, sync_link: 'cable'})), [], 'nobody needs it')
})

test('the sync link is no link with virtual addresses, and both ends are in one subnet', t => {
  t.deepEqual(rules(lab({sync_link: 'lan'})), ['vrrp-sync-link sync_link'])
  const twice = linked(linked(lab(), 'host', 'sync', ['10.10.0.66/24']), 'peer', 'sync', ['10.10.0.67/24'])
  t.deepEqual(rules(twice), ['vrrp-sync-link sync_link'], 'the LAN under another name')
  t.deepEqual(rules(linked(lab(), 'peer', 'sync', ['10.99.0.3/29'])), ['vrrp-segment sync_link'])
  t.deepEqual(rules(linked(office(), 'peer', 'cable', ['198.51.100.11/29'])), ['vrrp-segment addresses'])
})

test('what is sent to an address needs one at both ends', t => {
  t.deepEqual(rules(linked(lab(), 'peer', 'sync', [])), ['vrrp-unicast sync_link', 'vrrp-conntrack-link sync_link'])
  t.deepEqual(rules(linked(linked(lab(), 'host', 'sync', ['fd00::2/64']), 'peer', 'sync', ['fd00::3/64'])), [])
  t.deepEqual(rules(linked(office({unicast: true}), 'peer', 'radio', [])), ['vrrp-unicast unicast'])
})

test('there is exactly one peer for the states of connections', t => {
  const {host, peer, vars} = lab()
  const found = (members: (typeof peer)[], changed: Partial<VrrpVars> = {}) =>
    problems({vars: {...vars, ...changed}, host, peers: members, others: []}).map(({rule}) => rule)
  t.deepEqual(found([]), ['vrrp-peer'])
  t.deepEqual(found([], {layout: 'grouped', conntrack: false}), [])
  const third = {...peer, name: 'gw3', vars: {...peer.vars, priority: 100}}
  t.deepEqual(found([peer, third]), ['vrrp-peer'])
})

test('what leaves gets a virtual address of its link and family', t => {
  const nat = (link: string, source: string, address: string) => rules(lab({nat: [{link, sources: [source], address}]}))
  t.deepEqual(nat('wan-a', '10.10.0.0/24', '192.0.2.2'), ['vrrp-nat nat'], "an interface's own")
  t.deepEqual(nat('wan-a', '10.10.0.0/24', '10.10.0.1'), ['vrrp-nat nat'], 'of another link')
  t.deepEqual(nat('wan-a', 'fd00::/64', '192.0.2.10'), ['vrrp-nat nat'], 'of the other family')
})

test('networks and spellings of addresses', t => {
  t.is(networkOf('10.10.255.3/29'), '10.10.255.0/29')
  t.is(networkOf('172.20.7.200/26'), '172.20.7.192/26')
  t.is(networkOf('10.1.2.3/8'), '10.0.0.0/8')
  t.is(networkOf('2001:db8:a::2/64'), '2001:db8:a::/64')
  t.is(networkOf('2001:db8:abcd:1234::2/52'), '2001:db8:abcd:1000::/52')
  t.is(networkOf('::1/128'), '::1/128')
  t.is(canonical('FD00:0::0001/64'), 'fd00::1')
})
