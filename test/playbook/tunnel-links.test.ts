// What one role makes is a link to the others, before anything is connected.
import test from 'ava'
import {withTunnels} from '../../src/playbook/tunnel-links.ts'
import type {Host} from '../../src/role.ts'
import {loadText} from '../support/load-text.ts'

const maker = `
import {defineRole, tunnel} from 'gatewright'
export default defineRole({
  name: 'maker', schema: {type: 'object'}, resources: () => [],
  offers: ({host}) => [tunnel({device: 'wg0', addresses: ['10.9.0.' + host.name.at(-1) + '/24'], endpoints: ['203.0.113.9'],
    mtu: 1420, overhead: 80, keepalive: 5, variable: 'none'})],
})`
const user = `
import {defineRole, flow} from 'gatewright'
const seen = ({host, peers, tunnels = []}) =>
  [host, ...peers].map(({links}) => links.wg0?.addresses[0] + ' ' + links.wg0?.mtu).join(', ') + '; ' + tunnels.map(({endpoints}) => endpoints)
export default defineRole({
  name: 'user',
  schema: {type: 'object', additionalProperties: false, properties: {wrong: {type: 'boolean', default: false}}},
  offers: ({host}) => [flow({protocol: 'udp', port: 7, from: [], to: [host.links.wg0.addresses[0].split('/')[0]], link: 'wg0', purpose: 'x'})],
  problems: context => context.vars.wrong ? [{rule: 'seen', variable: 'wrong', what: seen(context)}] : [],
  resources: () => [],
})`
const files = {
  'roles/maker/role.ts': maker,
  'roles/user/role.ts': user,
  'group_vars/gateways.yml': 'pair: one\n',
}
const site = (vars = '{}') => `- hosts: gateways\n  vars: ${vars}\n  roles: [user, maker]\n`

test('offers, rules and resources see tunnels of other roles as links, in whichever order the roles are', async t => {
  const fleet = await loadText(site(), files)
  t.deepEqual(
    fleet.offers.get('gw2')?.flatMap(offer => (offer.offer === 'flow' ? [offer.to] : [])),
    [['10.9.0.2']],
  )
  t.like(fleet.hosts.get('gw1')?.host.links, {wg0: {device: 'wg0', mtu: 1420}})
  await t.throwsAsync(loadText(site('{user_wrong: true}'), files), {
    message: /gw1: .*10\.9\.0\.1\/24 1420, 10\.9\.0\.2\/24 1420; 203\.0\.113\.9/,
  })
})

test("a role does not take a tunnel of its own for somebody else's device", async t => {
  const own = maker.replace(
    'resources: () => [],',
    "resources: () => [],\n  problems: ({host, tunnels}) => [{rule: 'seen', variable: 'none', what: 'links ' + Object.keys(host.links) + '; tunnels ' + tunnels.length}],",
  )
  await t.throwsAsync(loadText(site(), {...files, 'roles/maker/role.ts': own}), {message: /links ; tunnels 1/})
})

test('what the inventory says of a device or a name wins', t => {
  const host: Host = {
    name: 'gw1',
    pair: undefined,
    site: undefined,
    links: {vpn: {device: 'wg0', addresses: ['10.9.9.1/24']}},
  }
  const tunnel = {
    offer: 'tunnel' as const,
    addresses: [],
    endpoints: [],
    mtu: 1400,
    overhead: 80,
    keepalive: 5,
    variable: 'x',
  }
  t.is(withTunnels(host, [{...tunnel, device: 'wg0'}]), host)
  t.deepEqual(Object.keys(withTunnels(host, [{...tunnel, device: 'tun0'}]).links), ['tun0', 'vpn'])
})
