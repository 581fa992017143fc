import test from 'ava'
import {groups, users} from '../../src/facts/accounts.ts'
import {bonds} from '../../src/facts/bonds.ts'
import {cpu, memory} from '../../src/facts/hardware.ts'
import {addresses, links, routes} from '../../src/facts/network.ts'
import {packages, packageVersion} from '../../src/facts/packages.ts'
import {powerSupplies} from '../../src/facts/power-supplies.ts'
import {commandExists, fileContent} from '../../src/facts/query.ts'
import {services} from '../../src/facts/services.ts'
import {session} from '../../src/facts/session.ts'
import {sockets} from '../../src/facts/sockets.ts'
import {standardFacts} from '../../src/facts/standard.ts'
import {bootId, hostname, kernel, os, virtualisation} from '../../src/facts/system.ts'
import {time} from '../../src/facts/time.ts'
import {Unreadable} from '../../src/resources/resource.ts'
import {answer, run} from '../resources/ask.ts'

test('system', t => {
  const release =
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n'
  t.deepEqual(os.parse(answer(release)), {id: 'debian', version: '12', codename: 'bookworm'})
  t.deepEqual(kernel.parse(answer('6.1.0-37-amd64\nx86_64\n')), {release: '6.1.0-37-amd64', machine: 'x86_64'})
  t.is(hostname.parse(answer('gw1\n')), 'gw1')
  t.is(bootId.parse(answer('23ffde43-345f-4508-8452-971b2d04b360\n')), '23ffde43-345f-4508-8452-971b2d04b360')
  t.deepEqual(virtualisation.parse(answer('systemd-nspawn\ncontainer\n')), {type: 'systemd-nspawn', container: true})
  t.deepEqual(virtualisation.parse(answer('none\n')), {type: 'none', container: false})
  t.deepEqual(virtualisation.parse(answer('')), {type: undefined, container: false})
})

test('who the engine is on the host, and where it comes from', t => {
  t.deepEqual(
    session.parse(answer('connection 10.10.254.1 50544 10.10.254.2 22\naccount operator\ngroups operator sudo\n')),
    {client: '10.10.254.1', server: '10.10.254.2', account: 'operator', groups: ['operator', 'sudo']},
  )
  t.like(session.parse(answer('account root\ngroups root\n')), {client: undefined, server: undefined, account: 'root'})
})

test('sockets, as ss of iproute2 6.1 prints them', t => {
  const text = `udp   UNCONN 0      0      127.0.0.1%lo:323         0.0.0.0:*    users:(("chronyd",pid=9,fd=5))
tcp   LISTEN 0      128             [::]:22             [::]:*    users:(("sshd",pid=77,fd=4),("systemd",pid=1,fd=40))
tcp   LISTEN 0      128                *:9100              *:*
`
  t.deepEqual(sockets.parse(answer(text)), [
    {protocol: 'udp', address: '127.0.0.1%lo', port: 323, process: 'chronyd'},
    {protocol: 'tcp', address: '[::]', port: 22, process: 'sshd'},
    {protocol: 'tcp', address: '*', port: 9100, process: undefined},
  ])
  t.deepEqual(sockets.parse(answer('')), [])
})

test('power supplies', t => {
  const told = (text: string) => powerSupplies.parse(answer(text))
  t.deepEqual(
    told(`ipmi PS1 Status       | C8h | ok  | 10.1 | Presence detected
ipmi PS2 Status       | C9h | ok  | 10.2 | Presence detected, Failure detected, Power Supply AC lost
ipmi PS3 Status       | CAh | ns  | 10.3 | No Reading
mains 1 ADP1
`),
    {
      supplies: [
        {name: 'PS1 Status', isWell: true},
        {name: 'PS2 Status', isWell: false},
        {name: 'PS3 Status', isWell: false},
      ],
    },
  )
  t.deepEqual(told('mains 1 AC\nmains 0 AC 2\n'), {
    supplies: [
      {name: 'AC', isWell: true},
      {name: 'AC 2', isWell: false},
    ],
  })
  t.deepEqual(told('none a kvm cannot see the power supplies of its host\n'), {
    supplies: undefined,
    why: 'a kvm cannot see the power supplies of its host',
  })
  t.deepEqual(told(''), {supplies: undefined, why: 'neither ipmitool nor the kernel knows of any power supply'})
  t.notThrows(() => powerSupplies.parse(run(powerSupplies.command)), 'whatever this machine is')
})

