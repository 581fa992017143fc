// The decision tree of traffic that takes one uplink only, over what was observed.

import test from 'ava'
import '../../../src/resolve.ts'
import {causesIn, walkTree} from '../../../test/support/walk-tree.ts'
import type {Steering} from '../diagnosis/observe.ts'
import type {Seen} from '../diagnosis/seen.ts'
import {host, vars} from './example.ts'

const {diagnosis} = await import('../diagnosis/index.ts')
const {routesConf} = await import('../templates/routes-conf.ts')
const {mwanView} = await import('../view.ts')

const device = (name: string) => ({
  name,
  up: true,
  carrier: true,
  mtu: 1500,
  mac: '',
  kind: undefined,
  master: undefined,
})
const links = Object.fromEntries(['lan', 'wan-a', 'wan-b'].map(name => [name, device(name)]))
const conf = routesConf(mwanView(vars, {links}, host))
const prioritiesOf = (family: string): number[] =>
  [...conf.matchAll(/^rule ([46]) (\d+) /gm)].flatMap(([, of, priority]) => (of === family ? [Number(priority)] : []))

/** Recorded in the lab. */
const uplink = (name: string, family: 4 | 6) => ({
  name,
  family,
  state: 'up' as const,
  since: 1796074382,
  latency_p95_ms: 1,
  loss_percent: 0,
  flaps: 0,
  damped: false,
  selected: true,
  targets_up: 3,
  targets: 3,
})
const status: NonNullable<Steering['status']> = {
  time: 1796074684,
  steering: true,
  override: null,
  uplinks: [uplink('wan-a', 4), uplink('wan-a', 6), uplink('wan-b', 4), uplink('wan-b', 6)],
  policies: {balanced: {ipv4: 'wan-a=40,wan-b=20', ipv6: 'wan-a=40,wan-b=20'}},
}
const steering: Steering = {
  active: 'active',
  age: 1,
  status,
  kernel: {
    ip_forward: 1,
    'conf.all.rp_filter': 2,
    'conf.all.src_valid_mark': 1,
    'conf.wan-a.rp_filter': 2,
    'conf.wan-b.rp_filter': 2,
  },
  rules: {4: prioritiesOf('4'), 6: prioritiesOf('6')},
  connections: [
    {mark: 0x100, all: 40, unreplied: 2},
    {mark: 0x2200, all: 21, unreplied: 1},
  ],
  packets: {'wan-a': {received: 30559, sent: 30606}, 'wan-b': {received: 30469, sent: 30569}},
}
const route = (family: 'inet' | 'inet6', table: number, device: string) => ({
  family,
  to: 'default',
  via: undefined,
  device,
  table: String(table),
  protocol: undefined,
  metric: undefined,
})
const well: Seen = {
  links,
  routes: (['inet', 'inet6'] as const).flatMap(family => [route(family, 1001, 'wan-a'), route(family, 1002, 'wan-b')]),
  packetFilter: [{family: 'inet', table: 'gatewright_mwan', name: 'mark', rules: ['meta mark set ct mark']}],
  steering,
  conf,
  gateways: [
    {device: 'wan-a', address: '192.0.2.1', is: 'answered', mac: '02:00:00:00:00:09'},
    {device: 'wan-b', address: '198.51.100.1', is: 'answered', mac: '02:00:00:00:00:0a'},
  ],
}
const look = (changed: Partial<Seen>) =>
  walkTree(diagnosis, 'single-arm', [{...host, vars, facts: {...well, ...changed}}])
const steer = (changed: Partial<Steering>): Partial<Seen> => ({steering: {...steering, ...changed}})

test('a gateway that is well: nothing found', t => {
  const {causes, steps} = look({})
  t.deepEqual(causes, [])
  t.snapshot(steps.map(step => `${step.asks}? ${step.is === 'well' ? step.saw : step.is}`))
})

for (const [title, changed] of [
  ['a cable is pulled', {links: {...links, 'wan-b': {...device('wan-b'), carrier: false}}}],
  ['a device is down', {links: {...links, 'wan-b': {...device('wan-b'), up: false}}}],
  ['the kernel does not forward', steer({kernel: {...steering.kernel, ip_forward: 0}})],
  [
    'the reverse path filter is strict',
    steer({kernel: {...steering.kernel, 'conf.all.rp_filter': 1, 'conf.wan-b.rp_filter': 1}}),
  ],
  ['the tracker is stopped', steer({active: 'inactive', age: 300})],
  ['the tracker hangs', steer({age: 60})],
  ['an uplink is drained', steer({status: {...status, override: 'drain wan-b'}})],
  ['the marks are gone', {packetFilter: []}],
  ['the file of routes is another one', {conf: conf.replace('default via 192.0.2.1', 'default via 192.0.2.254')}],
  ['a rule is gone', steer({rules: {...steering.rules, 4: steering.rules[4].filter(each => each !== 10062)}})],
  ['a route is gone', {routes: well.routes.filter(each => each.table !== '1002' || each.family !== 'inet')}],
  ['the router does not answer', {gateways: [{device: 'wan-b', address: '198.51.100.1', is: 'silent'}]}],
  [
    'nothing beyond the router answers',
    steer({
      status: {
        ...status,
        uplinks: [
          ...status.uplinks.slice(0, 2),
          {...uplink('wan-b', 4), state: 'down', targets_up: 1, loss_percent: 100, latency_p95_ms: null},
        ],
      },
    }),
  ],
  ['no reply to anything', steer({connections: [{mark: 0x2200, all: 21, unreplied: 21}]})],
  [
    'a rule in front of everything',
    {
      packetFilter: [
        ...(well.packetFilter ?? []),
        {
          family: 'netdev',
          table: 'mine',
          name: 'in',
          hook: 'ingress',
          device: 'wan-b',
          policy: 'accept',
          rules: ['ip saddr != 198.51.100.1 drop'],
        },
      ],
    },
  ],
] as readonly (readonly [string, Partial<Seen>])[])
  test(`what it says: ${title}`, t => {
    t.snapshot(causesIn(look(changed)))
  })
