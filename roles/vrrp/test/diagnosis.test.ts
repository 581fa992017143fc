// The decision tree of a gateway that does not take over, over what was observed on both.

import test from 'ava'
import '../../../src/resolve.ts'
import {causesIn, type Observed, walkTree} from '../../../test/support/walk-tree.ts'
import type {Seen} from '../diagnosis/seen.ts'
import {lab} from './fixtures.ts'

const {diagnosis} = await import('../diagnosis/index.ts')
const {keepalivedConf} = await import('../templates/keepalived-conf.ts')
const {vrrpView} = await import('../view.ts')
const {chainsIn} = await import('../../../src/facts/packet-filter.ts')

const pair = lab()
const [gw1, gw2] = [pair.host, pair.peer]
const device = {up: true, carrier: true, mtu: 1500, mac: '02:00:00:00:00:01'}
const virtualisation = {type: undefined, container: false}
const filter = (rule = 'iifname "sync" ip saddr 10.10.255.3 meta l4proto vrrp counter packets 0 bytes 0 accept') =>
  chainsIn(`table inet gatewright_filter {
	chain input {
		type filter hook input priority filter; policy drop;
		${rule}
	}
}
table inet gatewright_nat {
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		oifname "wan-a" snat ip to 192.0.2.10
	}
}`)

/** Recorded in the lab: gw1 is master and speaks ten times a second. */
const well = (self: typeof gw1, other: typeof gw1, isMaster: boolean): Seen => {
  const links = Object.fromEntries(['lan', 'wan-a', 'sync', 'mgmt'].map(name => [name, device]))
  const view = vrrpView(self.vars, {links, virtualisation}, self, [other], [])
  const spoken = {
    device: 'sync',
    family: 4 as const,
    version: 3,
    vrid: 110,
    priority: 200,
    interval: 0.1,
    source: '10.10.255.2',
    mac: '02:00:00:00:01:ff',
    count: 10,
  }
  return {
    links,
    virtualisation,
    keepalived: {installed: '1:2.2.7-1+b2'},
    conntrackd: {installed: '1:1.4.7-1+b2'},
    daemons: {
      units: {keepalived: 'active', conntrackd: 'active', 'gatewright-vrrp': 'active'},
      processes: ['SNs', 'SNL'],
      state: isMaster ? 'MASTER' : 'BACKUP',
      age: 1,
      tracks: {},
      denied: undefined,
    },
    addresses: isMaster
      ? ['10.10.0.1/24', 'fd00:10:10::1/64', '192.0.2.10/24'].map(address => ({
          device: 'lan',
          family: 'inet' as const,
          address,
          scope: 'global',
        }))
      : [],
    packetFilter: filter(),
    conf: keepalivedConf(view),
    onWire: [{...spoken, way: isMaster ? 'out' : 'in'}],
  }
}
const both = (here: Partial<Seen> = {}, there: Partial<Seen> = {}): Observed[] => [
  {...gw1, facts: {...well(gw1, gw2, true), ...here}},
  {...gw2, facts: {...well(gw2, gw1, false), ...there}},
]
const standby = (changed: Partial<Seen>) => both({}, changed)
const daemonsOf = (changed: Partial<Seen['daemons']>): Partial<Seen> => ({
  daemons: {...well(gw2, gw1, false).daemons, ...changed},
})
const own = well(gw2, gw1, false)

test('a pair that is well: nothing found', t => {
  const {causes, steps} = walkTree(diagnosis, 'no-failover', both())
  t.deepEqual(causes, [])
  t.true(steps.length > 20)
  t.snapshot(steps.map(step => `${step.host} ${step.asks}? ${step.is === 'well' ? step.saw : step.is}`))
})

for (const [title, members] of [
  ['the cable of the LAN is pulled', standby({links: {...own.links, lan: {...device, carrier: false}}})],
  ['a link is down', standby({links: {...own.links, sync: {...device, up: false}}})],
  ['another VRID', standby({conf: own.conf?.replace('virtual_router_id 110', 'virtual_router_id 111')})],
  ['another version', standby({conf: own.conf?.replace('vrrp_version 3', 'vrrp_version 2')})],
  ['never provisioned', standby({conf: undefined, ...daemonsOf({units: {}, processes: [], state: undefined})})],
  ['keepalived is stopped', standby(daemonsOf({units: {...own.daemons.units, keepalived: 'inactive'}, processes: []}))],
  ['keepalived stands still', standby(daemonsOf({processes: ['TN', 'TNL'], age: 40}))],
  ['AppArmor', standby(daemonsOf({denied: 'apparmor="DENIED" operation="exec" profile="keepalived" name="/bin/sh"'}))],
  ['nobody follows', standby(daemonsOf({units: {...own.daemons.units, 'gatewright-vrrp': 'failed'}}))],
  [
    'conntrackd is stopped',
    standby(
      daemonsOf({
        units: {...own.daemons.units, conntrackd: 'inactive'},
        tracks: {'/run/gatewright/track/conntrack': 1},
      }),
    ),
  ],
  ['a forgotten maintenance', standby(daemonsOf({state: 'FAULT', tracks: {'/etc/keepalived/maintenance': 1}}))],
  ['it has given up', standby(daemonsOf({state: 'FAULT', tracks: {'/run/gatewright/track/split': 1}}))],
  ['the firewall knows no VRRP', standby({packetFilter: filter('ct state established accept')})],
  [
    'a rule drops VRRP',
    standby({
      packetFilter: [
        ...filter(),
        {
          family: 'inet',
          table: 'mine',
          name: 'c',
          hook: 'input',
          policy: 'accept',
          rules: ['meta l4proto vrrp counter packets 42 bytes 1680 drop'],
        },
      ],
      ...daemonsOf({state: 'MASTER'}),
    }),
  ],
  ['a switch drops VRRP', standby({onWire: [], ...daemonsOf({state: 'MASTER'})})],
  [
    'keepalived has not read its file',
    standby({
      onWire: [
        {
          device: 'sync',
          way: 'out',
          family: 4,
          version: 3,
          vrid: 99,
          priority: 150,
          interval: 0.1,
          source: '10.10.255.3',
          mac: '02:00:00:00:02:ff',
          count: 9,
        },
      ],
    }),
  ],
  ['versions differ', standby({keepalived: {installed: '1:2.2.8-1'}})],
  ['the address is gone', both({addresses: []})],
  ['nobody is master', both({daemons: {...own.daemons, state: 'BACKUP'}, onWire: []}, {onWire: []})],
] as const)
  test(`what it says: ${title}`, t => {
    t.snapshot(causesIn(walkTree(diagnosis, 'no-failover', members)))
  })

test('without translation nothing comes back', t => {
  const bare = {packetFilter: filter().filter(({table}) => table !== 'gatewright_nat')}
  t.snapshot(causesIn(walkTree(diagnosis, 'single-arm', both(bare))))
  t.deepEqual(causesIn(walkTree(diagnosis, 'single-arm', both())), [])
})

test('a gateway that cannot be asked keeps nobody from the other', t => {
  const [, second] = standby(daemonsOf({tracks: {'/etc/keepalived/maintenance': 1}}))
  const {causes} = walkTree(diagnosis, 'no-failover', second ? [second] : [], [gw1, gw2])
  t.deepEqual(
    causes.map(({id}) => id),
    ['vrrp-maintenance'],
  )
})
