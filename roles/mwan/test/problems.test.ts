import test from 'ava'
import '../../../src/resolve.ts'
import {branch, branchHost, branchTunnels, host, office, officeHost, vars} from './example.ts'

const {problems} = await import('../problems.ts')

type Vars = typeof vars
const found = (changed: Partial<Vars>, peer?: Partial<Vars>) =>
  problems({
    vars: {...vars, ...changed},
    host,
    peers: peer === undefined ? [] : [{...host, name: 'gw2', vars: {...vars, ...peer}}],
    others: [],
  })
const rules = (...args: Parameters<typeof found>) => found(...args).map(({rule}) => rule)
const uplinks = (a: object, b: object = {id: 2}) => ({uplinks: {'wan-a': {id: 1, ...a}, 'wan-b': b}}) as Partial<Vars>

test('both examples are right', t => {
  t.deepEqual(found({}, {}), [])
  t.deepEqual(problems({vars: office, host: officeHost, peers: [], others: []}), [])
})

const cases: [title: string, expected: string, changed: Partial<Vars>][] = [
  ['an uplink without a link', 'mwan-link', uplinks({link: 'nowhere'})],
  ['a gateway outside of its link', 'mwan-gateway', uplinks({gateway: '192.0.3.1'})],
  ['an IPv6 gateway outside of its link', 'mwan-gateway', uplinks({gateway6: '2001:db8:c::1'})],
  ['one target for an uplink', 'mwan-targets', uplinks({targets: ['203.0.113.10', '203.0.113.10']})],
  [
    'fewer targets than must answer',
    'mwan-targets',
    {targets: ['203.0.113.10', '192.0.2.1'], targets_required: 3, ...uplinks({})},
  ],
  ['two uplinks of one number', 'mwan-unique', uplinks({id: 2, table: 77, mark: 0x500})],
  ['two uplinks of one table', 'mwan-unique', uplinks({table: 1002})],
  ['two uplinks of one mark', 'mwan-unique', uplinks({mark: 0x200})],
  ['two uplinks of one device', 'mwan-unique', uplinks({}, {id: 2, link: 'wan-a'})],
  ["the kernel's own table", 'mwan-table', uplinks({table: 254})],
  ['a mark outside of the mask', 'mwan-mark', uplinks({mark: 0x10000})],
  ['the mark of unreachable', 'mwan-mark', uplinks({mark: 0x1f00})],
  ['a mask with gaps', 'mwan-mask', {mark_mask: 0x5f00, ...uplinks({mark: 0x100})}],
  ['rules after the main table', 'mwan-priority', {rule_priority: 32600}],
  ['latency that comes back where it left', 'mwan-thresholds', {latency_up: 150}],
  ['loss that comes back where it left', 'mwan-thresholds', {loss_up: 3}],
  ['fewer answers than losses', 'mwan-thresholds', {up_count: 2}],
  ['a timeout below the latency', 'mwan-timeout', {probe_timeout: 0.1}],
  [
    'mwan3 as it comes: ten seconds, five times',
    'mwan-budget',
    {probe_interval: 10, down_count: 5, probe_timeout: 4, window: 120},
  ],
  ['a window of few probes', 'mwan-window', {window: 5}],
  ['a policy with an uplink that is not there', 'mwan-policy', {policies: {balanced: {members: [{uplink: 'wan-c'}]}}}],
  [
    'a policy with an uplink twice',
    'mwan-policy',
    {policies: {balanced: {members: [{uplink: 'wan-a'}, {uplink: 'wan-a'}]}}},
  ],
  ['a rule without its policy', 'mwan-rule', {rules: [{policy: 'other'}]}],
  ['own traffic without its policy', 'mwan-rule', {own_policy: 'other'}],
  ['ports without a protocol', 'mwan-rule', {rules: [{policy: 'balanced', ports: ['80']}]}],
  ['ports from high to low', 'mwan-rule', {rules: [{policy: 'balanced', protocol: 'tcp', ports: ['90-80']}]}],
  [
    'a rule that matches nothing',
    'mwan-rule',
    {rules: [{policy: 'balanced', source: ['10.0.0.0/8'], destination: ['2001:db8::/32']}]},
  ],
  ['a prefix that is none', 'mwan-rule', {rules: [{policy: 'balanced', source: ['10.0.0.0/33']}]}],
  ['a bypass that is no prefix', 'mwan-rule', {bypass: ['10.0.0.256']}],
]
for (const [title, expected, changed] of cases)
  test(`refused: ${title}`, t => {
    t.true(rules(changed).includes(expected), `${rules(changed).join(', ') || 'nothing'} instead of ${expected}`)
  })

const overTunnels = (changed: object, tunnels: readonly object[] = branchTunnels) =>
  problems({
    vars: {...branch, ...changed},
    host: tunnels.length === 0 ? host : branchHost,
    peers: [],
    others: [],
    tunnels: tunnels as typeof branchTunnels,
  }).map(({rule}) => rule)
const vpnA = (changed: object) => ({uplinks: {...branch.uplinks, 'vpn-a': {...branch.uplinks['vpn-a'], ...changed}}})

test('tunnels as uplinks: right as they are; without targets, with a gateway, or two that nobody can tell apart refused', t => {
  t.deepEqual(overTunnels({}), [])
  t.deepEqual(overTunnels({}, []), [], 'before any role offers them')
  t.deepEqual(overTunnels(vpnA({targets: []})), ['mwan-targets'])
  t.deepEqual(overTunnels(vpnA({targets: ['10.99.1.1']})), ['mwan-targets'], 'of each family that it has an address of')
  t.deepEqual(overTunnels(vpnA({gateway: '10.99.1.1'})), ['mwan-device'])
  t.deepEqual(overTunnels(vpnA({link: 'wan-a'})), ['mwan-device'])
  t.deepEqual(overTunnels(vpnA({device: 'tun0', targets: ['10.99.1.1']})), ['mwan-unique'])
  const unbound = branchTunnels.map(tunnel => ({...tunnel, isBound: false}))
  t.deepEqual(overTunnels({}, unbound), ['mwan-endpoint'])
  t.deepEqual(overTunnels({}, [unbound[0] as object, {...unbound[1], link: 'wan-a'}]), [], 'over the same uplink')
})

test('a pair has the same marks, policies and rules, and says where the other is', t => {
  t.deepEqual(found({}, uplinks({id: 5, gateway6: '2001:db8:a::1'}))[0]?.also, {host: 'gw2'})
  t.deepEqual(rules({}, uplinks({id: 5})), ['mwan-pair'])
  t.deepEqual(rules({}, {mark_mask: 0x3f0000}), ['mwan-pair', 'mwan-pair'])
  t.deepEqual(rules({}, {follow: '', failback: 'flush'}), ['mwan-pair', 'mwan-pair'])
  t.deepEqual(
    rules({}, {uplinks: {'wan-b': vars.uplinks['wan-b'], 'wan-a': vars.uplinks['wan-a']} as never}),
    [],
    'in any order',
  )
})
