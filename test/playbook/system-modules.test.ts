/*
 * The modules of accounts, commands, packages and the kernel against Debian's ansible: the same tasks on two equal hosts,
 * in check mode, then for real, then again. What is left on both must be the same, byte for byte.
 */
import {mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import type {NewEvent, PlannedItem} from '../../src/events.ts'
import {load} from '../../src/playbook/load.ts'
import {runFleet} from '../../src/playbook/run.ts'
import {localSession} from '../../src/transport/scripted.ts'
import {ansibleIsHere, ansibleRoot} from '../support/ansible.ts'
import {DebianCopy} from '../support/debian-copy.ts'

const fixtures = join(import.meta.dirname, '../fixtures/system-modules')
const tasks = readFileSync(join(fixtures, 'tasks.yml'), 'utf8')
const [setup, state] = ['setup.sh', 'state.sh'].map(name => readFileSync(join(fixtures, name), 'utf8'))

/** What a task comes to in check mode, when it is done, and when it is done again. */
type Verdicts = readonly [check: string, apply: string, again: string]

const command = {ours: ['unknown', 'changed', 'changed'], theirs: ['skipped', 'changed', 'changed']} as const
const waits = {ours: ['changed', 'changed', 'ok'], theirs: ['skipped', 'ok', 'ok']} as const
const seesNothingBefore = {ours: ['changed', 'changed', 'ok'], theirs: ['failed', 'changed', 'ok']} as const

/** Every known difference of what is said; there is none in what is done. */
const differences: Readonly<Record<string, {readonly ours: Verdicts; readonly theirs: Verdicts}>> = {
  // Ansible's check mode does not see what the tasks before would have done.
  A33: {ours: ['ok', 'ok', 'ok'], theirs: ['changed', 'ok', 'ok']},
  A42: seesNothingBefore,
  K11: seesNothingBefore,
  K12: seesNothingBefore,
  // A command without guards is skipped by Ansible's check mode; here it is unknown until applied.
  ...Object.fromEntries(
    ['K20', 'K24', 'K25', 'K26', 'K27', 'K29', 'K30', 'K32', 'K33', 'K35'].map(id => [id, command]),
  ),
  // Ansible marks it without a word.
  P13: {ours: ['changed', 'changed', 'ok'], theirs: ['ok', 'changed', 'ok']},
  // Said once already, by the list of P17.
  P18: {ours: ['-', '-', '-'], theirs: ['changed', 'ok', 'ok']},
  P20: {ours: ['changed', 'ok', 'ok'], theirs: ['ok', 'ok', 'ok']},
  // Something has changed before, so it is waited for; Ansible never calls that a change.
  S10: waits,
  S11: waits,
  S12: waits,
  S13: waits,
}

const playOf = (head: string): string =>
  `- hosts: box\n  gather_facts: false\n${head}  tasks:\n${tasks.replaceAll(/^/gm, '    ')}\n`

const byTask = (items: readonly PlannedItem[], into: Map<string, string>): void => {
  for (const {name, verdict} of items) if (name !== undefined) into.set(name.slice(0, 3), verdict)
}

const ours = async (host: DebianCopy, mode: 'check' | 'apply'): Promise<ReadonlyMap<string, string>> => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-'))
  writeFileSync(join(directory, 'hosts.yml'), 'all: {hosts: {box: {ansible_host: 192.0.2.1}}}\n')
  writeFileSync(join(directory, 'site.yml'), playOf(''))
  const fleet = await load({
    playbooks: [join(directory, 'site.yml')],
    inventories: [join(directory, 'hosts.yml')],
    projectDirectory: directory,
  })
  const verdicts = new Map<string, string>()
  const emit = (event: NewEvent): void => {
    if (event.event === 'planned' || event.event === 'plan-revised') byTask(event.items, verdicts)
    if (event.event === 'item-end') byTask([event.item], verdicts)
    if (event.event === 'host-failed') throw new Error(event.message)
  }
  await runFleet({
    fleet,
    mode,
    connect: async () => localSession({host: 'box', shell: [host.shell]}),
    emit,
    forks: 1,
    signal: new AbortController().signal,
    command: 'test',
  })
  return verdicts
}

const theirs = async (host: DebianCopy, option: string): Promise<ReadonlyMap<string, string>> => {
  const {stdout, stderr} = await host.sh(
    `cat >play.yml; ANSIBLE_STDOUT_CALLBACK=json ansible-playbook ${option} -i box, -c local -e ansible_python_interpreter=/usr/bin/python3 play.yml`,
    playOf('  ignore_errors: true\n'),
  )
  const start = stdout.indexOf('{\n')
  if (start < 0) throw new Error(stdout + stderr)
  const {plays} = JSON.parse(stdout.slice(start)) as {
    plays: {tasks: {task: {name: string}; hosts: Record<string, Record<string, unknown>>}[]}[]
  }
  return new Map(
    plays.flatMap(play =>
      play.tasks.map(({task, hosts}): [string, string] => {
        const {failed, skipped, changed} = hosts['box'] ?? {}
        return [task.name.slice(0, 3), failed ? 'failed' : skipped ? 'skipped' : changed ? 'changed' : 'ok']
      }),
    ),
  )
}

const when = ansibleIsHere ? test : test.skip

when('tasks leave what Ansible leaves, and say what it says', async t => {
  t.timeout(1_200_000)
  const root = await ansibleRoot()
  const [mine, other] = [new DebianCopy(root), new DebianCopy(root)]
  t.teardown(() => {
    mine.remove()
    other.remove()
  })
  for (const host of [mine, other]) {
    const {code, stdout, stderr} = await host.sh(setup ?? '')
    if (code !== 0) throw new Error(stdout + stderr)
  }
  const check = await ours(mine, 'check')
  const [apply, again] = [await ours(mine, 'apply'), await ours(mine, 'apply')]
  const [theirCheck, theirApply, theirAgain] = [
    await theirs(other, '--check'),
    await theirs(other, ''),
    await theirs(other, ''),
  ]
  t.true(theirApply.size >= 60)
  for (const id of theirApply.keys()) {
    const told = (of: readonly ReadonlyMap<string, string>[]) => of.map(verdicts => verdicts.get(id) ?? '-')
    const said = {ours: told([check, apply, again]), theirs: told([theirCheck, theirApply, theirAgain])}
    const known: {ours: readonly string[]; theirs: readonly string[]} = differences[id] ?? {
      ours: said.theirs,
      theirs: said.theirs,
    }
    t.deepEqual(said, {ours: [...known.ours], theirs: [...known.theirs]}, id)
  }
  t.is((await mine.sh(state ?? '')).stdout, (await other.sh(state ?? '')).stdout)
})
