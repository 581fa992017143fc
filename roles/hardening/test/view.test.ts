import test from 'ava'
import '../../../src/resolve.ts'
import {type Offer, transit} from '../../../src/offer.ts'
import type {Host, Peer} from '../../../src/role.ts'
import type {HardeningVars} from '../schema.ts'
import {ber1, ber2, berlinVars, gw1, gw2, labOffers, labVars, peerOf, varsOf} from './fixtures.ts'

const {default: role} = await import('../role.ts')
const {firewallView} = await import('../view/firewall.ts')
const {networksOf} = await import('../view/network.ts')
const {sysctlView} = await import('../view/sysctl.ts')
const {updatesView} = await import('../view/updates.ts')
const {undeclared} = await import('../view/listening.ts')
const {nftFilter} = await import('../templates/nft-filter.ts')
const {sshdConf} = await import('../templates/sshd-conf.ts')
const {sshdView} = await import('../view/sshd.ts')

const facts = {virtualisation: {type: 'kvm', container: false}} as never
const all = (vars: HardeningVars, host: Host, peers: readonly Peer<HardeningVars>[], offers: readonly Offer[] = []) => {
  const own = role.offers({vars, host, peers, others: []})
  return role.resources({vars, host, peers, facts, offers: [...own, ...offers]})
}
/** Path -> content of every file that is written, the ruleset included. */
const texts = (resources: ReturnType<typeof all>): [string, string][] =>
  resources.flatMap(({kind, desired}): [string, string][] =>
    kind.name === 'file' && desired.path !== '/usr/local/lib/gatewright/nft-load'
      ? [[desired.path, desired.content]]
      : kind.name === 'fileset'
        ? desired.files.map(({path, content}: {path: string; content: string}) => [path, content])
        : kind.name === 'nft-table'
          ? [[desired.name, desired.rules]]
          : kind.name === 'sysctl'
            ? [[desired.key, desired.value]]
            : [],
  )

test('what is written on a gateway of the lab', t => {
  for (const [path, text] of texts(all(labVars, gw1, [peerOf(gw2, labVars)], labOffers))) t.snapshot(text, path)
})

test('what is written in another estate: VLANs, three uplinks, IPv6, operators', t => {
  for (const [path, text] of texts(all(berlinVars, ber1, [peerOf(ber2, berlinVars)]))) t.snapshot(text, path)
})

test('no two resources are about the same, and each can be', t => {
  for (const resources of [
    all(labVars, gw1, [peerOf(gw2, labVars)], labOffers),
    all(berlinVars, ber1, [peerOf(ber2, berlinVars)]),
  ]) {
    const ids = resources.map(({id}) => id)
    const twice = ids.filter((id, index) => ids.indexOf(id) !== index)
    t.deepEqual(twice, ['directory /etc/gatewright'], 'the same directory, wanted alike')
    t.deepEqual(
      resources.flatMap(({kind, desired}) => kind.problems(desired)),
      [],
    )
  }
})

const parts = ['firewall', 'sshd', 'accounts', 'sysctl', 'logs', 'audit', 'time', 'updates', 'reduction'] as const
const marks: Readonly<Record<(typeof parts)[number], string>> = {
  firewall: 'nft-table gatewright_filter',
  sshd: 'fileset sshd',
  accounts: 'fileset sudoers',
  sysctl: 'sysctl net.ipv4.ip_forward',
  logs: 'file /etc/systemd/journald.conf.d/50-gatewright.conf',
  audit: 'audit-socket auditd',
  time: 'service chrony',
  updates: 'service apt-daily-upgrade.timer',
  reduction: 'file /etc/modprobe.d/gatewright-hardening.conf',
}
for (const part of parts)
  test(`the part ${part} can be left out, and nothing else goes with it`, t => {
    const ids = new Set(all({...labVars, [part]: false}, gw1, []).map(({id}) => id))
    t.deepEqual(
      parts.filter(other => !ids.has(marks[other])),
      [part],
    )
  })

test('a container gets nothing of auditd but the reason', t => {
  const inContainer = {virtualisation: {type: 'systemd-nspawn', container: true}} as never
  const found = role
    .resources({vars: labVars, host: gw1, peers: [], facts: inContainer, offers: []})
    .filter(({id}) => /audit/.test(id))
  t.deepEqual(
    found.map(({id}) => id),
    ['audit-socket auditd'],
  )
})

