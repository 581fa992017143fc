import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {hostsFleet, load, taskFleet} from '../../src/playbook/load.ts'
import type {Fleet, Known, LoadOptions} from '../../src/playbook/model.ts'
import {Secret} from '../../src/shell/secret.ts'

const directory = join(import.meta.dirname, '../fixtures/site')
const options: LoadOptions = {
  playbooks: [join(directory, 'playbooks/site.yml')],
  inventories: [join(directory, 'hosts.yml')],
  projectDirectory: directory,
}
const known: Known = {facts: {os: {version: '12'}}, registered: new Map()}
const relative = (text: string): string => text.replaceAll(`${directory}/`, '').replaceAll('test/fixtures/site/', '')

/** The fleet as data, with every entry decided for hosts of these facts. */
const shown = ({plays, hosts, offers}: Fleet): unknown => ({
  plays: plays.map(({entries, ...play}) => ({
    ...play,
    entries: entries.map(entry => ({
      origin: entry.origin,
      on: Object.fromEntries(
        play.hosts.map(host => {
          if (entry.entry === 'rounds')
            return [
              host,
              entry
                .rounds(host, known)
                .map(round =>
                  round.does === 'resources'
                    ? round.resources.map(({id, desired, notify}) => ({id, desired, notify}))
                    : 'skipped',
                ),
            ]
          if (!entry.when(host, known)) return [host, 'skipped']
          if (entry.entry === 'role')
            return [
              host,
              {
                role: entry.call.role.name,
                vars: entry.call.vars.get(host),
                peers: entry.call.peers.get(host)?.map(({name}) => name),
              },
            ]
          if (entry.entry === 'task') return [host, {task: entry.call.task, args: entry.call.argsFor(host, known)}]
          return [host, entry.entry]
        }),
      ),
    })),
  })),
  hosts: [...hosts.values()].map(({target: {knownHosts: _knownHosts, ...target}, ...host}) => ({
    ...host,
    target,
  })),
  offers: Object.fromEntries(offers),
})

test('the fleet of a site with groups, ranges, expressions, roles and tasks', async t => {
  const path = join(directory, 'fleet.json')
  const output = `${relative(JSON.stringify(shown(await load(options)), null, 2))}\n`
  if (process.env['UPDATE_BROKEN']) writeFileSync(path, output)
  t.is(output, readFileSync(path, 'utf8'))
})

test('--limit leaves hosts out of plays, but not out of peers and offers', async t => {
  const fleet = await load({...options, limit: 'gw1'})
  t.deepEqual(
    fleet.plays.map(({hosts}) => hosts),
    [['gw1'], []],
  )
  t.is(fleet.hosts.size, 5)
  t.is(fleet.offers.get('gw2')?.length, 1)
  const role = fleet.plays[0]?.entries.find(entry => entry.entry === 'role')
  t.deepEqual(role?.entry === 'role' && role.call.peers.get('gw1')?.map(({name}) => name), ['gw2'])
})

test('--tags choose entries, offers stay whole', async t => {
  const fleet = await load({...options, tags: ['announce']})
  t.deepEqual(
    fleet.plays.map(({entries}) => entries.map(({entry}) => entry)),
    [['task'], []],
  )
  t.is(fleet.offers.get('gw1')?.length, 1)
})

test('a playbook other than site.yml still gets the offers and peers of the site', async t => {
  const fleet = await load({...options, playbooks: [join(directory, 'playbooks/monitor.yml')]})
  t.is(fleet.plays.length, 1)
  t.is(fleet.offers.get('gw1')?.length, 1)
})

test('extra variables are the strongest', async t => {
  const fleet = await load({...options, extraVars: ['greeting=hi', '{beacon_interval: 7}']})
  const [motd, , role] = fleet.plays[0]?.entries ?? []
  const [round] = motd?.entry === 'rounds' ? motd.rounds('gw4', known) : []
  t.like(round?.does === 'resources' && round.resources[0]?.desired, {content: 'hi\n'})
  t.is(role?.entry === 'role' && role.call.vars.get('gw4').interval, 7)
})

test('flags override how hosts are reached', async t => {
  const fleet = await load({
    ...options,
    user: 'admin',
    playbooks: [join(directory, 'playbooks/monitor.yml')],
    become: true,
  })
  t.is(fleet.hosts.get('gw1')?.target.user, 'admin')
  t.is(fleet.plays[0]?.become('monitor'), 'root')
})

test('a task of the command line gets the variables of the site and its arguments', async t => {
  const fleet = await taskFleet({...options, playbooks: []}, 'gw1', 'beacon.announce', ['text=hello'])
  const [play] = fleet.plays
  t.deepEqual(play?.hosts, ['gw1'])
  t.is(play?.become('gw1'), 'root')
  const [entry] = play?.entries ?? []
  if (entry?.entry !== 'task') throw new Error('no task')
  t.is(entry.call.vars.get('gw1').colour, 'blue')
  t.deepEqual(
    entry.call.peers.get('gw1')?.map(({name}) => name),
    ['gw2'],
  )
  t.deepEqual(entry.call.argsFor('gw1', {facts: {}, registered: new Map()}), {text: 'hello'})
  t.is(typeof entry.call.run, 'function')
})

test('hosts without a playbook', async t => {
  const fleet = await hostsFleet({...options, playbooks: []}, 'standby:monitor')
  t.deepEqual(
    fleet.plays.map(({hosts, entries}) => [hosts, entries]),
    [[['gw2', 'gw4', 'monitor'], []]],
  )
  t.deepEqual(
    ['gw2', 'monitor'].map(host => fleet.plays[0]?.become(host)),
    ['root', undefined],
  )
})

test('what is misspelt on the command line is said', async t => {
  await t.throwsAsync(hostsFleet({...options, playbooks: []}, 'gw9'), {message: /gw9/})
  await t.throwsAsync(taskFleet({...options, playbooks: []}, 'gw1', 'beacon.anounce'), {
    message: /did you mean 'announce'/,
  })
  await t.throwsAsync(taskFleet({...options, playbooks: []}, 'gw1', 'announce'), {message: /ROLE\.TASK/})
})

test('roles get this very engine: one class Secret, one resolver', async t => {
  await load(options)
  const again: string = '../../src/resolve.ts?again'
  await import(again)
  const specifier: string = 'gatewright'
  t.is(((await import(specifier)) as {Secret: unknown}).Secret, Secret)
})
