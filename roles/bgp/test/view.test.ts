import test from 'ava'
import '../../../src/resolve.ts'

const {branchHost, branchVars, host, officeHost, officePeer, officeVars, peer, vars} = await import('./fixtures.ts')
const {bgpView, checkDevices, frrVersion} = await import('../view.ts')
const {frrConf} = await import('../templates/frr-conf.ts')
const {bgpAnnounce} = await import('../templates/bgp-announce.ts')
const {bgpWatch} = await import('../templates/bgp-watch.ts')
const units = await import('../templates/units.ts')
const {problems} = await import('../problems.ts')
const {default: role} = await import('../role.ts')

const facts = (...devices: string[]) =>
  ({links: Object.fromEntries(devices.map(device => [device, {}])), frr: {}}) as never
const lab = bgpView(vars, host, [peer])
const office = bgpView(officeVars, officeHost, [officePeer])
const clauses = (view: typeof lab, map: string): string[] =>
  view.clauses
    .filter(clause => clause.map === map)
    .map(({action, match, set}) => [action, ...match, ...set.map(one => `set ${one}`)].join('; '))

test('frr.conf of the lab', t => {
  t.snapshot(frrConf(lab))
})

test('frr.conf of another network: three uplinks on VLANs, one of IPv6 alone, 4-byte AS, passwords, a full table', t => {
  t.deepEqual(problems({vars: officeVars, host: officeHost, peers: [officePeer], others: []}), [])
  t.snapshot(frrConf(office))
})

test('frr.conf of a site behind two tunnels: each session from its own end of the tunnel, with BFD', t => {
  t.deepEqual(problems({vars: branchVars, host: branchHost, peers: [], others: []}), [])
  t.snapshot(frrConf(bgpView(branchVars, branchHost, [])))
})

test('a neighbor on a tunnel that nobody makes, or outside of its network, is refused', t => {
  const rules = (links: object) =>
    problems({vars: branchVars, host: {...branchHost, links: links as never}, peers: [], others: []}).map(
      ({rule}) => rule,
    )
  t.deepEqual(rules(host.links), ['bgp-link', 'bgp-link', 'bgp-link'])
  t.deepEqual(rules({...branchHost.links, tun0: {device: 'tun0', addresses: ['10.99.2.2/32']}}), ['bgp-subnet'])
  const view = bgpView(branchVars, branchHost, [])
  const made = [
    {offer: 'tunnel', device: 'wg0'},
    {offer: 'tunnel', device: 'tun0'},
  ] as never[]
  t.notThrows(() => checkDevices(view, facts(), branchHost, made))
  t.throws(() => checkDevices(view, facts(), branchHost, made.slice(0, 1)), {message: /tun0/})
})

test('the programs of the lab, of a pair whose standby says nothing, and of a gateway that follows nobody', t => {
  t.snapshot(bgpAnnounce(lab))
  t.snapshot(bgpWatch(lab))
  t.true(bgpAnnounce(office).includes('backup) metric= ;;'))
  t.true(bgpAnnounce(bgpView({...vars, follow: ''}, host, [peer])).includes("follow=''\n"))
  t.false(bgpWatch(office).includes('192.36.148.17'), 'a session that is kept down is not waited for')
})

test('units, daemons and vtysh.conf', t => {
  for (const text of Object.values(units)) t.snapshot(text)
})

test('a session to the other gateway in each family that both have on the link between them', t => {
  const internal = (view: typeof lab) => view.sessions.filter(({isInternal}) => isInternal).map(({address}) => address)
  t.deepEqual(internal(lab), ['10.10.255.3'])
  t.deepEqual(internal(office), ['172.20.99.3', 'fd00:99::3'])
  t.deepEqual(internal(bgpView({...vars, ibgp: false}, host, [peer])), [])
  t.deepEqual(internal(bgpView(vars, host, [])), [])
})

test('every session has a policy for both directions, and none lets in our own prefixes', t => {
  for (const view of [lab, office])
    for (const {address, importMap, isInternal} of view.sessions) {
      if (importMap !== undefined) continue
      t.regex(clauses(view, `import-${address}`)[0] ?? '', /^deny; ipv?6? address prefix-list own-and-longer$/)
      if (!isInternal) t.true(clauses(view, `export-${address}`).every(clause => / prefix-list own(;|$)/.test(clause)))
    }
})

test('the master announces best, the backup with a longer path, who is drained with GRACEFUL_SHUTDOWN', t => {
  t.deepEqual(clauses(lab, 'export-192.0.2.1'), [
    'permit; community drained; ip address prefix-list own; set as-path prepend 65010 65010; set community graceful-shutdown; set metric 300; set origin igp',
    'permit; community standby; ip address prefix-list own; set as-path prepend 65010 65010; set community none; set metric 200; set origin igp',
    'permit; community active; ip address prefix-list own; set community none; set metric 100; set origin igp',
  ])
})

test('a neighbor that announces its own shutdown is the last resort', t => {
  t.true(
    clauses(lab, 'import-192.0.2.1').includes(
      'permit; community drained-by-neighbor; ip address prefix-list default; set local-preference 0',
    ),
  )
})

test('no prefixes of a family: nothing is announced, and the route map says so', t => {
  const silent = bgpView({...vars, networks: ['203.0.113.128/25']}, host, [peer])
  t.deepEqual(clauses(silent, 'export-2001:db8:a::1'), ['deny'])
  t.deepEqual(silent.markers, ['203.0.113.128/32'])
})

test('addresses are written as FRR prints them', t => {
  t.deepEqual(
    office.sessions.map(({address}) => address),
    ['172.20.12.1', '172.20.13.251', '172.20.99.3', '192.36.148.17', '2001:db8:11::ffff', 'fd00:99::3'],
  )
  t.deepEqual(office.markers, ['45.138.228.0/32', '2a0e:b107::/128'])
})

test('the pair differs in names and addresses only', t => {
  const mask = (text: string): string =>
    text.replaceAll(/\b(10\.10\.255|192\.0\.2|198\.51\.100)\.[23]\b|2001:db8:a::[23]\b|gw[12]/g, 'x')
  t.is(mask(frrConf(bgpView(peer.vars, peer, [host]))), mask(frrConf(lab)))
})

test('the version is that of the package', t => {
  t.is(frrVersion({frr: {installed: '8.4.4-1.1~deb12u2'}}), '8.4.4')
  t.is(frrVersion({frr: {candidate: '1:10.2-1'}}), '10.2')
  t.is(frrVersion({frr: {}}), undefined)
})

test('a device that the host does not have is refused before anything is touched', t => {
  const error = t.throws(() => checkDevices(office, facts('lo', 'bond0.11'), officeHost))
  t.regex(error.message, /link fibre-2 is the device bond0\.12, which this host does not have/)
  t.notThrows(() => checkDevices(lab, facts('wan-a', 'wan-b', 'sync'), host))
})

test('every package that the role installs is declared, and passwords are in no content that is shown', t => {
  const all = facts('bond0.11', 'bond0.12', 'enp7s0f1', 'bond1.99')
  const resources = role.resources({
    vars: officeVars as never,
    facts: all,
    host: officeHost,
    peers: [officePeer] as never,
    offers: [],
  })
  t.deepEqual(
    resources.flatMap(({kind, desired}) => (kind.name === 'package' ? desired.names : [])),
    role.packages,
  )
  t.notRegex(JSON.stringify(resources), /correct-horse|battery-staple|between-us/)
})