test('what can lock out is commit-confirmed', t => {
  const guarded = all(labVars, gw1, [])
    .filter(({desired}) => desired.confirm)
    .map(({id}) => id)
  t.deepEqual(guarded, [
    'sysctl net.ipv4.conf.all.arp_ignore',
    'sysctl net.ipv4.conf.all.rp_filter',
    'sysctl net.ipv4.conf.default.rp_filter',
    'nft-table gatewright_filter',
    'fileset sudoers',
    'fileset sshd',
  ])
})

test('the unit of Debian that flushes all tables is masked, and never stopped', t => {
  const unit = all(labVars, gw1, []).find(({id}) => id === 'service nftables')
  t.deepEqual(unit?.desired, {name: 'nftables', enabled: false, masked: true})
  t.notRegex(nftFilter(firewallView(labVars, gw1, labOffers)), /flush/)
})

test('for every flow of either gateway there is a permit on the other: the rulesets differ in addresses only', t => {
  const ruleset = (host: Host, peer: Host): string =>
    nftFilter(
      firewallView(labVars, host, role.offers({vars: labVars, host, peers: [peerOf(peer, labVars)], others: []})),
    )
  const [one, other] = [ruleset(gw1, gw2), ruleset(gw2, gw1)]
  t.not(one, other)
  const anonymous = (text: string): string => text.replaceAll(/10\.10\.254\.[23]/g, 'A')
  t.is(anonymous(one), anonymous(other))
})

test('where the other gateway may be the way out, networks of the pair come and go over the link between them', t => {
  const {spoofing, forward, input} = firewallView(labVars, gw1, [transit('sync')])
  t.deepEqual(
    spoofing.map(({devices, networks}) => [devices, networks]),
    [
      [['lan', 'sync'], ['10.10.0.0/24']],
      [['lan', 'sync'], ['fd00:10:10::/64']],
      [['sync'], ['10.10.255.0/29']],
      [['mgmt'], ['10.10.254.0/24']],
    ],
    'never those of management',
  )
  t.deepEqual(
    forward.map(({from, to}) => [from, to]),
    [
      [
        ['lan', 'sync'],
        ['sync', 'wan-a', 'wan-b'],
      ],
    ],
  )
  t.deepEqual(input, firewallView(labVars, gw1, []).input)
})

test('SSH is let in before anything asks the connection tracking, on the management link alone', t => {
  const rules = nftFilter(firewallView(labVars, gw1, role.offers({vars: labVars, host: gw1, peers: [], others: []})))
  const input = rules.slice(rules.indexOf('chain input'))
  t.true(input.indexOf('tcp dport 22') < input.indexOf('ct state'))
  t.is(rules.match(/tcp dport 22 counter accept comment "SSH"/g)?.length, 1)
  t.regex(rules, /iifname "mgmt" ip saddr 10\.10\.254\.0\/24 tcp dport 22 counter accept comment "SSH"/)
  const open = varsOf()
  t.regex(
    nftFilter(firewallView(open, gw1, role.offers({vars: open, host: gw1, peers: [], others: []}))),
    /\n {4}tcp dport 22 counter accept comment "SSH"/,
    'without a management link nobody is locked out',
  )
})

test('sshd listens everywhere unless the management link is known', t => {
  t.notRegex(sshdConf(sshdView(varsOf(), gw1)), /ListenAddress/)
  t.regex(sshdConf(sshdView(labVars, gw1)), /\nListenAddress 10\.10\.254\.2:22\n/)
  t.notRegex(sshdConf(sshdView({...labVars, ssh_listen: 'any'}, gw1)), /ListenAddress/)
})

test('a permit whose addresses are of two families is two lines, none of them for the other family', t => {
  const view = firewallView(labVars, gw1, [
    {
      offer: 'flow',
      protocol: 'tcp',
      port: 179,
      from: ['192.0.2.1', '2001:db8:a::1'],
      to: ['192.0.2.2'],
      link: 'wan-a',
      purpose: 'BGP',
    },
    {offer: 'flow', protocol: 'icmp', from: [], purpose: 'ICMP'},
  ])
  t.deepEqual(
    view.input.map(({family, source, destination, protocols}) => ({family, source, destination, protocols})),
    [
      {family: 'ip', source: ['192.0.2.1/32'], destination: ['192.0.2.2/32'], protocols: [6]},
      {family: undefined, source: [], destination: [], protocols: [1, 58]},
    ],
  )
})

