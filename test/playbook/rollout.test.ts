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
    return plays.map(({hosts, anyErrorsFatal, entries}) => ({
      hosts,
      anyErrorsFatal,
      roles: entries.flatMap(entry => (entry.entry === 'role' ? [entry.call.role.name] : [])),
    }))
  }
  const [site] = await loaded('site.yml')
  for (const [given, first] of [
    [[], site?.hosts.slice(0, 2)],
    [['first=leipzig'], ['lej-gw1', 'lej-gw2']],
  ] as const) {
    const plays = await loaded('rollout.yml', ...given)
    t.deepEqual(
      plays.map(({hosts}) => hosts),
      [first, first, site?.hosts],
    )
    t.deepEqual(
      plays.map(({anyErrorsFatal}) => anyErrorsFatal),
      [true, true, false],
    )
    t.deepEqual([plays[0]?.roles, plays[2]?.roles], [site?.roles, site?.roles])
  }
})
