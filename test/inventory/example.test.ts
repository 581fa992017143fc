import {join} from 'node:path'
import test from 'ava'
import {load} from '../../src/playbook/load.ts'

const root = join(import.meta.dirname, '../..')

/** The lab's inventory, and others beside it; keys of a lab that is up are not needed. */
const loadLab = (project: string, ...inventories: string[]) =>
  load({
    playbooks: [join(project, 'playbooks/site.yml')],
    inventories: inventories.map(name => join(root, 'inventory', name)),
    projectDirectory: project,
    connects: false,
  })

test('the example of an estate loads without a problem and needs no file besides its own', async t => {
  const {plays, hosts} = await load({
    playbooks: [join(root, 'playbooks/site.yml')],
    inventories: [join(root, 'inventory/example')],
    projectDirectory: root,
  })
  t.deepEqual(plays[0]?.hosts, ['fra-gw1', 'fra-gw2', 'lej-gw1', 'lej-gw2'])
  t.deepEqual(
    [...hosts.values()].map(({host}) => `${host.site} ${host.pair} ${host.links['lan']?.device}`),
    [
      'frankfurt frankfurt lan.20',
      'frankfurt frankfurt lan.20',
      'leipzig leipzig bond0.30',
      'leipzig leipzig bond0.30',
    ],
  )
  for (const {target} of hosts.values()) {
    t.regex(target.hostKeys?.[0] ?? '', /^ssh-ed25519 AAAA/)
    t.deepEqual(target.keyFiles, [])
  }
  const [entry] = plays[0]?.entries ?? []
  if (entry?.entry !== 'role') return t.fail('no role')
  t.deepEqual(
    ['fra-gw1', 'lej-gw2'].map(host => entry.call.peers.get(host)?.map(({name}) => name)),
    [['fra-gw2'], ['lej-gw1']],
  )
})

test('inventory/monitors beside inventory/lab: upstream watches the gateways, by the play that the guide shows', async t => {
  const {plays, offers} = await loadLab(join(root, 'test/fixtures/monitored'), 'lab', 'monitors')
  t.deepEqual(
    plays.map(({hosts}) => hosts),
    [['gw1', 'gw2'], ['upstream']],
  )
  const watched = [...offers].filter(([, some]) =>
    some.some(each => each.offer === 'monitored' && each.what === 'host'),
  )
  t.deepEqual(
    watched.map(([host]) => host),
    ['gw1', 'gw2', 'upstream'],
  )
})

test('inventory/lab alone is not watched, and upstream is none of the site', async t => {
  const {plays, offers} = await loadLab(root, 'lab')
  t.deepEqual(
    plays.flatMap(({hosts}) => hosts),
    ['gw1', 'gw2'],
  )
  t.false([...offers.values()].flat().some(each => each.offer === 'monitored' && each.what === 'host'))
})
