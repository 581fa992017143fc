import {existsSync, globSync, readdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test, {type ExecutionContext} from 'ava'
import * as lab from '../../lab/index.ts'
import {imageCache} from '../../lab/names.ts'
import {run} from '../../lab/run.ts'
import {copyOfCheckout, labCli, labCliKilledAfter, ssh, standardTopologyAs} from '../support/lab-copy.ts'
import {labTraces} from '../support/lab-traces.ts'

// A lab of its own, with the standard one's hosts and links: it runs beside whatever lab is up.
const topology = standardTopologyAs('lab-test', 2311)
const ports = Object.values(topology.hosts).map(host => host.ssh)
const traces = () => labTraces(topology.name, ports)

const timed = async (action: () => Promise<unknown>): Promise<number> => {
  const started = performance.now()
  await action()
  return Math.round(performance.now() - started)
}

const succeed = async (t: ExecutionContext, host: string, script: string): Promise<string> => {
  const {code, stdout, stderr} = await lab.labExec(topology, host, script)
  t.is(code, 0, `${host}: ${script}\n${stdout}${stderr}`)
  return stdout
}

/** Loss in percent and average round trip in milliseconds of pings from the client to gw1. */
const ping = async (t: ExecutionContext, count: number, host = 'client', address = '10.10.0.2') => {
  const {stdout} = await lab.labExec(topology, host, `ping -c ${count} -i 0.02 -W 1 -q ${address}`)
  t.log(stdout.split('\n').slice(-3).join(' '))
  return {
    lossPercent: Number(/([\d.]+)% packet loss/.exec(stdout)?.[1]),
    roundTripMs: Number(/= [\d.]+\/([\d.]+)\//.exec(stdout)?.[1] ?? Number.NaN),
  }
}

const partialImages = (): string[] => globSync(`${imageCache}/*/*.partial`)

test.before(async t => {
  t.timeout(600_000)
  await lab.down(topology)
  t.deepEqual(await traces(), [])
  // Builds the image if it is not there; what follows measures warm starts.
  await lab.up(topology, {log: t.log})
  await lab.down(topology)
})

test.after.always(async () => {
  await lab.down(topology)
})

test.serial('up boots all hosts from a warm image within 15 s', async t => {
  const bootMs = await timed(() => lab.up(topology, {log: t.log}))
  t.log(`${bootMs} ms`)
  t.true(bootMs < 15_000)
  const {up, hosts} = await lab.status(topology)
  t.true(up)
  t.true(Object.values(hosts).every(({state, boots}) => state === 'on' && boots === 1))
})

test.serial('a second up changes nothing', async t => {
  const before = (await lab.status(topology)).hosts
  await lab.up(topology)
  t.deepEqual((await lab.status(topology)).hosts, before)
})

for (const account of ['operator', 'root'])
  for (const host of ['gw1', 'gw2', 'upstream', 'client'])
    test.serial(`${account} logs in on ${host} through the forwarded port, over the mgmt link`, async t => {
      const {code, stdout, stderr} = await ssh(
        topology,
        host,
        account,
        'id -un; sudo -n id -un; hostname; echo "$SSH_CONNECTION"',
      )
      t.is(code, 0, stderr)
      const [user, become, name, connection] = stdout.trim().split('\n')
      t.deepEqual([user, become, name], [account, 'root', host])
      t.regex(connection ?? '', /^10\.10\.254\.1 \d+ 10\.10\.254\.\d+ 22$/)
    })

test.serial('many logins at once get through', async t => {
  const logins = await Promise.all(
    Array.from({length: 8}, () => ssh(topology, 'gw1', 'operator', 'head -c 1000000 /dev/zero | wc -c')),
  )
  t.deepEqual(
    logins.map(({stdout}) => stdout.trim()),
    Array.from({length: 8}, () => '1000000'),
  )
})

test.serial('no host has Python, a failed unit, or a file written besides what a boot writes', async t => {
  for (const host of Object.keys(topology.hosts)) {
    t.is((await lab.labExec(topology, host, 'command -v python3')).code, 127, host)
    t.is((await succeed(t, host, 'systemctl --failed --plain --no-legend')).trim(), '')
    t.deepEqual(
      readdirSync(lab.upperDirectory(topology, host)).filter(
        name => !['var', 'etc', 'root', 'tmp', 'run', 'dev'].includes(name),
      ),
      [],
    )
  }
})

test.serial('keepalived may run with realtime priority', async t => {
  await succeed(t, 'gw1', 'systemd-run --quiet --wait chrt --rr 1 true')
  await succeed(t, 'gw1', 'systemd-run --quiet --wait --property=CPUWeight=200 chrt --fifo 50 true')
})

test.serial("a host cannot set the machine's clock", async t => {
  const clockBit = 1n << 25n
  for (const capabilities of ['CapBnd', 'CapEff']) {
    const ofInit = await succeed(t, 'gw1', `sed -n 's/^${capabilities}:\\s*//p' /proc/1/status`)
    const ofExec = await succeed(t, 'gw1', `sed -n 's/^${capabilities}:\\s*//p' /proc/self/status`)
    // Looked at before it is tried: this machine's clock is everybody's.
    for (const value of [ofInit, ofExec]) t.is(BigInt(`0x${value.trim()}`) & clockBit, 0n)
  }
  const {code, stderr} = await lab.labExec(topology, 'gw1', 'date --set "$(date --rfc-3339=ns)"')
  t.is(code, 1)
  t.regex(stderr, /not permitted/i)
})

test.serial('net sysctls can be set', async t => {
  t.is((await succeed(t, 'gw1', 'sysctl -qw net.ipv4.ip_forward=1; sysctl -n net.ipv4.ip_forward')).trim(), '1')
})

test.serial('cut shows as NO-CARRIER in the host, heal restores the link', async t => {
  await lab.cut(topology, 'gw1', 'lan')
  t.regex(await succeed(t, 'gw1', 'ip link show lan'), /NO-CARRIER/)
  t.is((await ping(t, 3)).lossPercent, 100)
  t.true((await lab.status(topology)).hosts['gw1']?.links['lan']?.cut)
  await lab.heal(topology, 'gw1', 'lan')
  t.notRegex(await succeed(t, 'gw1', 'ip link show lan'), /NO-CARRIER/)
  t.is((await ping(t, 3)).lossPercent, 0)
})

test.serial('degrade delays in both directions, heal ends it', async t => {
  await lab.degrade(topology, 'gw1', 'lan', {delayMs: 25})
  const {roundTripMs} = await ping(t, 40)
  t.true(roundTripMs > 49 && roundTripMs < 75)
  await lab.heal(topology, 'gw1', 'lan')
  t.true((await ping(t, 40)).roundTripMs < 10)
})

test.serial('degrade loses frames', async t => {
  await lab.degrade(topology, 'gw1', 'lan', {lossPercent: 20})
  // A ping survives both ways with 0.8 x 0.8: 36 % are lost, and those of some seconds more where the questions for the neighbour
  // (ARP) are lost as well.
  const {lossPercent} = await ping(t, 300)
  t.true(lossPercent > 24 && lossPercent < 80)
  await lab.heal(topology, 'gw1', 'lan')
  t.is((await ping(t, 50)).lossPercent, 0)
})

test.serial('degrade limits the rate', async t => {
  await lab.degrade(topology, 'client', 'mgmt', {rateMbit: 20})
  await succeed(t, 'upstream', 'iperf3 --server --daemon --one-off')
  const report = await succeed(t, 'client', 'iperf3 --client 10.10.254.4 --time 3 --json')
  const {end}: {end: {sum_received: {bits_per_second: number}}} = JSON.parse(report)
  const mbit = end.sum_received.bits_per_second / 1e6
  t.log(`${mbit.toFixed(1)} Mbit/s`)
  t.true(mbit > 12 && mbit < 21)
  await lab.heal(topology, 'client', 'mgmt')
})

test.serial('a fault outlives the reboot of its host', async t => {
  await lab.cut(topology, 'gw2', 'wan-b')
  await lab.degrade(topology, 'gw2', 'lan', {delayMs: 10})
  await lab.reboot(topology, 'gw2')
  t.regex(await succeed(t, 'gw2', 'ip link show wan-b'), /NO-CARRIER/)
  t.true((await ping(t, 5, 'client', '10.10.0.3')).roundTripMs > 19)
  await lab.heal(topology, 'gw2', 'wan-b')
  await lab.heal(topology, 'gw2', 'lan')
  t.notRegex(await succeed(t, 'gw2', 'ip link show wan-b'), /NO-CARRIER/)
  t.true((await ping(t, 5, 'client', '10.10.0.3')).roundTripMs < 10)
})

test.serial(
  'a host without power is off until up, keeps its disk, and comes back with its declared addresses only',
  async t => {
    await succeed(
      t,
      'gw2',
      'echo kept > /var/lib/kept; ip address add 10.10.0.1/24 dev lan; nft add table inet leftover',
    )
    await lab.kill(topology, 'gw2')
    t.is((await lab.status(topology)).hosts['gw2']?.state, 'off')
    t.is((await ping(t, 2, 'client', '10.10.0.1')).lossPercent, 100)
    await t.throwsAsync(lab.labExec(topology, 'gw2', 'true'), {name: 'LabError', message: /gw2 is off/})
    await lab.up(topology)
    t.is((await succeed(t, 'gw2', 'cat /var/lib/kept')).trim(), 'kept')
    t.notRegex(await succeed(t, 'gw2', 'ip address'), /10\.10\.0\.1\//)
    t.is((await succeed(t, 'gw2', 'nft list ruleset')).trim(), '')
  },
)

test.serial('a frozen host answers no login and goes on when thawed', async t => {
  await lab.freeze(topology, 'gw2')
  t.not((await ssh(topology, 'gw2', 'root', 'true')).code, 0)
  await t.throwsAsync(lab.up(topology), {name: 'LabError', message: /gw2 is frozen; first: gatewright lab thaw gw2/})
  await lab.thaw(topology, 'gw2')
  t.is((await ssh(topology, 'gw2', 'root', 'true')).code, 0)
})

test.serial('a host that reboots itself comes back', async t => {
  const before = (
    await succeed(t, 'gw2', 'cat /proc/sys/kernel/random/boot_id; systemctl show -p UserspaceTimestampMonotonic')
  ).trim()
  const {boots} = (await lab.status(topology)).hosts['gw2'] ?? {boots: 0}
  await ssh(topology, 'gw2', 'operator', 'sudo reboot')
  for (let waited = 0; (await lab.status(topology)).hosts['gw2']?.boots === boots && waited < 200; waited++)
    await sleep(50)
  await lab.waitUntilReady(topology, 'gw2')
  t.is((await lab.status(topology)).hosts['gw2']?.boots, boots + 1)
  t.not((await succeed(t, 'gw2', 'systemctl show -p UserspaceTimestampMonotonic')).trim(), before)
})

test.serial('a host that switches itself off answers no more and stays off', async t => {
  await ssh(topology, 'gw2', 'operator', 'sudo poweroff')
  for (let waited = 0; (await lab.status(topology)).hosts['gw2']?.state !== 'off' && waited < 200; waited++)
    await sleep(50)
  await sleep(200)
  t.is((await lab.status(topology)).hosts['gw2']?.state, 'off')
  t.is((await ping(t, 2, 'client', '10.10.0.3')).lossPercent, 100)
  await lab.reboot(topology, 'gw2')
})

test.serial('reset makes a host pristine within 10 s and keeps its keys', async t => {
  await succeed(t, 'gw1', 'echo dirt > /etc/dirt; rm -r /home/operator')
  const resetMs = await timed(() => lab.reset(topology, ['gw1']))
  t.log(`${resetMs} ms`)
  t.true(resetMs < 10_000)
  t.false(existsSync(join(lab.hostRoot(topology, 'gw1'), 'etc/dirt')))
  t.is((await ssh(topology, 'gw1', 'operator', 'true')).code, 0)
})

test.serial('a pristine host installs keepalived with apt, offline', async t => {
  t.regex(await succeed(t, 'gw1', 'apt-cache policy keepalived'), /Installed: \(none\)\n\s+Candidate: \d/)
  await succeed(t, 'gw1', 'DEBIAN_FRONTEND=noninteractive apt-get install -y -qq keepalived')
  t.true(existsSync(join(lab.upperDirectory(topology, 'gw1'), 'usr/sbin/keepalived')))
})

test.serial('VRRP multicast passes the lan between the gateways', async t => {
  const configuration = `vrrp_instance test {
  interface lan
  virtual_router_id 7
  priority 100
  advert_int 0.2
  version 3
  virtual_ipaddress {
    10.10.0.1/24
  }
}`
  await succeed(
    t,
    'gw1',
    `cat > /etc/keepalived/keepalived.conf <<'END'\n${configuration}\nEND\nsystemctl restart keepalived`,
  )
  t.regex(
    await succeed(t, 'gw2', 'timeout 10 tcpdump -c 1 -n -i lan ip proto 112 2>/dev/null'),
    /10\.10\.0\.2 > 224\.0\.0\.18: VRRPv3/,
  )
  for (let tries = 0; (await ping(t, 2, 'client', '10.10.0.1')).lossPercent > 0 && tries < 20; tries++) await sleep(200)
  t.is((await ping(t, 5, 'client', '10.10.0.1')).lossPercent, 0)
})

test.serial('the command line tells hosts, ports and links, and refuses what is not there', async t => {
  const option = ['--topology', topology.file]
  const table = await labCli(['status', ...option])
  t.regex(table.stdout, /^gw1 +on +127\.0\.0\.1:2311 +lan up, wan-a up/m)
  const json: lab.LabStatus = JSON.parse((await labCli(['status', '--json', ...option])).stdout)
  t.is(json.hosts['client']?.ssh, 2314)
  const executed = await labCli(['exec', ...option, 'gw1', '--', 'sh', '-c', 'echo "$0 $1"; exit 7', 'a', '-b'])
  t.deepEqual([executed.code, executed.stdout], [7, 'a -b\n'])
  for (const argv of [
    ['cut', 'gw9', 'lan'],
    ['cut', 'gw1', 'wan-z'],
    ['degrade', 'gw1', 'lan', '--loss', '101'],
    ['explode'],
  ])
    t.is((await labCli([...argv, ...(argv.length > 1 ? option : [])])).code, 5, argv.join(' '))
})

test.serial('another checkout takes the lab over with keys of its own', async t => {
  const copy = copyOfCheckout()
  const {code, stdout, stderr} = await labCli(['up', '--topology', topology.file], copy)
  t.is(code, 0, stderr)
  t.regex(stdout, /taking over from a lab of the checkout/)
  t.is((await ssh(topology, 'gw1', 'operator', 'hostname', join(copy, '.lab'))).stdout, 'gw1\n')
  t.not((await ssh(topology, 'gw1', 'operator', 'hostname')).code, 0)
  await lab.up(topology)
  t.is((await ssh(topology, 'gw1', 'operator', 'hostname')).stdout, 'gw1\n')
  rmSync(copy, {recursive: true})
})

test.serial('a topology with other names, three uplinks and IPv6 boots beside it', async t => {
  const other = lab.loadTopology(join(import.meta.dirname, '../fixtures/lab/three-uplinks.yml'))
  await lab.up(other)
  t.teardown(() => lab.down(other))
  const script =
    'ip -6 route add default via 2001:db8:2::21; ping -c 1 -W 2 2001:db8:ffff::1; ping -c 1 -W 2 192.0.2.21; ip -o link'
  const {stdout} = await lab.labExec(other, 'gateway-north-east', script)
  t.is(stdout.match(/1 received/g)?.length, 2, stdout)
  t.regex(stdout, / uplink-one-fibr@/)
  await lab.cut(other, 'gateway-north-east', 'uplink-six-lte')
  t.is((await ssh(other, 'gateway-north-east', 'operator', 'hostname')).stdout, 'gateway-north-east\n')
  t.is((await lab.status(topology)).hosts['gw1']?.state, 'on')
  await lab.down(other)
  t.deepEqual(await labTraces(other.name, [2231, 2232]), [])
})

test.serial('down leaves nothing', async t => {
  await lab.degrade(topology, 'gw1', 'lan', {delayMs: 5})
  await lab.freeze(topology, 'gw2')
  await lab.kill(topology, 'upstream')
  await lab.down(topology)
  t.deepEqual(await traces(), [])
  t.false((await lab.status(topology)).up)
  await lab.down(topology)
})

for (const ms of [450, 900, 1500, 2500])
  test.serial(`down leaves nothing of an up that was killed after ${ms} ms`, async t => {
    await labCliKilledAfter(ms, ['up', '--topology', topology.file])
    t.log(`${(await traces()).length} traces before down`)
    await lab.down(topology)
    t.deepEqual(await traces(), [])
  })

test.serial('a supervisor that was killed takes its hosts along, and up starts anew', async t => {
  await lab.up(topology)
  const {supervisor = 0} = await lab.status(topology)
  process.kill(supervisor, 'SIGKILL')
  await sleep(500)
  t.false((await lab.status(topology)).up)
  await lab.up(topology)
  t.true((await lab.status(topology)).up)
  await lab.down(topology)
  t.deepEqual(await traces(), [])
})

test.serial('an image build that was killed leaves no process, mount or directory', async t => {
  // A package that no image has yet makes a build necessary.
  const building = standardTopologyAs('lab-test', 2311, text =>
    text.replace('packages: [fping, iperf3', 'packages: [sl, fping, iperf3'),
  )
  const before = (await run(['ps', '-e', '-o', 'comm='])).stdout
    .split('\n')
    .filter(name => name === 'mmdebstrap').length
  await labCliKilledAfter(6000, ['up', '--topology', building.file])
  t.not(partialImages().length, 0)
  await sleep(500)
  t.is((await run(['ps', '-e', '-o', 'comm='])).stdout.split('\n').filter(name => name === 'mmdebstrap').length, before)
  await lab.down(building)
  t.is(partialImages().length, 0)
  t.deepEqual(await traces(), [])
})

test.serial('an up that finds a port taken says so and leaves nothing', async t => {
  const {createServer} = await import('node:net')
  const server = createServer().listen(2311, '127.0.0.1')
  t.teardown(() => server.close())
  await t.throwsAsync(lab.up(topology), {name: 'LabError', message: /port 2311 of 127\.0\.0\.1 is in use/})
  t.deepEqual(
    (await traces()).filter(trace => trace !== '2311'),
    [],
  )
})
