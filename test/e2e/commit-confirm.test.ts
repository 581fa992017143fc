// Nobody is locked out: what cuts the way to a host comes back by itself, whatever becomes of the engine or the host.
import {join} from 'node:path'
import test from 'ava'
import {down, reboot, type Topology} from '../../lab/index.ts'
import {applied, eventsOf, type Finished, gatewright, predicted, root, start} from '../support/gatewright.ts'
import {differences, type HostState, hostState} from '../support/host-state.ts'
import {inventory, labUp, onHost, sample} from '../support/site.ts'

const seconds = 10

let lab: Topology
test.before(async () => {
  lab = await labUp()
  // The unit and the directories that every table needs are no part of what comes back.
  await play(right.packets)
  // Directories that nothing was ever written to are not on the host's own layer yet.
  for (const directory of ['/etc/ssh/sshd_config.d', '/etc/sudoers.d', '/etc/systemd/system/sysinit.target.wants'])
    await onHost(lab, 'gw1', `mkdir -p ${directory}; touch ${directory}/x; rm ${directory}/x`)
})
test.after.always(() => lab && down(lab))

const playbook = join(root, 'test/fixtures/guarded/access.yml')
type Variables = Readonly<Record<string, unknown>>
const argumentsFor = (variables: Variables): string[] => [
  playbook,
  '-i',
  inventory,
  '--json',
  '-e',
  JSON.stringify({gatewright_confirm_seconds: seconds, ansible_ssh_timeout: 4, ...variables}),
]
const play = (variables: Variables, ...more: string[]) => gatewright('play', ...argumentsFor(variables), ...more)
const problems = ({events, stderr}: Finished): string =>
  [...eventsOf(events, 'host-failed').map(({message, next}) => `${message}\n${next ?? ''}`), stderr].join('\n')
const states = ({events}: Finished): string[] => eventsOf(events, 'commit-confirm').map(({state}) => state)

const input = (rule: string): string =>
  `chain input {\n  type filter hook input priority 0; policy accept;\n${rule}\n}\n`
const right = {
  packets: {access_packets: input('tcp dport 7777 drop')},
  all: {
    access_packets: input('tcp dport 8888 drop'),
    access_sshd: 'LoginGraceTime 30\n',
    access_sudoers: 'operator ALL=(ALL) NOPASSWD: ALL\n',
    access_address: '10.10.254.2/24',
  },
}
const wrong: Readonly<Record<string, Variables>> = {
  'a firewall that drops SSH on the management link': {
    access_packets: input('iifname mgmt tcp dport 22 drop'),
  },
  'an sshd that lets nobody in': {access_sshd: 'AllowGroups nobody\n'},
  'an sshd on another port': {access_sshd: 'Port 2222\n'},
  'sudoers that take the right of the operator': {access_sudoers: 'operator ALL=(ALL) !ALL\n'},
  'another address of the management link': {access_address: '10.10.254.99/24'},
}

/** What has to be as it was. A reboot has its own files in /run, and other invocations of units. */
const former = async (isRebooted: boolean): Promise<HostState> => {
  const {files, units, ...rest} = await hostState(lab, 'gw1')
  const own = /^\/var\/(lib\/(gatewright|systemd)|log|cache|tmp)/
  const volatile = /^\/(run|tmp|dev)/
  return {
    ...rest,
    files: files.filter(line => !own.test(line) && !(isRebooted && volatile.test(line))),
    units: isRebooted ? [] : units.filter(line => !/ssh@|user@|session/.test(line)),
  }
}

/** Until a login with become succeeds. */
const untilBack = async (limitMs: number): Promise<number> => {
  const begin = performance.now()
  for (;;) {
    const {code} = await gatewright('exec', 'gw1', '-i', inventory, '-b', '-e', 'ansible_ssh_timeout=2', '--', 'true')
    const passedMs = performance.now() - begin
    if (code === 0 || passedMs > limitMs) return passedMs
  }
}
const traces = (): Promise<string> =>
  onHost(
    lab,
    'gw1',
    "find / -xdev \\( -name '*gatewright-rollback*' -o -path '/var/lib/gatewright/rollback*' \\); systemctl list-units --all --no-legend 'gatewright-rollback*'",
  )

/** From arming to the begin of the rollback and to its end, by the journal of the host. */
const armedSeconds = async (): Promise<{begin: number; end: number}> => {
  const lines = (await onHost(lab, 'gw1', 'journalctl -t gatewright -o short-unix')).trim().split('\n')
  const at = (words: string): number => Number(lines.findLast(line => line.includes(words))?.split(' ')[0])
  const armed = at('rollback armed for')
  return {begin: at('taking back what nobody') - armed, end: at('the former state is back') - armed}
}

