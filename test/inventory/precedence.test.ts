import {rmSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {load} from '../../src/playbook/load.ts'
import {run} from '../cli/in-process.ts'
import {messagesIn, precedenceSite, winners} from '../support/precedence-site.ts'

test('of two places that follow each other the same wins as in Ansible', async t => {
  const {directory, extra, inRole, inTasks} = precedenceSite()
  t.teardown(() => rmSync(directory, {recursive: true}))
  const playbooks = [join(directory, 'playbooks/site.yml')]
  const inventories = [join(directory, 'inventory')]
  const checked = await run(['check', ...playbooks, '-i', ...inventories, '-e', extra, '--json'])
  t.is(checked.code, 0, checked.stderr + checked.stdout)
  const fleet = await load({playbooks, inventories, extraVars: [extra], projectDirectory: directory})
  const entries = fleet.plays.flatMap(play => play.entries)
  const vars: Readonly<Record<string, string>> = entries
    .flatMap(entry => (entry.entry === 'role' ? [entry.call.vars.get('gw1')] : []))
    .reduce((all, own) => ({...all, ...own}), {})
  const ours = {
    ...messagesIn(checked.stdout),
    ...Object.fromEntries(inRole.map(name => [name, vars[name.slice('probe_'.length)]])),
  }
  t.deepEqual(Object.keys(ours).toSorted(), [...inRole, ...inTasks].toSorted())
  t.deepEqual(ours, winners())
})
