// The shipped audit: every requirement is answered or has its reason, and it fits the inventories of the repository.
import {spawnSync} from 'node:child_process'
import {copyFileSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {issue} from '../../src/pki/issue.ts'
import {load} from '../../src/playbook/load.ts'
import {root} from '../support/gatewright.ts'
import {daysLater, newDesk} from '../support/pki.ts'

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

test('the observation of certificates finds one that ended, a foreign one and a list that ended', async t => {
  const [first] = await audits('inventory/lab')
  const observe = first?.audit.controls.find(({id}) => id === 'certificates')?.observe ?? ''
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-certificates-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  /** The files of an instance, as the role openvpn lays them; times are days from now. */
  const see = async (authorityDays: number, of = 'own'): Promise<string> => {
    const desk = await newDesk(t, daysLater(authorityDays, new Date()))
    const other = of === 'own' ? desk : await newDesk(t, desk.now)
    const {pem} = await issue(other, {name: 'gw1', profile: 'server', alternativeNames: ['gw1'], days: 397})
    const copy = (from: string, to: string): void => copyFileSync(join(desk.place.directory, from), join(directory, to))
    copy('ca.crt', 'ca.crt')
    copy('crl.pem', 'crl.pem')
    writeFileSync(join(directory, 'cert.crt'), pem)
    return spawnSync('sh', ['-c', observe.replaceAll('/etc/openvpn', directory)], {encoding: 'utf8'}).stdout
  }
  t.is(await see(-1), '')
  t.regex(await see(-390), /cert\.crt ends within 30 days: notAfter=/)
  t.regex(await see(-390), /crl\.pem ended at /)
  t.regex(await see(-1, 'another'), /cert\.crt does not come from .*ca\.crt, or has ended/)
})

test('a quarter has to be free with one gateway and one uplink gone', async t => {
  const [first] = await audits('inventory/lab')
  if (!first) return t.fail('there is an audit')
  const index = first.audit.controls.findIndex(({id}) => id === 'headroom-n-1')
  const line = (carried: number): readonly string[] => [`${carried.toFixed(1)} Mbit/s of 100.0`]
  const holds = (own: number, peer: number): boolean =>
    first.holds(index, 'passes', {lines: line(own), peers: [{host: 'gw2', lines: line(peer)}]}, {})
  t.true(holds(70, 4))
  t.true(holds(75, 0))
  t.false(holds(70, 6))
  t.false(holds(0, 80))
})
