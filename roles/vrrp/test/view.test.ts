import test from 'ava'
import '../../../src/resolve.ts'
import {factsOf, lab, office, otherRoles, type Pair} from './fixtures.ts'

const {conntrackView} = await import('../conntrack-view.ts')
const {conntrackHook} = await import('../templates/conntrack-hook.ts')
const {conntrackdConf} = await import('../templates/conntrackd-conf.ts')
const {followScript} = await import('../templates/follow-script.ts')
const {keepalivedConf} = await import('../templates/keepalived-conf.ts')
const {natRules} = await import('../templates/nat-rules.ts')
const {readyScript} = await import('../templates/ready-script.ts')
const {tmpfilesConf} = await import('../templates/tmpfiles-conf.ts')
const {unitConf} = await import('../templates/unit-conf.ts')
const {conntrackdUnitConf, followUnit, readyUnit} = await import('../templates/units.ts')
const {vrrpView} = await import('../view.ts')
const {default: role} = await import('../role.ts')

const viewOf = (pair: Pair, offers = otherRoles) => vrrpView(pair.vars, factsOf(pair), pair.host, [pair.peer], offers)
const swapped = ({host, peer}: Pair): Pair => ({host: peer, peer: host, vars: peer.vars})

test('every file of the lab', t => {
  const view = viewOf(lab(), [])
  const {host, peer, vars} = lab()
  t.snapshot(keepalivedConf(view), 'keepalived.conf')
  t.snapshot(conntrackdConf(conntrackView(vars, host, [peer])), 'conntrackd.conf')
  t.snapshot(natRules(vars, host), 'gatewright_nat')
  t.snapshot(tmpfilesConf(view), 'tmpfiles.d')
  t.snapshot(unitConf(view), 'keepalived.service.d')
  t.snapshot(followScript(view), 'vrrp-follow')
  t.snapshot(readyScript({timeout: 15}), 'vrrp-ready')
  t.snapshot(conntrackHook({direct: true}), '10-conntrack')
  t.snapshot([followUnit, readyUnit, conntrackdUnitConf].join('\n'), 'units')
})

test('every file of a site with VLANs, three uplinks and IPv6, grouped, preempting, with the tracks of other roles', t => {
  const view = viewOf(office())
  const {host, peer, vars} = office()
  t.snapshot(keepalivedConf(view), 'keepalived.conf')
  t.snapshot(conntrackdConf(conntrackView(vars, host, [peer])), 'conntrackd.conf')
  t.snapshot(natRules(vars, host), 'gatewright_nat')
  t.snapshot(tmpfilesConf(view), 'tmpfiles.d')
  t.snapshot(unitConf(view), 'keepalived.service.d')
  t.snapshot(conntrackHook({direct: false}), '10-conntrack')
  t.true(followScript(view).includes(`'GROUP "office" MASTER'`))
})

test('the pair differs in what is its own only: name, priority, address, peer, and the budget that follows', t => {
  const different = (pair: Pair, text: (pair: Pair) => string): string[] => {
    const [one, two] = [pair, swapped(pair)].map(each => text(each).split('\n'))
    return (one ?? []).filter((line, index) => line !== two?.[index]).map(line => line.trim().split(' ')[0] ?? '')
  }
  t.deepEqual(
    different(lab(), pair => keepalivedConf(viewOf(pair, []))),
    ['#', 'router_id', 'priority', 'unicast_src_ip', '10.10.255.3'],
  )
  t.deepEqual([...new Set(different(office(), pair => keepalivedConf(viewOf(pair))))], ['#', 'router_id', 'priority'])
  t.deepEqual(
    different(lab(), ({host, peer, vars}) => conntrackdConf(conntrackView(vars, host, [peer]))),
    ['IPv4_address', 'IPv4_Destination_Address'],
  )
  t.deepEqual(
    different(office(), ({host, vars}) => natRules(vars, host)),
    [],
  )
})

test('a single segment needs no sync group, and unicast there names the peer of its own family', t => {
  const addresses = [{link: 'radio', address: '2001:db8:c::10/64'}]
  const text = keepalivedConf(viewOf(office({addresses, nat: [], instances: [], unicast: true})))
  t.false(text.includes('vrrp_sync_group'))
  t.true(text.includes('unicast_src_ip 2001:db8:c::2') && text.includes('2001:db8:c::3 min_ttl 255 max_ttl 255'))
})

