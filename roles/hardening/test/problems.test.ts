import test from 'ava'
import '../../../src/resolve.ts'
import type {Offer} from '../../../src/offer.ts'
import type {Host} from '../../../src/role.ts'
import type {HardeningVars} from '../schema.ts'
import {ber1, ber2, berlinVars, gw1, gw2, labVars, peerOf, varsOf} from './fixtures.ts'

const {problems} = await import('../problems.ts')
const {liveProblems} = await import('../live-problems.ts')

const found = (given: Partial<HardeningVars>, host: Host = gw1) =>
  problems({vars: {...labVars, ...given}, host, peers: [], others: []}).map(({rule, variable}) => `${rule} ${variable}`)

test('nothing is wrong with the lab, and with another estate', t => {
  t.deepEqual(problems({vars: labVars, host: gw1, peers: [peerOf(gw2, labVars)], others: []}), [])
  t.deepEqual(problems({vars: berlinVars, host: ber1, peers: [peerOf(ber2, berlinVars)], others: []}), [])
  t.deepEqual(problems({vars: varsOf(), host: {...gw1, links: {}}, peers: [], others: []}), [])
})

test('every link that is named exists', t => {
  t.deepEqual(found({management_link: 'oob'}), ['hardening-link management_link'])
  t.deepEqual(found({forward: [{from: ['lan', 'dmz'], to: 'wan-c'}]}), [
    'hardening-link forward',
    'hardening-link forward',
  ])
  t.deepEqual(found({allow: [{protocol: 'udp', link: 'dmz', purpose: 'x'}]}), ['hardening-link allow'])
  t.deepEqual(found({uplinks: ['wan']}), ['hardening-link uplinks'])
  t.deepEqual(found({ntp_peer_link: 'dmz'}), ['hardening-link ntp_peer_link'])
})

test('addresses, protocols and ports are such', t => {
  t.deepEqual(found({management_from: ['10.10.254.0/33']}), ['hardening-address management_from'])
  t.deepEqual(found({forward: [{from: 'lan', to: 'wan-a', source: ['10.10.0.300']}]}), ['hardening-address forward'])
  const allow = (entry: Partial<HardeningVars['allow'][number]>) =>
    found({allow: [{protocol: 'tcp', purpose: 'x', ...entry}]})
  t.deepEqual(allow({from: ['example.net'], ports: [443]}), ['hardening-address allow'])
  t.deepEqual(allow({protocol: 'tpc'}), ['hardening-protocol allow'])
  t.deepEqual(allow({protocol: '256'}), ['hardening-protocol allow'])
  t.deepEqual(allow({protocol: 'vrrp', ports: [80]}), ['hardening-port allow'])
  t.deepEqual(allow({ports: [0]}), ['hardening-port allow'])
  t.deepEqual(allow({ports: ['90-80']}), ['hardening-port allow'])
  t.deepEqual(allow({ports: ['80-90-100', 'ssh']}), ['hardening-port allow', 'hardening-port allow'])
  t.deepEqual(allow({ports: [1, '65535', '80-90']}), [])
  t.deepEqual(found({forward: [{from: 'lan', to: 'wan-a', ports: [80]}]}), ['hardening-port forward'])
  t.deepEqual(allow({from: ['192.0.2.1'], to: ['2001:db8::1'], ports: [443]}), ['hardening-family allow'])
})

test('nothing is forwarded to or from management', t => {
  t.deepEqual(
    found({
      forward: [
        {from: 'lan', to: ['wan-a', 'mgmt']},
        {from: 'mgmt', to: 'wan-a'},
      ],
    }),
    ['hardening-forward-management forward', 'hardening-forward-management forward'],
  )
})

test('a permit that the rule against spoofing makes void is refused', t => {
  const allow = (from: string, link?: string) =>
    found({allow: [{protocol: 'udp', ports: [53], from: [from], purpose: 'x', ...(link !== undefined && {link})}]})
  t.deepEqual(allow('10.10.0.7', 'sync'), ['hardening-spoofed allow'])
  t.deepEqual(allow('10.10.0.7', 'lan'), [])
  t.deepEqual(allow('10.10.0.7'), [])
  t.deepEqual(allow('192.0.2.7', 'wan-b'), [])
})

test('what is of management is let in on its link alone', t => {
  const allow = (entry: Partial<HardeningVars['allow'][number]>, given: Partial<HardeningVars> = {}) =>
    found({allow: [{protocol: 'tcp', purpose: 'x', ...entry}], ...given})
  t.deepEqual(allow({ports: [22], link: 'lan'}), ['hardening-exposed allow'])
  t.deepEqual(allow({ports: ['20-25']}), ['hardening-exposed allow'], 'on every link')
  t.deepEqual(allow({link: 'lan'}), ['hardening-exposed allow'], 'every port')
  t.deepEqual(allow({ports: [9100], link: 'wan-a'}), ['hardening-exposed allow'])
  t.deepEqual(allow({ports: [9100, 22], link: 'mgmt'}), [])
  t.deepEqual(allow({ports: [22], link: 'lan', protocol: 'udp'}), [])
  t.deepEqual(allow({ports: [443], link: 'lan'}), [])
  t.deepEqual(allow({ports: [22], link: 'lan'}, {ssh_port: 2222}), [])
  t.deepEqual(found({management_link: undefined, allow: [{protocol: 'tcp', ports: [22], purpose: 'x'}]} as never), [])
})

