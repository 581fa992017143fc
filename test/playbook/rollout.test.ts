import {join} from 'node:path'
import test from 'ava'
import {load} from '../../src/playbook/load.ts'
import {root} from '../support/gatewright.ts'

test('the shipped rollout takes the named pair first, with the roles of the site', async t => {
  const loaded = async (playbook: string, ...extraVars: string[]) => {
    const {plays} = await load({
      playbooks: [join(root, 'playbooks', playbook)],
      inventories: [join(root, 'inventory/example')],
      projectDirectory: root,
      connects: false,
      extraVars,
    })
    return plays.map(({hosts, serial, entries}) => ({
      hosts,
      serial,
      roles: entries.flatMap(entry => (entry.entry === 'role' ? [entry.call.role.name] : [])),
    }))
  }
  const [usual] = await loaded('rollout.yml')
  const [named] = await loaded('rollout.yml', 'first=leipzig')
  const [site] = await loaded('site.yml')
  t.deepEqual(usual?.hosts, site?.hosts)
  t.deepEqual(named?.hosts.slice(0, 2), ['lej-gw1', 'lej-gw2'])
  t.deepEqual(named?.hosts.toSorted(), site?.hosts.toSorted())
  t.deepEqual(usual?.serial, [2, 4])
  t.deepEqual(usual?.roles, site?.roles)
})
