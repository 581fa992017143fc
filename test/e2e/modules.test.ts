// One playbook of every module, run by Debian's ansible-playbook on one host and by gatewright on another.
import {cp, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {down, loadTopology, type Topology, up} from '../../lab/index.ts'
import type {PlannedItem} from '../../src/events.ts'
import {ansible, ansibleIsHere} from '../support/ansible.ts'
import {eventsOf, gatewright, root} from '../support/gatewright.ts'
import {fresh, onHost} from '../support/site.ts'
import {differences, tracesOf} from '../support/traces.ts'

/** Ansible takes its time over fifty tasks. */
test.beforeEach(t => t.timeout(900_000))
const it = ansibleIsHere ? test.serial : test.serial.skip
const missedPath = join(root, 'docs/guide/check-mode.md')
let lab: Topology
let directory: string

test.before(async () => {
  if (!ansibleIsHere) return
  lab = loadTopology(join(root, 'test/fixtures/modules/topology.yml'))
  await up(lab)
  await fresh(lab, 'alpha', 'beta')
  directory = await mkdtemp(join(tmpdir(), 'gatewright-modules-'))
  await cp(join(root, 'test/fixtures/modules'), directory, {recursive: true})
  await cp(join(root, '.lab/id_ed25519'), join(directory, 'key'))
  const knownHosts = await Promise.all(
    ['alpha', 'beta'].map(async host => {
      const key = await readFile(join(root, '.lab/host-keys', host, 'ssh_host_ed25519_key.pub'), 'utf8')
      return `[127.0.0.1]:${lab.hosts[host]?.ssh} ${key.split(' ').slice(0, 2).join(' ')}\n`
    }),
  )
  await writeFile(join(directory, 'known_hosts'), knownHosts.join(''))
  const host = (port: number | undefined, more: object) => ({
    ansible_host: '127.0.0.1',
    ansible_port: port,
    ansible_user: 'operator',
    ansible_ssh_private_key_file: join(directory, 'key'),
    ...more,
  })
  const options = {ansible_ssh_common_args: `-o UserKnownHostsFile=${join(directory, 'known_hosts')}`}
  const inventories = {
    'ansible.json': {
      alpha: host(lab.hosts['alpha']?.ssh, {...options, ansible_python_interpreter: '/usr/bin/python3'}),
    },
    'gatewright.json': {beta: host(lab.hosts['beta']?.ssh, {gatewright_known_hosts: join(directory, 'known_hosts')})},
  }
  for (const [name, hosts] of Object.entries(inventories))
    await writeFile(join(directory, name), JSON.stringify({all: {hosts}}))
})
test.after.always(async () => {
  if (lab) await down(lab)
  if (directory) await rm(directory, {recursive: true, force: true})
})

type Task = {readonly name: string; readonly changed: boolean; readonly failed: boolean; readonly skipped: boolean}

/** Every task of a run by its name, handlers included; the rounds of a loop are one. */
const byAnsible = async (playbook: string, ...flags: readonly string[]): Promise<readonly Task[]> => {
  const {code, stdout, stderr} = await ansible(
    directory,
    ['ansible-playbook', '-i', 'ansible.json', playbook, ...flags],
    {
      env: {ANSIBLE_STDOUT_CALLBACK: 'json', ANSIBLE_HOST_KEY_CHECKING: '1', ANSIBLE_PIPELINING: '1'},
      timeoutMs: 900_000,
    },
  )
  const from = stdout.indexOf('{')
  if (from < 0) throw new Error(`ansible-playbook ended with ${code}: ${stdout}${stderr}`)
  const {plays} = JSON.parse(stdout.slice(from))
  return plays.flatMap((play: any) =>
    play.tasks.flatMap(({task, hosts}: any) =>
      Object.values(hosts).map((result: any) => ({
        name: task.name,
        changed: result.changed === true,
        failed: result.failed === true,
        skipped: result.skipped === true,
      })),
    ),
  )
}

/** Ansible's check ends at the first task that needs what an earlier one would have brought; here it goes on. */
const undeterred = async (): Promise<string> => {
  const text = await readFile(join(directory, 'site.yml'), 'utf8')
  await writeFile(
    join(directory, 'undeterred.yml'),
    text.replace('  become: true\n', '  become: true\n  ignore_errors: true\n'),
  )
  return 'undeterred.yml'
}

const byUs = async (command: 'check' | 'play') => {
  const run = await gatewright(command, join(directory, 'site.yml'), '-i', join(directory, 'gatewright.json'), '--json')
  const planned = eventsOf(run.events, 'planned')[0]?.items ?? []
  const ended = eventsOf(run.events, 'item-end').map(({item}) => item)
  return {...run, planned, ended, failures: eventsOf(run.events, 'host-failed').map(({message}) => message)}
}

const changedNames = (items: readonly PlannedItem[]): ReadonlySet<string> =>
  new Set(items.filter(({verdict}) => verdict === 'changed').map(({name, id}) => name ?? id))

let checkedByAnsible: readonly Task[]
let checkedByUs: Awaited<ReturnType<typeof byUs>>

it('both can check a fresh host', async t => {
  checkedByAnsible = await byAnsible(await undeterred(), '--check')
  checkedByUs = await byUs('check')
  t.is(checkedByUs.code, 2, checkedByUs.stderr + checkedByUs.failures.join('\n'))
})

it('both leave the same files, modes, owners, links, accounts, packages and units', async t => {
  const tasks = await byAnsible('site.yml')
  t.deepEqual(
    tasks.filter(({failed}) => failed).map(({name}) => name),
    ['Fails', 'Fails and nobody minds'],
  )
  const ours = await byUs('play')
  t.is(ours.code, 0, ours.stderr + ours.failures.join('\n'))
  t.deepEqual(differences(await tracesOf(lab, 'alpha'), await tracesOf(lab, 'beta')), [])
  const accounts = `for name in ann bob metrics; do getent passwd $name; id $name; getent shadow $name | cut -d: -f1,2,4-; done
    getent group ops daemons; dpkg-query -W -f '\${Package} \${db:Status-Abbrev}\n'; sysctl net.ipv4.ip_forward
    systemctl is-enabled chrony compare; systemctl is-active chrony compare; stat -c '%n %a %U %G' /home/*`
  t.deepEqual((await onHost(lab, 'beta', accounts)).split('\n'), (await onHost(lab, 'alpha', accounts)).split('\n'))
  const theirs = new Set(tasks.filter(({changed}) => changed).map(({name}) => name))
  // A package is not started with the configuration of its maker: `service` starts it, and a handler has nothing to restart.
  const startedHere = new Set(theirs).difference(new Set(['Restart chrony'])).union(new Set(['A daemon that runs']))
  t.deepEqual([...changedNames(ours.ended)].toSorted(), [...startedHere].toSorted(), 'the same tasks changed something')

  // What our check mode said is what apply did; what Ansible's did not say is in the guide.
  const said = changedNames(checkedByUs.planned)
  t.deepEqual(
    [...startedHere].filter(name => !said.has(name) && !unknown(checkedByUs.planned).has(name)),
    [],
    'every change was predicted, or told to be unknown',
  )
  const rows = checkedByAnsible.flatMap(({name, changed, failed, skipped}) => {
    if (!theirs.has(name) || changed) return []
    const there = failed ? 'fails' : skipped ? 'skipped' : 'no change'
    return [`| ${name} | ${there} | ${said.has(name) ? 'a change' : 'unknown until applied'} |`]
  })
  const silent = [...theirs].filter(name => !checkedByAnsible.some(task => task.name === name))
  const table = [
    '| Task that changes something | Ansible | gatewright |',
    '| --- | --- | --- |',
    ...rows,
    ...silent.map(name => `| ${name} | not reached | ${said.has(name) ? 'a change' : 'unknown until applied'} |`),
  ].join('\n')
  if (process.env['UPDATE_GOLDEN']) console.log(table)
  else t.true((await readFile(missedPath, 'utf8')).includes(table), `${missedPath} says otherwise:\n${table}`)
})

const unknown = (items: readonly PlannedItem[]): ReadonlySet<string> =>
  new Set(items.filter(({verdict}) => verdict === 'unknown').map(({name, id}) => name ?? id))

it('a second run of ours changes nothing, and a check says so', async t => {
  const again = await byUs('play')
  t.is(again.code, 0, again.failures.join('\n'))
  t.deepEqual([...changedNames(again.ended)], [])
  const check = await byUs('check')
  t.deepEqual([...changedNames(check.planned)], [])
})
