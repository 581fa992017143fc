// What goes wrong on the way, each with a clear message, the right exit code, no half-written file, no lost restart, and a
// rerun that converges.
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {down, freeze, kill, labExec, loadTopology, type Topology, thaw, up} from '../../lab/index.ts'
import type {Event} from '../../src/events.ts'
import {cuttingProxy} from '../support/cutting-proxy.ts'
import {eventsOf, type Finished, gatewright, predicted, root, start} from '../support/gatewright.ts'
import {fresh, full, inventory, labUp, onHost, sample, site} from '../support/site.ts'
import {temporarySite} from '../support/temporary-site.ts'

let lab: Topology
test.before(async () => {
  lab = await labUp()
})

const conf = '/etc/keepalived/keepalived.conf'
const options = ['-i', inventory, '--limit', 'gw1', '--json']
const play = (...more: string[]) => gatewright('play', site, ...options, ...more)
const check = (...more: string[]) => gatewright('check', site, ...options, ...more)
const digest = (path: string): Promise<string> => onHost(lab, 'gw1', `sha256sum < ${path} 2>/dev/null || echo absent`)
const problems = ({events, stderr}: Finished): string =>
  [...eventsOf(events, 'host-failed').map(({message, next}) => `${message}\n${next ?? ''}`), stderr].join('\n')

/** No candidate is left, the configuration is one of the whole ones, and after a rerun everything is as desired. */
const recovers = async (t: ExecutionContext, whole: readonly string[], more: readonly string[] = []): Promise<void> => {
  // A step that was running ends on the host by itself; it holds the lock until then.
  await onHost(lab, 'gw1', 'flock --timeout 60 /var/lib/gatewright/lock true')
  t.is(await onHost(lab, 'gw1', "find / -xdev -name '.*.gatewright*' -not -path '/proc/*'"), '', 'no candidate is left')
  t.true(whole.includes(await digest(conf)), 'the configuration is whole')
  const rerun = await play(...more)
  t.is(rerun.code, 0, problems(rerun))
  const after = await check(...more)
  t.deepEqual(predicted(after.events, 'gw1'), [])
  t.is(after.code, 0)
  t.is(await onHost(lab, 'gw1', 'systemctl is-active keepalived; dpkg --audit'), 'active\n')
}