test('bonds', t => {
  const told = bonds.parse(
    answer(`Bond: bond0
Ethernet Channel Bonding Driver: v6.1.0-37-amd64

Bonding Mode: IEEE 802.3ad Dynamic link aggregation
MII Status: up
802.3ad info
LACP active: on

Slave Interface: eno1
MII Status: up
Speed: 10000 Mbps

Slave Interface: eno2
MII Status: down
Bond: bond1
Bonding Mode: fault-tolerance (active-backup)
Currently Active Slave: eno3
MII Status: up
Slave Interface: eno3
MII Status: up
`),
  )
  t.deepEqual(told, {
    bond0: {
      mode: 'IEEE 802.3ad Dynamic link aggregation',
      ports: [
        {device: 'eno1', isUp: true},
        {device: 'eno2', isUp: false},
      ],
    },
    bond1: {mode: 'fault-tolerance (active-backup)', ports: [{device: 'eno3', isUp: true}]},
  })
  t.deepEqual(bonds.parse(run(bonds.command)), {})
})

test('hardware', t => {
  t.deepEqual(cpu.parse(answer('4\nmodel name\t: Intel(R) Xeon(R) E-2314 CPU @ 2.80GHz\naes\n')), {
    count: 4,
    model: 'Intel(R) Xeon(R) E-2314 CPU @ 2.80GHz',
    aes: true,
  })
  t.deepEqual(cpu.parse(answer('2\n:\n')), {count: 2, model: '', aes: false})
  t.deepEqual(memory.parse(answer('MemTotal:        1014288 kB\nMemFree: 1 kB\nMemAvailable:     512000 kB\n')), {
    totalMiB: 990,
    availableMiB: 500,
  })
})

test('links, as iproute2 6.1 prints them', t => {
  const text = JSON.stringify([
    {
      ifname: 'lan.20',
      flags: ['BROADCAST', 'UP', 'LOWER_UP'],
      mtu: 1500,
      address: '02:00:00:00:00:01',
      master: 'br0',
      linkinfo: {info_kind: 'vlan'},
    },
    {ifname: 'wan', flags: ['NO-CARRIER', 'BROADCAST', 'UP'], mtu: 1492, address: '02:00:00:00:00:02'},
  ])
  t.deepEqual(links.parse(answer(text)), {
    'lan.20': {
      name: 'lan.20',
      mac: '02:00:00:00:00:01',
      mtu: 1500,
      up: true,
      carrier: true,
      kind: 'vlan',
      master: 'br0',
    },
    wan: {
      name: 'wan',
      mac: '02:00:00:00:00:02',
      mtu: 1492,
      up: true,
      carrier: false,
      kind: undefined,
      master: undefined,
    },
  })
})

test('addresses and routes', t => {
  const text = JSON.stringify([
    {ifname: 'lan', addr_info: [{family: 'inet', local: '10.10.0.2', prefixlen: 24, scope: 'global'}]},
    {ifname: 'down', addr_info: []},
  ])
  t.deepEqual(addresses.parse(answer(text)), [
    {device: 'lan', family: 'inet', address: '10.10.0.2/24', scope: 'global'},
  ])
  const both = JSON.stringify([
    [
      {dst: 'default', gateway: '192.0.2.1', dev: 'wan', protocol: 'static', metric: 5, flags: []},
      {type: 'local', dst: '127.0.0.1', dev: 'lo', table: 'local', protocol: 'kernel'},
    ],
    [{dst: 'fd00::/64', dev: 'lan', table: '100', protocol: 'kernel', metric: 256}],
  ])
  t.deepEqual(routes.parse(answer(both)), [
    {family: 'inet', to: 'default', via: '192.0.2.1', device: 'wan', table: 'main', protocol: 'static', metric: 5},
    {family: 'inet6', to: 'fd00::/64', via: undefined, device: 'lan', table: '100', protocol: 'kernel', metric: 256},
  ])
  t.deepEqual(routes.parse(answer('[[],[]]')), [])
})

