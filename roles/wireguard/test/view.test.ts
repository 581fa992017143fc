import test from 'ava'
import '../../../src/resolve.ts'
import {concentrator, facts, member, ownDevice, privateKey, publicKey, sharedDevice} from './example.ts'

const {judge} = await import('../health.ts')
const {offers} = await import('../offers.ts')
const {endpointsPlace, otherPlaces} = await import('../pair.ts')
const {hostPrograms} = await import('../programs/index.ts')
const {default: role} = await import('../role.ts')
const {parseStatus} = await import('../status.ts')
const {onlyDevicesKind} = await import('../resources/only-devices.ts')
const {settings} = await import('../templates/settings.ts')
const units = await import('../templates/units.ts')
const {vrrpHook} = await import('../templates/vrrp-hook.ts')
const {wgConf} = await import('../templates/wg-conf.ts')
const {deviceViews, mtuOf} = await import('../view.ts')

const gw1 = member('gw1', 2, [ownDevice('gw1', 2), sharedDevice()])
const gw2 = member('gw2', 3, [ownDevice('gw2', 3), sharedDevice()])
const given = {vars: gw1.vars as never, facts, host: gw1, peers: [gw2] as never, offers: []}
const views = deviceViews(gw1.vars, facts, gw1)

for (const view of views)
  test(`files of ${view.name}`, t => {
    t.snapshot(wgConf(view).reveal(), 'wg-quick')
    t.snapshot(settings(view), 'settings')
  })

test('units and hook', t => {
  for (const unit of [units.watchUnit, units.deviceConf, units.endpointsService, vrrpHook]) t.snapshot(unit)
  const place = endpointsPlace({vars: gw1.vars, host: gw1, peers: [gw2]})
  t.snapshot(place && units.endpointsSocket(place))
  t.true(units.endpointsSocket({address: 'fd00::1', port: 1, device: 'x'}).includes('ListenStream=[fd00::1]:1\n'))
  t.deepEqual(otherPlaces({vars: gw1.vars, host: gw1, peers: [gw2]}), ['10.10.255.3,51819'])
  const alone = member('gw1', 2, [ownDevice('gw1', 2)])
  t.is(endpointsPlace({vars: alone.vars, host: alone, peers: [gw2]}), undefined)
  t.deepEqual(otherPlaces({vars: alone.vars, host: alone, peers: [gw2]}), [])
})

test('a device that the variables name no more goes, one of others stays', t => {
  const desired = {names: ['wg0']}
  const current = onlyDevicesKind.probe(desired).parse({code: 0, stdout: 'old\nwg0\n', stderr: ''})
  const changes = onlyDevicesKind.diff(desired, current as never)
  t.deepEqual(changes, [{path: 'old', from: 'present', to: 'absent'}])
  const steps = onlyDevicesKind.steps(desired, changes as never, current as never)
  t.is(steps.length, 1)
  t.regex(
    JSON.stringify(steps),
    /wireguard-routes old .*rm -f -- .*wireguard\/old .*disable --now -- wg-quick@old .*old\.conf/,
  )
})

test('programs', t => {
  for (const {name, content} of hostPrograms) {
    t.snapshot(content, name)
    t.false(content.includes('\\${'), `${name}: an escape is left`)
  }
})

test('no secret stands in the settings, and the whole configuration is one', t => {
  for (const view of views) {
    t.false([privateKey('gw1'), privateKey('road'), privateKey('psk')].some(key => settings(view).includes(key)))
    t.is(JSON.stringify({content: wgConf(view)}), '{"content":"***"}')
  }
})

test('the MTU is that of the link less what WireGuard adds: 60 bytes to IPv4 alone, else 80', t => {
  const device = ownDevice('gw1', 2)
  t.is(mtuOf(device), 1440)
  t.is(mtuOf({...device, peers: []}), 1420)
  t.is(mtuOf({...device, peers: [{...concentrator, endpoint: '[2001:db8::1]:51820'}]}), 1420)
  t.is(mtuOf({...device, peers: [concentrator, {name: 'x', public_key: publicKey('x')}]}), 1420)
  const [view] = deviceViews(member('gw1', 2, [{...device, link: 'wan-b'}]).vars, facts, gw1)
  t.is(view?.mtu, 1432, '1492 bytes of PPPoE')
})

