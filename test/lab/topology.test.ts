import {mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {load} from 'js-yaml'
import {type Link, loadTopology} from '../../lab/index.ts'
import {refuseUnfitMachine} from '../../lab/machine.ts'
import {interfaceName, macAddress} from '../../lab/names.ts'
import {root} from '../support/gatewright.ts'

const scratch = mkdtempSync(join(tmpdir(), 'gatewright-topology-'))
const standard = readFileSync(join(root, 'lab/topology.yml'), 'utf8')

/** The standard topology with one piece of its text replaced. */
const changed = (from: string, to: string): string => {
  const file = join(scratch, `${Math.random()}.yml`)
  writeFileSync(
    file,
    standard.replace(from, () => to),
  )
  return file
}

const refusal = test.macro({
  exec(t: ExecutionContext, from: string, to: string, expected: RegExp) {
    t.true(standard.includes(from), 'the standard topology has that text')
    const error = t.throws(() => loadTopology(changed(from, to)), {name: 'LabUsageError'})
    t.regex(error.message, expected)
  },
  title: (problem = '') => `a topology is refused: ${problem}`,
})

test(
  'unknown key',
  refusal,
  '    forwarding: true',
  '    forwards: true',
  /\/hosts\/upstream: .*additional properties: forwards/,
)
test('host without ssh port', refusal, '    ssh: 2211\n', '', /\/hosts\/gw1: .*'ssh'/)
test('ssh port used twice', refusal, 'ssh: 2212', 'ssh: 2211', /host gw2: ssh port 2211 is taken by gw1/)
test('privileged port', refusal, 'ssh: 2212', 'ssh: 22', /\/hosts\/gw2\/ssh: must be >= 1024/)
test(
  'address used twice',
  refusal,
  '10.10.0.3/24',
  '10.10.0.2/24',
  /host gw2: link lan: 10\.10\.0\.2 is taken by host gw1: link lan/,
)
test(
  'virtual address',
  refusal,
  '10.10.0.3/24',
  '10.10.0.1/24',
  /host gw2: link lan: 10\.10\.0\.1 is taken by reserved/,
)
test(
  'address outside its segment',
  refusal,
  '10.10.0.3/24',
  '10.11.0.3/24',
  /outside segment lan \(10\.10\.0\.0\/24, fd00/,
)
test(
  'address without prefix length',
  refusal,
  '10.10.0.3/24',
  '10.10.0.3',
  /10\.10\.0\.3 is no address with prefix length/,
)
test('unknown segment', refusal, '  sync: [10.10.255.0/29]\n', '', /host gw1: link sync: no segment sync/)
test(
  'host that control cannot reach',
  refusal,
  '      mgmt: { addresses: [10.10.254.5/24] }\n',
  '',
  /host client: no address on mgmt/,
)
test('name that the lab needs', refusal, '  client:', '  core:', /host core: the lab itself uses this name/)
test(
  'link name longer than an interface may have',
  refusal,
  '      sync: { addresses: [10.10.255.2/29] }',
  '      synchronisation-link: {segment: sync, addresses: [10.10.255.2/29]}',
  /link synchronisation-link: not usable/,
)
test(
  'route via no address',
  refusal,
  'via: 10.10.0.1 }',
  'via: gateway }',
  /host client: route via gateway: no address/,
)
test('YAML that is none', refusal, 'name: lab', 'name: [', /topology|\.yml/)

test('every problem is reported at once', t => {
  const file = join(scratch, 'many.yml')
  writeFileSync(file, standard.replace('ssh: 2212', 'ssh: 2211').replace('10.10.0.3/24', '10.10.0.2/24'))
  t.is(t.throws(() => loadTopology(file)).message.split('\n').length, 2)
})

test('a missing file is named', t => {
  t.regex(t.throws(() => loadTopology('/nowhere/lab.yml'), {name: 'LabUsageError'}).message, /\/nowhere\/lab\.yml/)
})

test('a link joins the segment of its own name unless it names another', t => {
  const {hosts} = loadTopology(join(root, 'test/fixtures/lab/three-uplinks.yml'))
  t.is(hosts['gateway-north-east']?.links['office']?.segment, 'office')
  t.is(hosts['gateway-north-east']?.links['uplink-one-fibr']?.segment, 'provider-one')
})

test('interface names keep within 15 characters and stay different', t => {
  t.is(interfaceName('gw1.wan-a'), 'gw1.wan-a')
  const long = ['gateway-north-east.uplink-one-fibr', 'gateway-north-east.uplink-two-dsl'].map(interfaceName)
  t.deepEqual(
    long.map(name => name.length),
    [15, 15],
  )
  t.not(long[0], long[1])
})

test('MAC addresses are locally administered and differ between links', t => {
  const topology = loadTopology()
  const all = Object.entries(topology.hosts).flatMap(([host, {links}]) =>
    Object.keys(links).map(link => macAddress(topology, host, link)),
  )
  t.true(all.every(mac => /^02(:[0-9a-f]{2}){5}$/.test(mac)))
  t.is(new Set(all).size, all.length)
})

test('a machine that cannot carry a lab is refused with a sentence', t => {
  t.regex(
    t.throws(() => refuseUnfitMachine('darwin', 0), {name: 'LabUsageError'}).message,
    /cannot run on darwin; use the Vagrantfile/,
  )
  t.regex(
    t.throws(() => refuseUnfitMachine('linux', 1000), {name: 'LabUsageError'}).message,
    /needs root: run it with sudo/,
  )
  t.notThrows(() => refuseUnfitMachine('linux', 0))
})

interface InventoryHosts {
  all: {children: Record<string, {hosts: Record<string, {ansible_port: number}>}>}
}

const inventoryFile = (path: string) =>
  JSON.parse(JSON.stringify(load(readFileSync(join(root, 'inventory/lab', path), 'utf8'))))

test('the lab inventory has the hosts, groups, ports, links and addresses of the topology', t => {
  const topology = loadTopology()
  const {all}: InventoryHosts = inventoryFile('hosts.yml')
  const entries = Object.entries(all.children).flatMap(([group, {hosts}]) =>
    Object.entries(hosts).map(([host, {ansible_port: port}]) => ({host, group, port})),
  )
  // A host of several groups has its port where it is named first.
  const listed = [...Map.groupBy(entries, ({host}) => host)].map(([host, named]) => ({
    host,
    groups: named.map(({group}) => group),
    ports: named.flatMap(({port}) => port ?? []),
  }))
  const declared = Object.entries(topology.hosts).map(([host, {groups, ssh}]) => ({host, groups, ports: [ssh]}))
  t.deepEqual(listed, declared)
  for (const [host, {links}] of Object.entries(topology.hosts)) {
    const expected = Object.entries(links).map(([link, {addresses, gateway}]: [string, Link]) => {
      return [link, {device: link, addresses, ...(gateway === undefined ? {} : {gateway})}]
    })
    const {links: found}: {links: unknown} = inventoryFile(`host_vars/${host}.yml`)
    t.deepEqual(found, Object.fromEntries(expected), host)
  }
})
