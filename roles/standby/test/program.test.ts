// The program with a systemctl(1) and a ping(8) of the test's, in directories of its own.
import {spawnSync} from 'node:child_process'
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import '../../../src/resolve.ts'

const {standbyProgram} = await import('../templates/program.ts')
const {standbyView} = await import('../view.ts')

const view = {pair: 'office', primaryAddresses: ['192.0.2.2', '192.0.2.3'], start: ['bgp', 'vrrp']}

const ground = (t: ExecutionContext, answering: readonly string[] = []) => {
  const directory = mkdtempSync(join(tmpdir(), 'standby-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  const of = (path: string): string => join(directory, path)
  for (const each of ['bin', 'etc/gatewright/standby.d', 'etc/systemd/system', 'run'])
    mkdirSync(of(each), {recursive: true})
  const program = (name: string, text: string): void => {
    writeFileSync(of(`bin/${name}`), `#!/bin/sh\n${text}\n`)
    chmodSync(of(`bin/${name}`), 0o755)
  }
  // It keeps the state of each unit in a file.
  program(
    'systemctl',
    `verb=$1; shift; echo "$verb $*" | sed 's/ --quiet//; s/ --//' >>${of('told')}
for unit in "$@"; do case $unit in -*) continue ;; esac
case $verb in
start | stop) echo $verb >${of('state-')}$unit ;;
mask | unmask | enable | disable) echo $verb >${of('file-')}$unit ;;
is-active) case $(cat ${of('state-')}$unit 2>/dev/null) in start) echo active ;; *) echo inactive; exit 3 ;; esac ;;
is-enabled) case $(cat ${of('file-')}$unit 2>/dev/null) in mask) echo masked; exit 1 ;; enable) echo enabled ;; *) echo disabled; exit 1 ;; esac ;;
esac; done; exit 0`,
  )
  program(
    'ping',
    `for address in ${answering.join(' ')}; do case " $* " in *" $address "*) exit 0 ;; esac; done; exit 1`,
  )
  program('logger', ':')
  // Rules and routes are lines of files.
  program(
    'ip',
    `family=$1; shift; [ "$1" != -oneline ] || shift; case "$2" in show) cat ${of('kernel')}$family-$1 2>/dev/null ;; *) echo "ip $family $*" >>${of('told')} ;; esac`,
  )
  const provision = (role: string, lines: string): void => writeFileSync(of(`etc/gatewright/standby.d/${role}`), lines)
  const text = standbyProgram(view)
    .replaceAll('/etc/', `${of('etc')}/`)
    .replaceAll('/run/', `${of('run')}/`)
    .replaceAll('/var/', `${of('var')}/`)
  const run = (...words: string[]) => {
    rmSync(of('told'), {force: true})
    const {status, stdout, stderr} = spawnSync('sh', ['-c', text, 'standby', ...words], {
      encoding: 'utf8',
      env: {PATH: `${of('bin')}:${process.env['PATH']}`},
    })
    const told = existsSync(of('told')) ? readFileSync(of('told'), 'utf8').trim().split('\n') : []
    return {status, stdout: stdout.trim(), stderr: stderr.trim(), told: told.filter(each => !/^(is-|reset)/.test(each))}
  }
  return {run, provision, of}
}
const provisioned = (t: ExecutionContext, answering?: readonly string[]) => {
  const at = ground(t, answering)
  at.provision('vrrp', 'start own.service\nstart keepalived.service\n')
  at.provision('bgp', 'start frr.service\nrelease wg-quick@wg0.service\n')
  writeFileSync(at.of('etc/systemd/system/own.service'), '')
  return at
}

test('it starts what was laid down, in the order of the roles', t => {
  const {run, of} = provisioned(t)
  const {status, told} = run('activate')
  t.is(status, 0)
  t.deepEqual(told, [
    'unmask frr.service wg-quick@wg0.service keepalived.service',
    'enable frr.service own.service keepalived.service',
    'start frr.service',
    'start own.service',
    'start keepalived.service',
  ])
  t.true(existsSync(of('etc/gatewright/active')))
  t.is(run('status').stdout, '')
})

test('while the pair answers it is refused, and nothing is touched; who knows better confirms', t => {
  const {run, of} = provisioned(t, ['192.0.2.3'])
  const {status, stderr, told} = run('activate')
  t.is(status, 3)
  t.is(stderr, 'the pair office is still there: 192.0.2.3 answers. Two sites would announce the same networks.')
  t.deepEqual(told, [])
  t.false(existsSync(of('etc/gatewright/active')))
  t.is(run('activate', 'confirmed').status, 0)
})

test('what a drill has activated starts no more after a reboot', t => {
  const {run, of} = provisioned(t)
  const {told} = run('activate', 'drill')
  t.false(told.some(each => each.startsWith('enable')))
  t.true(told.includes('start frr.service'))
  t.true(existsSync(of('run/gatewright/active')))
  t.false(existsSync(of('etc/gatewright/active')))
})

test('it is given back in the opposite order, and only to a pair that answers', t => {
  const alone = provisioned(t)
  alone.run('activate')
  const refused = alone.run('deactivate')
  t.is(refused.status, 3)
  t.is(refused.stderr, 'the pair office does not answer: nobody would carry its traffic.')
  t.deepEqual(refused.told, [])
  const {run, of} = provisioned(t, ['192.0.2.2'])
  run('activate', 'confirmed')
  const {status, told} = run('deactivate')
  t.is(status, 0)
  t.deepEqual(told, [
    'mask keepalived.service wg-quick@wg0.service frr.service',
    'disable own.service',
    'stop keepalived.service',
    'stop own.service',
    'stop wg-quick@wg0.service',
    'stop frr.service',
  ])
  t.false(existsSync(of('etc/gatewright/active')))
  t.is(run('status').stdout, '')
})

test('rules and routes that daemons have left in the kernel go with the place, and no others', t => {
  const {run, of} = provisioned(t, ['192.0.2.2'])
  const kernel = (name: string, ...lines: string[]): void => writeFileSync(of(`kernel${name}`), `${lines.join('\n')}\n`)
  const rules = ['0:\tfrom all lookup local', '32766:\tfrom all lookup main']
  const routes = [
    '10.0.0.0/24 dev lan proto kernel scope link src 10.0.0.2',
    'default via 10.9.9.9 dev mgmt metric 500',
  ]
  kernel('-4-rule', ...rules)
  kernel('-4-route', ...routes)
  run('activate', 'confirmed')
  kernel('-4-rule', ...rules, '10011:\tfrom all fwmark 0x2100/0x3f00 lookup 1001')
  kernel(
    '-4-route',
    ...routes,
    'default via 198.18.40.1 dev wan table 1001',
    'default nhid 30 proto bgp metric 20 \\\tnexthop via 192.0.2.1 dev wan weight 1 \\\tnexthop via 192.0.2.9 dev lte weight 1',
    'blackhole 203.0.113.128 proto 103 metric 100',
    'local 10.40.0.1 dev lan table local proto kernel scope host src 10.40.0.1',
    '198.18.0.0/24 dev wan proto kernel scope link src 198.18.0.2',
  )
  const {told} = run('deactivate')
  t.deepEqual(
    told.filter(each => each.startsWith('ip ')),
    [
      'ip -4 rule delete priority 10011',
      'ip -4 route delete default dev wan table 1001',
      'ip -4 route delete default proto bgp metric 20',
      'ip -4 route delete blackhole 203.0.113.128 proto 103 metric 100',
    ],
  )
})

test('a unit that runs, may run or was unmasked on a cold host is told; so is a host that nothing was laid down on', t => {
  const {run, of} = provisioned(t)
  for (const unit of ['frr', 'keepalived', 'wg-quick@wg0']) writeFileSync(of(`file-${unit}.service`), 'mask')
  t.is(run('status').stdout, '')
  writeFileSync(of('file-frr.service'), 'unmask')
  writeFileSync(of('file-own.service'), 'enable')
  writeFileSync(of('state-keepalived.service'), 'start')
  t.deepEqual(run('status').stdout.split('\n').toSorted(), [
    'frr.service is not masked',
    'keepalived.service is active',
    'own.service is enabled',
  ])
  const bare = ground(t)
  t.regex(bare.run('status').stdout, /^nothing was provisioned/)
  t.is(bare.run('activate').status, 1)
})

const host = {name: 'cold1', pair: undefined, site: 'b', links: {}, standsInFor: 'office'}
const vars = {recovery_time_s: 60, start: ['bgp'], max_age_days: 8}
const gw1 = {
  name: 'gw1',
  pair: 'office',
  site: 'a',
  offers: [],
  links: {
    lan: {device: 'eth0', addresses: ['10.0.0.2/24']},
    wan: {device: 'eth1', addresses: ['192.0.2.2/24', '2001:db8::2/64'], gateway: '192.0.2.1'},
  },
}

test('the pair is asked by the addresses of its uplinks, unless others are named', t => {
  t.deepEqual(standbyView(vars, host, [gw1]).primaryAddresses, ['192.0.2.2', '2001:db8::2'])
  t.deepEqual(standbyView({...vars, primary_addresses: ['10.9.9.9']}, host, [gw1]).primaryAddresses, ['10.9.9.9'])
  t.throws(() => standbyView(vars, host, []), {message: /nothing tells whether the pair 'office' is still there/})
  t.throws(() => standbyView(vars, {...host, standsInFor: undefined} as never, [gw1]), {
    message: /stands in for nobody/,
  })
})