test('packages and versions', t => {
  t.deepEqual(packages.parse(answer('installed bash 5.2.15-2+b13\nconfig-files frr 8.4.4\n')), {bash: '5.2.15-2+b13'})
  t.deepEqual(packages.parse(answer('')), {})
  const version = packageVersion('frr')
  t.is(version.name, 'package version frr')
  t.deepEqual(version.parse(answer('installed=8.4.4-1.1~deb12u2\n')), {installed: '8.4.4-1.1~deb12u2'})
  t.deepEqual(version.parse(answer('candidate=1:8.4=4\n')), {candidate: '1:8.4=4'})
  t.deepEqual(version.parse(answer('candidate=(none)\n')), {})
  t.deepEqual(version.parse(answer('')), {})
})

test('services', t => {
  const text = [
    'unit chrony.service   loaded    active   running NTP',
    'unit auditd.service   not-found inactive dead    auditd.service',
    'unit ssh.socket       loaded    inactive dead    Socket',
    'enabled chrony.service',
    'enabled frr.service',
    'enabled remote-fs.target',
    'masked nftables.service',
  ].join('\n')
  t.deepEqual(services.parse(answer(text)), {
    chrony: {active: 'active', sub: 'running', enabled: true, masked: false},
    'ssh.socket': {active: 'inactive', sub: 'dead', enabled: false, masked: false},
    frr: {active: 'inactive', sub: 'dead', enabled: true, masked: false},
    nftables: {active: 'inactive', sub: 'dead', enabled: false, masked: true},
  })
})

test('accounts', t => {
  t.deepEqual(users.parse(answer('frr:x:115:120:Frr,,,:/nonexistent:/usr/sbin/nologin\n')), {
    frr: {uid: 115, gid: 120, home: '/nonexistent', shell: '/usr/sbin/nologin'},
  })
  t.deepEqual(groups.parse(answer('sudo:x:27:\nfrrvty:x:121:frr,operator\n')), {
    sudo: {gid: 27, members: []},
    frrvty: {gid: 121, members: ['frr', 'operator']},
  })
})

test('time', t => {
  const chrony =
    'now=1763823181.5\nchrony=C0000201,192.0.2.1,3,1763823170.1,0.000012,-0.00001,0.00002,-1.2,0.01,0.2,0.001,0.0005,64.2,Normal\n'
  t.deepEqual(time.parse(answer(chrony)), {
    now: 1763823181.5,
    source: 'chrony',
    synchronised: true,
    offsetSeconds: 0.000012,
    stratum: 3,
  })
  t.like(time.parse(answer(chrony.replace('Normal', 'Not synchronised'))), {synchronised: false})
  t.deepEqual(time.parse(answer('now=1.5\ntimesyncd=yes\n')), {now: 1.5, source: 'timesyncd', synchronised: true})
  t.deepEqual(time.parse(answer('now=1.5\n')), {now: 1.5, source: 'unknown', synchronised: undefined})
})

const content = (path: string) => fileContent(path).parse(run(fileContent(path).command))

test('commands and files', t => {
  t.true(commandExists('sh').parse(run(commandExists('sh').command)))
  t.false(commandExists('no such').parse(run(commandExists('no such').command)))
  t.is(content("/it's not there"), undefined)
  t.regex(content('/etc/passwd') ?? '', /^root:/)
  t.throws(() => content('/etc/passwd/below'), {instanceOf: Unreadable, message: /Not a directory/})
  t.throws(() => content('/etc'), {instanceOf: Unreadable})
})

test('what fails is unreadable, with the words of the host', t => {
  for (const fact of Object.values(standardFacts))
    t.throws(
      () => fact.parse(answer('', 127, 'sh: 1: not found')),
      {instanceOf: Unreadable, message: /not found/},
      fact.name,
    )
  t.throws(() => links.parse(answer('Cannot open')), {instanceOf: Unreadable, message: /no JSON/})
})

test('all standard facts have a name of their own and can be asked of this machine', t => {
  const facts = Object.values(standardFacts)
  t.is(new Set(facts.map(({name}) => name)).size, facts.length)
  for (const fact of facts) t.notThrows(() => fact.parse(run(fact.command)), fact.name)
})