test('networks have no host bits and none is within another, which nft would refuse', t => {
  t.deepEqual(networksOf(['10.10.0.2/24', '10.10.0.77', '10.10.0.0/16', 'fd00:10::1/64', 'fd00:10::/48']), [
    '10.10.0.0/16',
    'fd00:10::/48',
  ])
})

test('a key that another role sets is left to it, and recorded where it departs from the baseline', t => {
  const {parameters, exceptions} = sysctlView(labVars, gw1, labOffers)
  const keys = parameters.map(({key}) => key)
  t.is(keys[0], 'net.ipv4.ip_forward', 'forwarding resets other keys')
  t.false(keys.includes('net.ipv4.conf.all.rp_filter'))
  t.false(keys.includes('net.ipv4.conf.all.arp_announce'))
  t.true(keys.includes('net.ipv4.conf.all.arp_ignore'))
  const ofKey = (key: string) => exceptions.find(({what}) => what === key)
  t.like(ofKey('net.ipv4.conf.all.rp_filter'), {recommended: '1', set: '0', reason: 'asymmetric on purpose'})
  t.is(ofKey('net.ipv4.conf.all.arp_announce'), undefined, 'it is as recommended')
  t.like(ofKey('net.ipv4.ip_forward'), {control: '3.3.1', recommended: '0', set: '1'})
  t.true(exceptions.every(({reason}) => reason.length > 10))
})

test('one uplink is checked strictly, several loosely; a kept key is an exception', t => {
  const valueOf = (host: Host, key: string) =>
    sysctlView(labVars, host, []).parameters.find(each => each.key === key)?.value
  t.is(valueOf(gw1, 'net.ipv4.conf.all.rp_filter'), '2')
  const {'wan-b': _, ...one} = gw1.links
  t.is(valueOf({...gw1, links: one}, 'net.ipv4.conf.all.rp_filter'), '1')
  t.is(valueOf(ber1, 'net.ipv6.conf.bond0/20.accept_ra'), '0')
  const kept = sysctlView({...labVars, sysctl_keep: ['net/ipv4/tcp_syncookies']}, gw1, [])
  t.false(kept.parameters.some(({key}) => key === 'net.ipv4.tcp_syncookies'))
  t.true(kept.exceptions.some(({what}) => what === 'net.ipv4.tcp_syncookies'))
})

test('a tunnel, which comes and goes, has what every new device has', t => {
  const made = {device: 'wg0', addresses: ['10.99.1.2/30'], mtu: 1420}
  const offer = {...made, offer: 'tunnel' as const, endpoints: [], overhead: 60, keepalive: 5, variable: 'devices'}
  const {parameters} = sysctlView(labVars, {...gw1, links: {...gw1.links, wg0: made}}, [offer])
  t.deepEqual(parameters, sysctlView(labVars, gw1, []).parameters)
})

test('the gateways of a pair never update at the same hour', t => {
  const [one, other] = [updatesView(berlinVars, ber1, [ber2]), updatesView(berlinVars, ber2, [ber1])]
  t.deepEqual([one.download, one.install], ['21:30', '22:30'])
  t.deepEqual([other.download, other.install], ['03:30', '04:30'])
})

test('what listens without being declared is found', t => {
  const sockets = `\
udp UNCONN 0      0          0.0.0.0:123 0.0.0.0:* users:(("chronyd",pid=5677,fd=7))
udp UNCONN 0      0        127.0.0.1:323 0.0.0.0:* users:(("chronyd",pid=5677,fd=5))
udp UNCONN 0      0            [::1]:323    [::]:* users:(("chronyd",pid=5677,fd=6))
udp UNCONN 0      0   127.0.0.53%lo:53  0.0.0.0:*
tcp LISTEN 0      128    10.10.254.2:22  0.0.0.0:* users:(("sshd",pid=43,fd=3))
udp UNCONN 0      0          0.0.0.0:42216 0.0.0.0:* users:(("conntrackd",pid=45,fd=9))
tcp LISTEN 0      128              *:8005      *:* users:(("portal",pid=44,fd=3))
`
  const flow = (protocol: string, ports: string[]) => ({protocol, ports, from: [], to: [], purpose: 'x'})
  t.deepEqual(undeclared(sockets, [flow('tcp', ['22']), flow('tcp', ['8000-8010'])]), [
    {socket: 'udp 0.0.0.0:123', process: 'chronyd'},
  ])
  t.deepEqual(
    undeclared(sockets, [flow('udp', [])]).map(({socket}) => socket),
    ['tcp 10.10.254.2:22', 'tcp *:8005'],
  )
})