test('in a container, where keepalived cannot follow processes, its follower does', t => {
  const pair = lab()
  const facts = {...factsOf(pair), virtualisation: {container: true}}
  const view = vrrpView(pair.vars, facts, pair.host, [pair.peer], otherRoles)
  const text = keepalivedConf(view)
  t.false(text.includes('vrrp_track_process'))
  t.regex(
    text,
    /track_file process-bgpd \{\n {4}file "\/run\/gatewright\/track\/process-bgpd"\n {4}weight 0\n {4}init_file 1/,
  )
  t.true(followScript(view).includes('tell bgpd /run/gatewright/track/process-bgpd'))
  t.true(keepalivedConf(viewOf(pair)).includes('vrrp_track_process bgpd'))
})

test('links that need not have a cable are not tracked', t => {
  t.deepEqual(viewOf(lab()).trackDevices, ['lan', 'wan-a'])
  t.deepEqual(viewOf(lab({track_links: ['lan']})).trackDevices, ['lan'])
  t.deepEqual(viewOf(lab({track_links: []})).trackDevices, [])
  // keepalived tracks the device of each address too.
  const lines = keepalivedConf(viewOf(lab({track_links: ['lan']}))).split('\n')
  t.true(lines.some(line => / dev lan( -nodad)?$/.test(line)) && !lines.some(line => / dev lan.* no_track$/.test(line)))
  t.true(
    lines.some(line => / dev wan-a .*no_track$/.test(line)) && !lines.some(line => / dev wan-a( -nodad)?$/.test(line)),
  )
})

test('a device that the host does not have is refused before anything is touched', t => {
  const {vars, host, peer} = office()
  const error = t.throws(() => vrrpView(vars, {...factsOf(office()), links: {lo: {}}}, host, [peer], []))
  t.regex(
    error.message,
    /office-1: link staff is the device bond0\.20, which this host does not have, it has lo, set links\.staff\.device/,
  )
})

test('without realtime, conntrackd or NAT nothing of them is there', t => {
  const pair = lab({conntrack: false, nat: [], realtime_priority: 0})
  const resources = role.resources({
    vars: pair.vars,
    facts: factsOf(pair),
    host: pair.host,
    peers: [pair.peer],
    offers: [],
  })
  t.deepEqual(
    resources.map(({id}) => id).filter(id => /conntrack|nft|ready|scheduling/.test(id)),
    [],
  )
  t.false(unitConf(viewOf(pair)).includes('chrt'))
  t.false(keepalivedConf(viewOf(pair)).includes('conntrack'))
})

test('every package that the role installs is declared', t => {
  const pair = lab()
  const resources = role.resources({
    vars: pair.vars,
    facts: factsOf(pair),
    host: pair.host,
    peers: [pair.peer],
    offers: [],
  })
  const installed = resources
    .filter(({kind}) => kind.name === 'package')
    .flatMap(({desired}) => desired.names ?? desired.name)
  t.deepEqual(installed, role.packages)
})

test('what the firewall must let through, what only one may have, and the kernel parameters with their reasons', t => {
  for (const pair of [lab(), office()])
    t.snapshot(role.offers({vars: pair.vars, host: pair.host, peers: [pair.peer], others: []}), pair.host.name)
})

test('a track with a weight takes effect without preemption: ranks decide, and the lower gateway keeps what it holds', t => {
  const without = {...office({preempt: false}), offers: otherRoles}
  const texts = [without, swapped(without)].map(pair => keepalivedConf(viewOf(pair)))
  t.false(texts.some(text => text.includes('nopreempt')))
  t.deepEqual(
    texts.map(text => /track_file holder \{\n.*\n {4}weight (\d+)/.exec(text)?.[1]),
    [undefined, '51'],
    '200 against 150 + 51',
  )
  t.true(followScript(viewOf(swapped(without))).includes('/run/gatewright/track/holder'))
  t.true(keepalivedConf(viewOf(office({preempt: false}), otherRoles.slice(0, 1))).includes('nopreempt'))
})

test('without its sync link the gateway asks the peer on every other link whether it is gone', t => {
  const view = viewOf(lab())
  t.deepEqual(view.vote, {sync: '10.10.255.3', others: ['10.10.0.3', '192.0.2.3']})
  t.true(keepalivedConf(view).includes('dont_track_primary'), 'a cable between two machines is dead at both ends')
  t.true(followScript(view).includes('for address in 10.10.0.3 192.0.2.3; do'))
  t.is(viewOf(office()).vote, undefined)
})
