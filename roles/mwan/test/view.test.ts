import test from 'ava'
import '../../../src/resolve.ts'
import {branch, branchHost, branchTunnels, facts, host, office, officeFacts, officeHost, vars} from './example.ts'

const {judge} = await import('../health.ts')
const {canonical} = await import('../networks.ts')
const {offers} = await import('../offers.ts')
const {nftRules} = await import('../templates/nft-rules.ts')
const {routesConf} = await import('../templates/routes-conf.ts')
const {trackerConf} = await import('../templates/tracker-conf.ts')
const {unit} = await import('../templates/unit.ts')
const {vrrpHook} = await import('../templates/vrrp-hook.ts')
const {mwanView} = await import('../view.ts')
const {default: role} = await import('../role.ts')

for (const [title, view] of [
  ['the lab', mwanView(vars, facts, host)],
  ['three uplinks on VLANs, one of them IPv6 alone', mwanView(office, officeFacts, officeHost)],
  ['two tunnels over two uplinks', mwanView(branch, facts, branchHost, branchTunnels)],
] as const) {
  test(`table, rules, routes and tracker of ${title}`, t => {
    t.snapshot(nftRules(view), 'gatewright_mwan')
    t.snapshot(routesConf(view), 'routes')
    t.snapshot(trackerConf(view), 'tracker')
  })
}

test('unit and hook', t => {
  t.snapshot(unit)
  t.snapshot(vrrpHook('gateway'))
})

test('mark, table and rules follow from the id alone, so that another uplink before it changes nothing', t => {
  const lines = (uplinks: typeof vars.uplinks) => routesConf(mwanView({...vars, uplinks}, facts, host)).split('\n')
  const {'wan-b': second} = vars.uplinks
  const alone = lines({'wan-b': second} as never)
  t.true(alone.some(line => line.includes('table 1002') || line.includes('lookup 1002')))
  t.deepEqual(
    alone.filter(line => !lines(vars.uplinks).includes(line)),
    [],
  )
})

test('networks are written as ip(8) prints them', t => {
  t.deepEqual(
    ['192.0.2.77/27', '10.1.2.3', '2001:DB8:0:1::2/64', '2001:db8::ff:0:0:1/127', 'fd00::/8', '::1'].map(canonical),
    ['192.0.2.64/27', '10.1.2.3', '2001:db8:0:1::/64', '2001:db8:0:0:ff::/127', 'fd00::/8', '::1'],
  )
})

test('what a pair is told: kernel parameters with reasons, own numbers, and what lowers the VRRP priority', t => {
  const found = offers({vars: office, host: officeHost})
  t.deepEqual(
    found.flatMap(offer => (offer.offer === 'sysctl' ? [`${offer.key}=${offer.value}`] : [])),
    [
      'net.ipv4.conf.all.src_valid_mark=1',
      'net.ipv4.conf.bond0/20.rp_filter=2',
      'net.ipv4.conf.bond0/30.rp_filter=2',
      'net.ipv4.conf.bond0/40.rp_filter=2',
    ],
  )
  t.true(found.every(offer => offer.offer !== 'sysctl' || (offer.reason ?? '') !== ''))
  const claims = found.flatMap(offer =>
    offer.offer === 'claim' ? [`${offer.what} ${offer.value} ${offer.within}`] : [],
  )
  t.true(
    ['routing table 210', 'routing table 3004', 'routing table 3007', 'mark 0x0/0xfc0000', 'rule priority 550'].every(
      claim => claims.includes(`${claim} host fra-gw1`),
    ),
  )
  t.deepEqual(
    found.filter(({offer}) => offer === 'track'),
    [{offer: 'track', name: 'mwan', file: '/run/gatewright/track/mwan', weight: -1, initial: 0}],
  )
})

test('a device that the host does not have is refused before anything is touched', t => {
  const error = t.throws(() => mwanView(vars, {links: {lo: {}, 'wan-a': {}}}, host))
  t.regex(error.message, /gw1: uplink wan-b is on the device wan-b, which this host does not have/)
})

test('a tunnel may be missing that a role of the host makes; a name that nobody knows is refused', t => {
  t.notThrows(() => mwanView(branch, facts, branchHost, branchTunnels))
  t.notThrows(() => mwanView(branch, {links: {lo: {}, 'wan-a': {}, 'wan-b': {}, wg0: {}, tun0: {}}}, host))
  const error = t.throws(() => mwanView(branch, facts, branchHost, branchTunnels.slice(0, 1)))
  t.regex(error.message, /uplink vpn-b is on the device tun0, which this host does not have/)
})

test('only what is named for tunnels alone is confined to them', t => {
  const confined = (policies: typeof branch.policies) =>
    mwanView({...branch, policies}, facts, branchHost, branchTunnels).policies.flatMap(each =>
      each.isConfined ? [each.name] : [],
    )
  t.deepEqual(confined(branch.policies), ['site'])
  t.deepEqual(confined({site: {members: [{uplink: 'vpn-a'}], last_resort: 'default'}}), [])
  const withOwn = nftRules(mwanView({...branch, own_policy: 'site'}, facts, branchHost, branchTunnels))
  t.true(withOwn.includes('ip daddr 203.0.113.10 accept comment "packets of tunnels"'), 'not through themselves')
})

test('the hook of VRRP waits for one name, or for none; every package that is installed is declared', t => {
  t.true(vrrpHook('gateway').includes(`[ "$2" = 'gateway' ]`))
  t.true(vrrpHook('').includes(`[ "$2" = '' ]`))
  const resources = role.resources({vars, facts, host, peers: [], offers: []})
  t.deepEqual(
    resources.filter(({kind}) => kind.name === 'package').flatMap(({desired}) => desired.names),
    role.packages,
  )
})

test('health: absent before the first run, sick when dead, stale or without a way out', t => {
  const state = (time: number, ...states: string[]) =>
    JSON.stringify({time, uplinks: states.map(each => ({name: each, state: each}))})
  t.deepEqual(judge('none\n'), {is: 'absent'})
  t.deepEqual(judge(`active\n1000\n${state(998, 'down', 'degraded')}\n`), {is: 'healthy'})
  t.is(judge(`failed\n1000\n${state(999, 'up')}\n`).is, 'sick')
  t.is(judge('active\n1000\n').is, 'sick')
  t.deepEqual(judge(`active\n1000\n${state(980, 'up')}\n`), {
    is: 'sick',
    reason: 'the state of the tracker is 20 s old',
  })
  t.deepEqual(judge(`active\n1000\n${state(999, 'down')}\n`), {is: 'sick', reason: 'every uplink is down'})
})