type Way = 'the engine lives' | 'the engine is killed' | 'the host restarts' | 'the ssh program carries it'
const comesBack = test.macro(async (t, variables: Variables, way: Way) => {
  const before = await former(way === 'the host restarts')
  let armedAt = 0
  let restarted: Promise<unknown> | undefined
  const more = way === 'the ssh program carries it' ? ['--transport', 'openssh'] : []
  const {finished} = start(['play', ...argumentsFor(variables), ...more], (event, child) => {
    if (event.event === 'commit-confirm' && event.state === 'armed') armedAt = performance.now()
    if (event.event !== 'step-start' || armedAt === 0 || restarted) return
    if (way === 'the engine is killed') setTimeout(() => child.kill('SIGKILL'), 1000)
    if (way === 'the host restarts')
      restarted = new Promise(resolve => setTimeout(resolve, 1000)).then(() => reboot(lab, 'gw1'))
  })
  const ended = await finished
  await restarted
  t.true(armedAt > 0, problems(ended))
  if (way === 'the engine is killed') t.is(ended.signal, 'SIGKILL')
  else {
    t.is(ended.code, 7, problems(ended))
    t.deepEqual(states(ended), ['armed', 'rolled back'])
    t.is(eventsOf(ended.events, 'summary')[0]?.hosts[0]?.status, 'rolled back')
    t.regex(problems(ended), way === 'the host restarts' ? /when it was started again/ : /when its time was up/)
  }
  await untilBack(30_000)
  const backMs = performance.now() - armedAt
  t.log(`back ${(backMs / 1000).toFixed(1)} s after it was armed for ${seconds} s`)
  const {begin, end} = await armedSeconds()
  t.log(`on the host begun after ${begin.toFixed(1)} s, ended after ${end.toFixed(1)} s`)
  // A timer of systemd is the clock here; a loaded machine is given some seconds.
  if (way !== 'the host restarts') t.true(begin > seconds - 1 && begin < seconds + 8)
  t.is(await traces(), '')
  t.deepEqual(differences(before, await former(way === 'the host restarts')), [])
})

const ways: Way[] = ['the engine lives', 'the engine is killed', 'the host restarts', 'the ssh program carries it']
const all = Object.entries(wrong).flatMap(([name, variables]) => ways.map(way => ({name, variables, way})))
// Every change, and every way, at least once.
for (const {name, variables, way} of sample(all, [0, 5, 11, 14, 16]))
  test.serial(`${name}, and ${way}`, comesBack, variables, way)

test.serial('a right change is confirmed by a new login and leaves no trace', async t => {
  const told = await gatewright('check', ...argumentsFor(right.all))
  t.true(eventsOf(told.events, 'planned')[0]?.items.some(({id, isGuarded}) => isGuarded && id === 'fileset sshd'))
  const done = await play(right.all)
  t.is(done.code, 0, problems(done))
  t.deepEqual(states(done), ['armed', 'confirmed'])
  t.deepEqual(applied(done.events, 'gw1'), predicted(told.events, 'gw1'))
  t.is(await traces(), '')
  const again = await play(right.all)
  t.deepEqual(predicted(again.events, 'gw1'), [])
  t.deepEqual(states(again), [])
})

test.serial('a step that fails by itself takes back what was done with it, at once', async t => {
  const before = await former(false)
  const failed = await play({
    ...right.all,
    gatewright_confirm_seconds: 600,
    access_sudoers: 'operator ALL=(ALL) NOPASSWD: ALL\n# other\n',
    access_broken: true,
  })
  t.is(failed.code, 3, problems(failed))
  t.regex(problems(failed), /it is wrong/)
  t.deepEqual(states(failed), ['armed', 'rolled back'])
  t.is(await traces(), '')
  t.deepEqual(differences(before, await former(false)), [])
})

test.serial('what a dead run left is taken back by the next, which says so and goes on', async t => {
  const other = {...right.all, access_sshd: 'LoginGraceTime 40\n', gatewright_confirm_seconds: 600}
  const {finished} = start(['play', ...argumentsFor(other)], (event, child) => {
    if (event.event === 'step-end' && event.title.startsWith('write')) child.kill('SIGKILL')
  })
  t.is((await finished).signal, 'SIGKILL')
  const next = await play(right.all)
  t.is(next.code, 0, problems(next))
  t.regex(
    eventsOf(next.events, 'warning')
      .map(({message}) => message)
      .join('\n'),
    /did not confirm what it changed, and the host took it back: fileset sshd/,
  )
  t.is(await traces(), '')
  t.deepEqual(states(next), [], 'the former state was the desired one')
})