test('an account is not wanted and removed at once', t => {
  t.deepEqual(found({operators: [{name: 'alice'}], accounts_removed: ['alice']}), [
    'hardening-account accounts_removed',
  ])
})

test('both gateways of a pair let the same through', t => {
  const differing = (given: Partial<HardeningVars>) =>
    problems({vars: labVars, host: gw1, peers: [peerOf(gw2, {...labVars, ...given})], others: []})
  t.deepEqual(
    differing({firewall: false, forward: [], conntrack_max: 8192}).map(({variable, also}) => [variable, also?.host]),
    [
      ['firewall', 'gw2'],
      ['forward', 'gw2'],
      ['conntrack_max', 'gw2'],
    ],
  )
  const dns = {protocol: 'udp', ports: [53], link: 'lan', purpose: 'resolver'}
  const pair = (here: string, there: string) =>
    problems({
      vars: {...labVars, allow: [{...dns, to: [here]}]},
      host: gw1,
      peers: [peerOf(gw2, {...labVars, allow: [{...dns, to: [there]}]})],
      others: [],
    })
  t.deepEqual(pair('10.10.0.2', '10.10.0.3'), [], 'each names its own address')
  const missing = problems({vars: {...labVars, allow: [dns]}, host: gw1, peers: [peerOf(gw2, labVars)], others: []})
  t.deepEqual(
    missing.map(({rule, variable}) => [rule, variable]),
    [['hardening-pair', 'allow']],
  )
  t.regex(missing[0]?.what ?? '', /gw2 does not let in "resolver"/)
})

const session = {client: '10.10.254.1', server: '10.10.254.2', account: 'operator', groups: ['operator', 'sudo']}
type Found = Parameters<typeof liveProblems>[0]['facts']
const time = {source: 'unknown', synchronised: undefined} as const
const hardware = {powerSupplies: {supplies: undefined, why: 'a kvm cannot see them'}, bonds: {}}
const live = (facts: Partial<Found> = {}, given: Partial<HardeningVars> = {}, offers: readonly Offer[] = []) =>
  liveProblems({
    vars: {...labVars, ...given},
    host: gw1,
    facts: {session, sysctlLines: [], logDiskMib: 100_000, time, ...hardware, ...facts},
    offers,
    peers: [],
  }).map(({rule, variable}) => `${rule} ${variable}`)

test('the connection that is in use has to be one that the firewall lets in', t => {
  t.deepEqual(live(), [])
  t.deepEqual(live({session: {...session, client: '10.10.0.100', server: '10.10.0.2'}}), [
    'hardening-locks-out management_from',
  ])
  t.deepEqual(live({session: {...session, server: '192.0.2.2'}}), ['hardening-locks-out management_link'])
  t.deepEqual(live({session: {...session, client: '10.99.0.1'}}, {management_from: ['10.99.0.0/16']}), [])
  t.deepEqual(live({session: {...session, client: '10.99.0.1'}}, {firewall: false}), [])
  t.deepEqual(live({session: {...session, client: undefined, server: undefined}}), [], 'not over SSH')
})

test('the account that is in use has to be one that sshd lets in', t => {
  const groups = ['operator']
  t.deepEqual(live({session: {...session, groups}}), ['hardening-locks-out ssh_groups'])
  t.deepEqual(live({session: {...session, groups}}, {operators: [{name: 'operator'}]}), [])
  t.deepEqual(live({session: {...session, groups}}, {operators: [{name: 'operator'}], accounts: false}), [
    'hardening-locks-out ssh_groups',
  ])
  t.deepEqual(live({session: {...session, groups}}, {ssh_groups: ['operator']}), [])
  t.deepEqual(live({session: {...session, groups}}, {sshd: false}), [])
  const root = {...session, account: 'root', groups: ['root']}
  t.deepEqual(live({session: root}), ['hardening-locks-out ssh_root_login'])
  t.deepEqual(live({session: root}, {ssh_root_login: 'prohibit-password'}), [])
  t.deepEqual(live({}, {accounts_removed: ['operator']}), ['hardening-locks-out accounts_removed'])
})

