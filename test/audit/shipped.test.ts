// The shipped audit: every requirement is answered or has its reason, and it fits the inventories of the repository.
import {join} from 'node:path'
import test from 'ava'
import {load} from '../../src/playbook/load.ts'
import {root} from '../support/gatewright.ts'

const audits = async (inventory: string) => {
  const fleet = await load({
    playbooks: [join(root, 'playbooks/audit.yml')],
    inventories: [join(root, inventory)],
    projectDirectory: root,
    connects: false,
  })
  return fleet.plays.flatMap(({audit}) => [...(audit?.values() ?? [])])
}

test('each of the 39 requirements has a control or a reason why not', async t => {
  const [first] = await audits('inventory/lab')
  if (!first) return t.fail('there is an audit')
  const {requirements, controls} = first.audit
  t.deepEqual(
    requirements.map(({id}) => id),
    Array.from({length: 39}, (_, index) => `R${index + 1}`),
  )
  t.snapshot(
    requirements.map(({id, without}) => {
      const by = controls.filter(control => control.requirements.includes(id)).map(control => control.id)
      return `${id}: ${without === undefined ? by.join(', ') : `not by an audit: ${without}`}`
    }),
  )
})

test('one control takes what no other names', async t => {
  const [first] = await audits('inventory/lab')
  t.is(first?.audit.controls.filter(({resources}) => resources === 'rest').length, 1)
})

test('what an observation does not find out is not taken for well', async t => {
  const [first] = await audits('inventory/lab')
  for (const {id, observe, passes} of first?.audit.controls ?? [])
    if (observe !== undefined && passes === undefined) t.regex(observe, /exit|&&/, `${id} is decided by its exit code`)
})