let desired: string[] = []
const desiredDigests = async (): Promise<string[]> => {
  if (desired.length > 0) return desired
  await fresh(lab, 'gw1')
  await play()
  desired = ['absent\n', await digest(conf), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  -\n']
  return desired
}

/** Kills the engine with SIGKILL when `moment` says so. */
const killAt = async (moment: (event: Event) => boolean, delayMs: number, ...args: string[]): Promise<Finished> => {
  let hit = false
  const {finished} = start(['play', site, ...options, ...args], (event, child) => {
    if (hit || !moment(event)) return
    hit = true
    if (delayMs === 0) child.kill('SIGKILL')
    else setTimeout(() => child.kill('SIGKILL'), delayMs)
  })
  return finished
}

/** From a fresh host the plan has this many steps; a test of its own keeps the number true. */
const steps = 54
for (const step of sample(
  Array.from({length: steps}, (_, index) => index + 1),
  [0, 20, 50],
))
  test.serial(`the engine is killed after step ${step} of ${steps}`, async t => {
    const whole = await desiredDigests()
    await fresh(lab, 'gw1')
    let ended = 0
    const killed = await killAt(event => event.event === 'step-end' && ++ended === step, 0)
    t.is(killed.signal, 'SIGKILL')
    await recovers(t, whole)
  })

test.serial('the number of steps from a fresh host is the one of this file', async t => {
  await fresh(lab, 'gw1')
  const told = await check()
  t.is(eventsOf(told.events, 'planned', 'gw1')[0]?.items.flatMap(item => item.steps).length, steps)
})

for (const delayMs of sample([50, 400, 1200, 2000], [0, 2]))
  test.serial(`the engine is killed ${delayMs} ms into the package installation`, async t => {
    const whole = await desiredDigests()
    await fresh(lab, 'gw1')
    const killed = await killAt(event => event.event === 'step-start', delayMs)
    t.is(killed.signal, 'SIGKILL')
    await recovers(t, whole)
  })

test.serial('a run that dies between writing a file and reloading its daemon is finished by the next', async t => {
  await desiredDigests()
  await play()
  const lines = (content: string, marker: string): string => `- name: Debt
  hosts: gw1
  become: true
  tasks:
    - file: {path: ${conf}, content: "${content}", mode: "0600"}
      notify: reload keepalived
    - exec: {run: "sleep 3; touch ${marker}", creates: ${marker}}
  handlers:
    - name: reload keepalived
      service: {name: keepalived, state: reloaded}
`
  const temporary = await temporarySite('gw1', lab.hosts.gw1?.ssh ?? 0)
  const content = (await onHost(lab, 'gw1', `cat ${conf}`)).replaceAll('\n', '\\n').replaceAll('"', '\\"')
  const playbook = await temporary.playbook(lines(`${content}# a debt\\n`, '/root/debt-1'))
  const args = ['play', playbook, '-i', temporary.inventory, '--json']
  let ended = 0
  const {finished} = start(args, (event, child) => {
    if (event.event === 'step-end' && ++ended === 1) setTimeout(() => child.kill('SIGKILL'), 500)
  })
  t.is((await finished).signal, 'SIGKILL')
  const before = await onHost(lab, 'gw1', 'journalctl -u keepalived -o cat | grep -c "Reloaded keepalived" || :')
  const told = await gatewright('check', playbook, '-i', temporary.inventory, '--json')
  t.true(
    predicted(told.events, 'gw1').some(line => line.startsWith('changed handler reload keepalived')),
    predicted(told.events, 'gw1').join('\n'),
  )
  const rerun = await gatewright(...args)
  t.is(rerun.code, 0, problems(rerun))
  const reloads = await onHost(lab, 'gw1', 'journalctl -u keepalived -o cat | grep -c "Reloaded keepalived" || :')
  t.is(Number(reloads), Number(before) + 1)
  t.is((await gatewright('check', playbook, '-i', temporary.inventory, '--json')).code, 0)
  await temporary.remove()
})

/** More chunks than the conversation has; the blocks keep each test within the runner's patience. */
const blocks = full
  ? Array.from({length: 5}, (_, block) => Array.from({length: 20}, (_, index) => block * 20 + index + 1))
  : [[7, 15, 21, 45, 70]]
const reconnected: number[] = []
let isOver = false
const cutLine = test.macro(async (t, cuts: readonly number[]) => {
  await desiredDigests()
  await play()
  const port = lab.hosts.gw1?.ssh ?? 0
  const text = (value: string): string => `- name: Cut
  hosts: gw1
  become: true
  tasks:
    - directory: {path: /root/cut}
    - file: {path: /root/cut/one, content: "${value} one\\n"}
    - file: {path: /root/cut/two, content: "${value} two\\n"}
    - exec: {run: "echo ${value} >> /root/cut/log", unless: "grep -qx ${value} /root/cut/log"}
    - file: {path: /root/cut/three, content: "${value} three\\n"}
`
  for (const cutAt of cuts) {
    const proxy = await cuttingProxy(port, cutAt)
    const temporary = await temporarySite('gw1', proxy.port, {ansible_ssh_timeout: 10})
    const playbook = await temporary.playbook(text(`v${cutAt}`))
    const finished = await gatewright('play', playbook, '-i', temporary.inventory, '--json')
    const reached = proxy.chunks() >= cutAt
    const content = await onHost(lab, 'gw1', 'cat /root/cut/one /root/cut/two /root/cut/three 2>/dev/null || :')
    const words = content.split('\n').filter(Boolean)
    t.true(
      words.every(word => /^v\d+ (one|two|three)$/.test(word)),
      `cut ${cutAt}: whole files only: ${content}`,
    )
    if (finished.code !== 0) {
      t.is(finished.code, 4, `cut ${cutAt}: ${problems(finished)}`)
      const rerun = await gatewright('play', playbook, '-i', temporary.inventory, '--json')
      t.is(rerun.code, 0, `cut ${cutAt}, rerun: ${problems(rerun)}`)
    } else if (reached && eventsOf(finished.events, 'reconnecting').length > 0) reconnected.push(cutAt)
    t.is(await onHost(lab, 'gw1', 'cat /root/cut/one'), `v${cutAt} one\n`)
    t.is(await onHost(lab, 'gw1', `grep -cx v${cutAt} /root/cut/log`), '1\n', `cut ${cutAt}: the command ran once`)
    t.is((await gatewright('check', playbook, '-i', temporary.inventory, '--json')).code, 0, `cut ${cutAt}: converged`)
    await proxy.close()
    await temporary.remove()
    if (!reached) {
      isOver = true
      break
    }
  }
  t.log(`reconnected within the run at chunks ${reconnected.join(', ')}`)
})
for (const cuts of blocks)
  test.serial(`the line is cut at chunks ${cuts[0]} to ${cuts.at(-1)} of the conversation`, cutLine, cuts)
test.serial('some of these cuts fell into the steps, and the conversation ends before the last of them', t => {
  t.true(reconnected.length > 0)
  if (full) t.true(isOver)
})

test.serial('a wrong host key is refused before anything is sent', async t => {
  const temporary = await temporarySite('gw1', lab.hosts.gw2?.ssh ?? 0)
  const finished = await gatewright('exec', 'gw1', '-i', temporary.inventory, '--', 'true')
  t.is(finished.code, 4)
  t.regex(finished.stdout + finished.stderr, /host key/)
  t.is((finished.stdout + finished.stderr).match(/SHA256:\S+/g)?.length, 2, finished.stdout + finished.stderr)
  await temporary.remove()
})

test.serial('a host that is down, and one whose sshd is frozen, are unreachable within the time limit', async t => {
  await kill(lab, 'gw1')
  const down = await check('-e', 'ansible_ssh_timeout=5')
  t.is(down.code, 4)
  t.regex(problems(down), /gw1|127\.0\.0\.1/)
  await up(lab)
  await freeze(lab, 'gw1')
  const begin = performance.now()
  const frozen = await check('-e', 'ansible_ssh_timeout=5')
  t.is(frozen.code, 4)
  t.true(performance.now() - begin < 30_000)
  t.regex(problems(frozen), /5 s|time/)
  await thaw(lab, 'gw1')
})

test.serial('a host that freezes in the middle of a step is given up, and the step ends on the host', async t => {
  const port = lab.hosts.gw1?.ssh ?? 0
  const temporary = await temporarySite('gw1', port, {ansible_ssh_timeout: 5})
  await onHost(lab, 'gw1', 'rm -f /root/frozen')
  const playbook = await temporary.playbook(
    '- name: Freeze\n  hosts: gw1\n  become: true\n  tasks:\n    - exec: {run: "sleep 2; touch /root/frozen", creates: /root/frozen}\n',
  )
  let frozen: Promise<void> | undefined
  const {finished} = start(['play', playbook, '-i', temporary.inventory, '--json'], event => {
    if (event.event === 'step-start') frozen ??= freeze(lab, 'gw1')
  })
  const ended = await finished
  await frozen
  t.is(ended.code, 4, problems(ended))
  await thaw(lab, 'gw1')
  const rerun = await gatewright('play', playbook, '-i', temporary.inventory, '--json')
  t.is(rerun.code, 0, problems(rerun))
  t.is((await labExec(lab, 'gw1', 'test -e /root/frozen')).code, 0)
  await temporary.remove()
})

test.serial('a firewall that drops SSH on the management link makes the host unreachable', async t => {
  await onHost(
    lab,
    'gw1',
    'nft add table inet fault; nft add chain inet fault input "{ type filter hook input priority 0; }"; nft add rule inet fault input iifname mgmt tcp dport 22 drop',
  )
  const finished = await check('-e', 'ansible_ssh_timeout=5')
  await onHost(lab, 'gw1', 'nft delete table inet fault')
  t.is(finished.code, 4)
  t.regex(problems(finished), /5 s|time/)
  t.is((await check()).code === 4, false)
})

test.serial('a configuration with a syntax error never takes the place of the old one', async t => {
  await play()
  const before = await digest(conf)
  const temporary = await temporarySite('gw1', lab.hosts.gw1?.ssh ?? 0)
  const playbook = await temporary.playbook(`- name: Broken
  hosts: gw1
  become: true
  tasks:
    - file:
        path: ${conf}
        content: "vrrp_instance broken {\\n  interface lan\\n  virtual_router_id nonsense\\n"
        mode: "0600"
        validate: keepalived --config-test --use-file %s
`)
  const finished = await gatewright('play', playbook, '-i', temporary.inventory, '--json')
  t.is(finished.code, 3)
  t.regex(problems(finished), /virtual router id|virtual_router_id|nonsense/i)
  t.is(await digest(conf), before)
  await recovers(t, [before])
  await temporary.remove()
})

test.serial('Ctrl-C lets the running step end, tells the summary, and a rerun finishes', async t => {
  const whole = await desiredDigests()
  await fresh(lab, 'gw1')
  const {finished} = start(['play', site, ...options], (event, child) => {
    if (event.event === 'step-start') setTimeout(() => child.kill('SIGINT'), 200)
  })
  const ended = await finished
  t.is(ended.code, 130, problems(ended))
  const [summary] = eventsOf(ended.events, 'summary')
  t.true(summary?.interrupted)
  t.is(summary?.hosts[0]?.status, 'interrupted')
  await recovers(t, whole)
})

test.serial('a host whose file system is full says so, keeps its files, and converges when there is room', async t => {
  const small = loadTopology(join(root, 'test/fixtures/lab/small-disk.yml'))
  await up(small)
  const links = {lan: {device: 'lan', addresses: ['10.30.0.2/24']}}
  const vrrp = {
    vrrp_addresses: [{link: 'lan', address: '10.30.0.1/24'}],
    vrrp_router_id: 30,
    vrrp_priority: 100,
    vrrp_layout: 'grouped',
    vrrp_conntrack: false,
  }
  const temporary = await temporarySite('gw1', small.hosts.gw1?.ssh ?? 0, {links, ...vrrp})
  const playbook = await temporary.playbook('- hosts: gw1\n  become: true\n  roles: [vrrp]\n')
  const run = (command: string) => gatewright(command, playbook, '-i', temporary.inventory, '--json')
  try {
    const fill = (leaveKiB: number) =>
      onHost(
        small,
        'gw1',
        `rm -f /root/filler; free=$(df --output=avail -k / | tail -n 1); dd if=/dev/zero of=/root/filler bs=1k count=$((free - ${leaveKiB})) 2>/dev/null`,
      )
    const configuration = () => onHost(small, 'gw1', `sha256sum < ${conf} 2>/dev/null || echo absent`)
    for (const leaveKiB of sample([0, 64, 512, 2048, 4096], [0, 3, 4])) {
      await fill(leaveKiB)
      const full = await run('play')
      t.is(full.code, 3, problems(full))
      t.regex(problems(full), /No space left on device|enough free space/i)
      t.is(await configuration(), 'absent\n')
    }
    await onHost(small, 'gw1', 'rm /root/filler')
    const roomy = await run('play')
    t.is(roomy.code, 0, problems(roomy))
    t.is((await run('check')).code, 0)
    const before = await configuration()
    await fill(0)
    const changed = await gatewright(
      'play',
      playbook,
      '-i',
      temporary.inventory,
      '--json',
      '-e',
      '{vrrp_garp_refresh: 60}',
    )
    t.is(changed.code, 3, problems(changed))
    t.is(await configuration(), before, 'the old configuration is whole')
    await onHost(small, 'gw1', 'rm /root/filler')
    t.is(
      (await gatewright('play', playbook, '-i', temporary.inventory, '--json', '-e', '{vrrp_garp_refresh: 60}')).code,
      0,
    )
  } finally {
    await down(small)
    await temporary.remove()
  }
})

test.serial('two runs do not work on one host at once: the second says who holds it', async t => {
  const temporary = await temporarySite('gw1', lab.hosts.gw1?.ssh ?? 0)
  const playbook = await temporary.playbook(
    '- name: Slow\n  hosts: gw1\n  become: true\n  tasks:\n    - exec: {run: "sleep 4; touch /root/slow", creates: /root/slow}\n',
  )
  let second: Promise<Finished> | undefined
  const {finished} = start(['play', playbook, '-i', temporary.inventory, '--json'], event => {
    if (event.event === 'step-start')
      second ??= gatewright('play', playbook, '-i', temporary.inventory, '--json', '--lock-wait', '1')
  })
  t.is((await finished).code, 0)
  const refused = await second
  t.is(refused?.code, 3)
  t.regex(problems(refused as Finished), /another run works on this host: \S+ of \S+, since/)
  await temporary.remove()
})
