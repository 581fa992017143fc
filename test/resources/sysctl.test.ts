import test from 'ava'
import {isReadOnly} from '../../src/resources/mount-view.ts'
import {Unreadable} from '../../src/resources/resource.ts'
import {sysctl} from '../../src/resources/sysctl.ts'
import {parseKey, persistentFile, persistentLine} from '../../src/resources/sysctl-key.ts'
import {answer, judge} from './ask.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
/** Of systemd-nspawn with a writable /proc/sys/net. */
const mounts = [
  '102 81 0:39 / / rw,relatime shared:2 - overlay overlay rw',
  '115 102 0:48 / /proc rw,nosuid,nodev,noexec,relatime shared:11 - proc proc rw',
  '117 115 0:48 /sys /proc/sys ro,nosuid,nodev,noexec,relatime shared:11 - proc proc rw',
  '119 115 0:48 /sys/net /proc/sys/net rw,nosuid,nodev,noexec,relatime shared:11 - proc proc rw',
]
const host = (head: string[], file = 'parent\nowner\ngroup\nabsent') =>
  answer([...head, ...mounts.map(line => `mount ${line}`), 'proc', 'file', file, ''].join('\n'))
const live = (value: string, bits = '644 0') => [`live ${base64(value)}`, `bits ${bits}`, '0']
const kept = (line: string, mode = '644') =>
  `parent\nowner\ngroup\nstat regular file|${mode}|root|0|root|0|9\nsha256 x\ncontent ${base64(line)}`
const ports = sysctl({key: 'net.ipv4.ip_local_port_range', value: '32768 60000'})

test('a key is set now and kept', t => {
  t.deepEqual(judge(ports, host(live('32768\t60999'))), {
    changes: [
      {path: 'live', from: '32768 60999', to: '32768 60000'},
      {path: 'persistent', from: 'absent', to: '32768 60000'},
    ],
    steps: [
      'write /etc/sysctl.d/90-gatewright-net-ipv4-ip_local_port_range.conf',
      'set net.ipv4.ip_local_port_range to 32768 60000',
    ],
  })
})

test('fields are compared, not the white space between them', t => {
  const {changes} = judge(ports, host(live('32768\t60000')))
  t.deepEqual(changes, [{path: 'persistent', from: 'absent', to: '32768 60000'}])
})

test('another value on the disk is written again', t => {
  const {changes} = judge(ports, host(live('32768 60000'), kept('net.ipv4.ip_local_port_range = 1 2\n')))
  t.deepEqual(changes, [{path: 'persistent', from: '1 2', to: '32768 60000'}])
})

test('a key that this kernel does not have is unsupported', t => {
  t.deepEqual(judge(sysctl({key: 'net.ipv4.nope', value: 1}), host([])), {
    unsupported: 'the kernel of this host has no net.ipv4.nope',
  })
})

test('a key that the host does not let anybody write is unsupported, with its reason', t => {
  const panic = sysctl({key: 'kernel.panic', value: 9})
  t.deepEqual(judge(panic, host(live('0'))), {unsupported: '/proc/sys/kernel/panic is mounted read-only'})
  const max = sysctl({key: 'net.netfilter.nf_conntrack_max', value: 9})
  t.deepEqual(judge(max, host(live('1', '444 0'))), {
    unsupported: '/proc/sys/net/netfilter/nf_conntrack_max is read-only (mode 444)',
  })
  t.deepEqual(judge(max, host(live('1', '644 65534'))), {
    unsupported: '/proc/sys/net/netfilter/nf_conntrack_max belongs to another user namespace',
  })
})

test('a key that cannot be written but is right is only kept', t => {
  t.deepEqual(judge(sysctl({key: 'kernel.panic', value: 9}), host(live('9'))).steps, [
    'write /etc/sysctl.d/90-gatewright-kernel-panic.conf',
  ])
})

test('a key of a device that is not there yet is only kept', t => {
  const device = sysctl({key: 'net.ipv4.conf.lan/20.rp_filter', value: 1})
  t.deepEqual(judge(device, host([])).changes, [{path: 'persistent', from: 'absent', to: '1'}])
})

test('a module that brings the key is loaded, now and at boot', t => {
  const max = sysctl({key: 'net.netfilter.nf_conntrack_max', value: 9})
  t.deepEqual(judge(max, host(['loadable'])), {
    changes: [
      {path: 'live', from: null, to: '9'},
      {path: 'persistent', from: 'absent', to: '9'},
    ],
    steps: [
      'load nf_conntrack at boot',
      'load nf_conntrack',
      'write /etc/sysctl.d/90-gatewright-net-netfilter-nf_conntrack_max.conf',
      'set net.netfilter.nf_conntrack_max to 9',
    ],
  })
})

test('a key that can only be written is unreadable', t => {
  const refused = answer('', 3, 'cat: /proc/sys/net/ipv4/route/flush: Permission denied')
  t.throws(() => judge(sysctl({key: 'net.ipv4.route.flush', value: 1}), refused), {instanceOf: Unreadable})
})

test('names of keys follow sysctl.d(5)', t => {
  t.like(parseKey('net.ipv4.conf.lan/20.rp_filter'), {path: 'net/ipv4/conf/lan.20/rp_filter', device: 'lan.20'})
  t.like(parseKey('net/ipv4/conf/lan.20/rp_filter'), {path: 'net/ipv4/conf/lan.20/rp_filter', device: 'lan.20'})
  t.is(parseKey('net.ipv4.conf.all.rp_filter').device, undefined)
  t.is(persistentLine('net.ipv4.conf.lan/20.rp_filter', '1'), 'net/ipv4/conf/lan.20/rp_filter = 1\n')
  t.is(persistentLine('net/ipv4/ip_forward', '1'), 'net.ipv4.ip_forward = 1\n')
  t.is(persistentFile('net.ipv4.ip_forward'), '/etc/sysctl.d/89-gatewright-net-ipv4-ip_forward.conf')
  t.is(sysctl({key: 'net/ipv4/ip_forward', value: 1}).id, sysctl({key: 'net.ipv4.ip_forward', value: 1}).id)
})

test('what is no key or value is a problem', t => {
  for (const key of ['', 'panic', 'a b.c', '../etc', 'net..x', 'net.a\n'])
    t.is(ports.kind.problems({key, value: '1'}).length, 1, JSON.stringify(key))
  for (const value of ['', ' ', '1\n2']) t.is(ports.kind.problems({key: 'a.b', value}).length, 1, JSON.stringify(value))
})

test('the nearest mount decides, the last one at the same place', t => {
  t.true(isReadOnly('/proc/sys/kernel/panic', mounts))
  t.false(isReadOnly('/proc/sys/net/core/somaxconn', mounts))
  t.false(isReadOnly('/proc/sysrq', mounts))
  t.true(isReadOnly('/proc/sys/net/x', [...mounts, '1 1 0:1 /sys/net /proc/sys/net ro - proc proc rw']))
  t.true(isReadOnly('/a b/c', ['1 1 0:1 / /a\\040b rw - tmpfs tmpfs ro']))
})
