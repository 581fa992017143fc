import test from 'ava'
import '../../../src/resolve.ts'

const {masterDownInterval} = await import('../budget.ts')
const {problems} = await import('../problems.ts')
const {keepalivedConf} = await import('../templates/keepalived-conf.ts')
const {unitConf} = await import('../templates/unit-conf.ts')
const {vrrpView} = await import('../view.ts')
const {default: role} = await import('../role.ts')

const vars = {
  link: 'lan',
  address: '10.10.0.1/24',
  router_id: 110,
  priority: 200,
  advert_interval: 0.1,
  down_timer_adverts: 3,
  failover_limit: 3,
  preempt: false,
  realtime_priority: 50,
  garp_repeat: 5,
  garp_refresh: 30,
}
const host = {
  name: 'gw1',
  pair: 'lab',
  site: 'lab',
  links: {
    lan: {device: 'lan', addresses: ['10.10.0.2/24']},
    office: {device: 'bond0.20', addresses: ['172.20.7.3/26']},
  },
}
const peer = {...host, name: 'gw2', vars: {...vars, priority: 150}}
const facts = {links: {lo: {}, lan: {}, 'bond0.20': {}} as never, keepalived: {} as never}
const rules = (changed: Partial<typeof vars>, peers = [peer]) =>
  problems({vars: {...vars, ...changed}, host, peers, others: []}).map(({rule}) => rule)

test('the article that announces every second with priority 90 is refused: 3.65 s against a limit of 3 s', t => {
  t.is(masterDownInterval({advert_interval: 1, down_timer_adverts: 3, priority: 90}).toFixed(2), '3.65')
  const found = problems({vars: {...vars, advert_interval: 1, priority: 90}, host, peers: [], others: []})
  t.deepEqual(found, [
    {
      rule: 'vrrp-budget',
      variable: 'advert_interval',
      what: 'a crash would be noticed after 3.65 s, the limit is 3 s',
      fix: 'set vrrp_advert_interval to 0.82 or less',
    },
  ])
  t.deepEqual(rules({advert_interval: 0.82, priority: 90}, []), [])
})

test('a pair must agree on all but the priority, which must differ', t => {
  t.deepEqual(rules({}), [])
  t.deepEqual(rules({priority: 150}), ['vrrp-priority'])
  t.deepEqual(rules({router_id: 111, preempt: true}), ['vrrp-pair', 'vrrp-pair'])
})

test('the virtual address must be a free one of the subnet of its link', t => {
  t.deepEqual(rules({address: '10.11.0.1/24'}, []), ['vrrp-address'])
  t.deepEqual(rules({address: '10.10.0.1/32'}, []), ['vrrp-address'])
  t.deepEqual(rules({address: '10.10.0.2/24'}, []), ['vrrp-address'])
  t.deepEqual(rules({link: 'nowhere'}, []), ['vrrp-link'])
  t.deepEqual(rules({advert_interval: 0.125}, []), ['vrrp-advert-interval'])
})

test('the drop-in restarts what died, and schedules it in real time unless told not to', t => {
  t.snapshot(unitConf({realtimePriority: 50}))
  t.false(unitConf({realtimePriority: 0}).includes('CPUScheduling'))
})

test('keepalived.conf of the lab', t => {
  t.snapshot(keepalivedConf(vrrpView(vars, facts, host)))
})

test('keepalived.conf on a VLAN device of a bond, preempting, without realtime scheduling', t => {
  const office = {...vars, link: 'office', address: '172.20.7.1/26', router_id: 7, preempt: true, realtime_priority: 0}
  t.snapshot(keepalivedConf(vrrpView(office, facts, host)))
})

test('the pair differs in name and priority only', t => {
  const lines = (name: string, priority: number) =>
    keepalivedConf(vrrpView({...vars, priority}, facts, {...host, name})).split('\n')
  const [one, two] = [lines('gw1', 200), lines('gw2', 150)]
  t.deepEqual(
    one.filter((line, index) => line !== two[index]).map(line => line.trim()),
    ['router_id gw1', 'priority 200'],
  )
})

test('a device that the host does not have is refused before anything is touched', t => {
  const error = t.throws(() => vrrpView({...vars, link: 'office'}, {links: {lo: {}}}, host))
  t.regex(
    error.message,
    /gw1: link office is the device bond0\.20, which this host does not have, it has lo, set links\.office\.device/,
  )
})

test('every package that the role installs is declared', t => {
  const resources = role.resources({vars, facts, host, peers: [peer], offers: []})
  const installed = resources
    .filter(({kind}) => kind.name === 'package')
    .flatMap(({desired}) => desired.names ?? desired.name)
  t.deepEqual(installed, role.packages)
})