test('what only the host knows is refused before anything is touched', t => {
  const refusal = (changed: object): string =>
    t.throws(() => deviceViews(member('gw1', 2, [ownDevice('gw1', 2, changed)]).vars, facts, gw1))?.message ?? ''
  t.regex(refusal({link: 'wan-b', mtu: 1440}), /the MTU 1440 of wg0 does not fit into bond0\.30, whose own is 1492/)
  const bare = {links: {lo: {mtu: 65536}}}
  t.regex(
    t.throws(() => deviceViews(gw1.vars, bare, gw1))?.message ?? '',
    /wg0 is carried by the device wan-a, which this host does not have/,
  )
})

test('others are told of ports, tables, marks and devices', t => {
  const found = offers({vars: gw1.vars, host: gw1, peers: [gw2], others: []})
  t.snapshot(found)
  t.true(found.every(offer => offer.offer !== 'sysctl' || (offer.reason ?? '') !== ''))
})

test('wireguard-go is installed only where the kernel has no WireGuard; every package is declared', t => {
  const packagesOf = (kernelHasWireguard: boolean): string[] =>
    role
      .resources({...given, facts: {...(facts as object), kernelHasWireguard} as never})
      .filter(({kind}) => kind.name === 'package')
      .flatMap(({desired}) => desired.names)
  t.deepEqual(packagesOf(true), ['wireguard-tools'])
  t.deepEqual(packagesOf(false), role.packages)
})

test('a device that follows VRRP is not started at boot, nor by the engine', t => {
  const resources = role.resources(given)
  const of = (id: string) => resources.find(resource => resource.id === id)?.desired
  t.like(of('service wg-quick@wg0'), {enabled: true, running: true})
  t.like(of('service wg-quick@road'), {enabled: false})
  t.false('running' in of('service wg-quick@road'))
  t.like(of('file /etc/wireguard/road.next'), {state: 'present', mode: '0600'})
  t.like(of('file /etc/wireguard/wg0.next'), {state: 'absent'})
})

test('health: absent, dead, gone, silent, and well with one far end that answers', t => {
  const [one, other] = [publicKey('a'), publicKey('b')]
  const of = (stdout: string, follows = false, reached = [one, other]) => judge({stdout}, {follows, reached})
  t.deepEqual(of('absent\n'), {is: 'absent'})
  t.is(of('failed\n1000\n\nkey\n').is, 'sick')
  t.deepEqual(of('active\n1000\n\ngone\n'), {is: 'sick', reason: 'the device is gone'})
  t.deepEqual(of(`active\n1000\n\nkey\n${one}\t0\n`), {is: 'healthy'}, 'nobody was ever heard')
  t.is(of(`active\n1000\n\nkey\nmet\t${one}\n${one}\t0\n`).reason, 'no far end has answered yet')
  t.deepEqual(of(`active\n1000\n\nkey\nmet\t${one}\n${one}\t700\n`), {
    is: 'sick',
    reason: 'the last handshake is 300 s old',
  })
  t.deepEqual(of(`active\n1000\n\nkey\nmet\t${one}\nmet\t${other}\n${one}\t0\n${other}\t900\n`), {is: 'healthy'})
  t.deepEqual(of('active\n1000\n\nkey\n', false, []), {is: 'healthy'}, 'nobody is reached for: they come')
  t.deepEqual(of('active\n1000\nBACKUP\ngone\n', true), {is: 'healthy'})
  t.is(of('active\n1000\nBACKUP\nkey\n', true).is, 'sick', 'only the master may send')
  t.is(of('active\n1000\nMASTER\ngone\n', true).is, 'sick')
})

test('what wg says is read without its secrets', t => {
  t.deepEqual(parseStatus('1000\nwg0 KEY\nwg0 PEER 192.0.2.1:51820 990 10 20\nwg0 OTHER (none) 0 0 0\n'), {
    now: 1000,
    devices: {wg0: 'KEY'},
    peers: [
      {device: 'wg0', key: 'PEER', endpoint: '192.0.2.1:51820', shookAt: 990, received: 10, sent: 20},
      {device: 'wg0', key: 'OTHER', endpoint: '(none)', shookAt: 0, received: 0, sent: 0},
    ],
  })
})