test('a later file of sysctl.d would undo at boot what this role sets', t => {
  const line = (file: string, key: string, value: string) => ({
    sysctlLines: [{file: `/etc/sysctl.d/${file}`, key, value}],
  })
  t.deepEqual(live(line('99-cloud.conf', 'net.ipv4.ip_forward', '0')), ['hardening-sysctl-override sysctl_keep'])
  t.deepEqual(live(line('99-cloud.conf', 'net/ipv4/ip_forward', '0')), ['hardening-sysctl-override sysctl_keep'])
  t.deepEqual(live(line('99-cloud.conf', 'net.ipv4.ip_forward', '1')), [])
  t.deepEqual(live(line('10-early.conf', 'net.ipv4.ip_forward', '0')), [])
  t.deepEqual(live(line('99-cloud.conf', 'vm.swappiness', '1')), [])
  t.deepEqual(live(line('99-cloud.conf', 'net.ipv4.ip_forward', '0'), {sysctl: false}), [])
})

test('nor may it undo what another role of the host needs, or be refused for it', t => {
  const loose: Offer = {offer: 'sysctl', key: 'net.ipv4.conf.bond0/20.rp_filter', value: 2}
  const line = (key: string, value: string) => ({sysctlLines: [{file: '/etc/sysctl.d/99-cloud.conf', key, value}]})
  const strict = line('net/ipv4/conf/bond0.20/rp_filter', '1')
  t.deepEqual(live(strict, {}, [loose]), ['hardening-sysctl-override sysctl_keep'])
  t.deepEqual(live(line('net/ipv4/conf/bond0.20/rp_filter', '2'), {}, [loose]), [])
  t.deepEqual(live(strict), [])
  const forwarding: Offer = {offer: 'sysctl', key: 'net.ipv4.conf.all.arp_ignore', value: 2}
  t.deepEqual(live(line('net.ipv4.conf.all.arp_ignore', '2'), {}, [forwarding]), [], 'the offer has the last word')
  t.deepEqual(live(line('net.ipv4.ip_forward', '0'), {sysctl_keep: ['net.ipv4.ip_forward']}), [], 'it is kept')
})

test('clocks that chrony knows to be apart are told once, and stop nothing', t => {
  const by = (offsetSeconds: number, synchronised = true) => ({source: 'chrony' as const, synchronised, offsetSeconds})
  const facts = (found: Found['time']): Found => ({
    session: {...session, client: undefined, server: undefined},
    sysctlLines: [],
    logDiskMib: 100_000,
    time: found,
    ...hardware,
  })
  const apart = (here: Found['time'], there: Found['time'], own = gw1, other = gw2) =>
    liveProblems({
      vars: labVars,
      host: own,
      facts: facts(here),
      offers: [],
      peers: [{...peerOf(other, labVars), facts: facts(there)}],
    })
  t.deepEqual(apart(by(0.04), by(-0.05)), [])
  t.like(apart(by(0.06), by(-0.05))[0], {
    rule: 'hardening-clock',
    what: "the clocks of gw1 and gw2 are 0.110 s apart by chrony's own estimate",
    isAdvice: true,
  })
  t.deepEqual(apart(by(0.06), by(-0.05), gw2, gw1), [], 'the other one says it')
  t.deepEqual(apart(by(5), by(0, false)), [], 'no source')
  t.deepEqual(apart(by(5), time), [], 'no chrony')
})

test('the logs of 190 days need room', t => {
  t.deepEqual(live({logDiskMib: 2000}), ['hardening-log-space log_rate'])
  t.deepEqual(live({logDiskMib: 2000}, {log_max_use: 900}), [])
  t.deepEqual(live({logDiskMib: 2000}, {log_max_use: 1900}), ['hardening-log-space log_max_use'])
  t.deepEqual(live({logDiskMib: 2000}, {audit: false}), [])
})

test('a power supply that failed, a single one, and a bond with one port are told; who cannot tell is silent', t => {
  const supplies = (...wells: readonly boolean[]): Partial<Found> => ({
    powerSupplies: {supplies: wells.map((isWell, index) => ({name: `PS${index + 1}`, isWell}))},
  })
  const bond = (...ups: readonly boolean[]): Partial<Found> => ({
    bonds: {bond0: {mode: 'IEEE 802.3ad', ports: ups.map((isUp, index) => ({device: `eth${index}`, isUp}))}},
  })
  t.deepEqual(live({...supplies(true, true), ...bond(true, true)}), [])
  t.deepEqual(live(supplies(true, false)), ['hardening-power-supply '])
  t.deepEqual(live(supplies(true)), ['hardening-power-supply '])
  t.deepEqual(live(bond(true, false)), ['hardening-bond '])
  const told = liveProblems({
    vars: labVars,
    host: gw1,
    facts: {session, sysctlLines: [], logDiskMib: 100_000, time, ...hardware, ...supplies(true, false), ...bond(false)},
    offers: [],
    peers: [],
  })
  t.true(told.every(({isAdvice}) => isAdvice))
  t.deepEqual(
    told.map(({what}) => what),
    ['gw1 has a power supply that is not well: PS2', 'bond0 of gw1 is a bond (IEEE 802.3ad) with 0 port up of 1: none'],
  )
})
