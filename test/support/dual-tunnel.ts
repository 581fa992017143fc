import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {ExecutionContext} from 'ava'
import {refreshList} from '../../src/pki/revocations.ts'
import {makeWireguardKey} from '../../src/pki/wireguard.ts'
import {root} from './gatewright.ts'
import {newPki, type Pki, variablesFor} from './openvpn.ts'
import {daysLater, vaultKey} from './pki.ts'
import {inventory} from './site.ts'

/** The site of test/fixtures/dual-tunnel, whose keys and certificates are made by each test. */
export const project = join(root, 'test/fixtures/dual-tunnel')
export const playbook = join(project, 'playbooks/site.yml')
/** The shipped one, by a link, with the roles of that site. */
export const drillPlaybook = join(project, 'playbooks/drill.yml')
export const auditPlaybook = join(project, 'playbooks/audit.yml')

export type DualTunnelSite = {
  readonly pki: Pki
  readonly inventories: readonly string[]
}

/** What its variables look up, and besides a certificate `ending` and a list `ending.pem` with three weeks left. */
export const dualTunnelSite = async (t: Pick<ExecutionContext, 'teardown'>): Promise<DualTunnelSite> => {
  const pki = await newPki(t)
  const {place, now} = pki.desk
  for (const name of ['gw1-wg0', 'gw2-wg0', 'upstream-wg1', 'upstream-wg2'])
    await makeWireguardKey({place, now, vaultKey}, name)
  await pki.issue('hub.example.net', 'server')
  for (const name of ['gw1', 'gw2']) await pki.issue(name, 'client')
  await pki.issue('ending', 'client', {ageDays: 376})
  await refreshList({...pki.desk, now: daysLater(-159, now)}, true)
  writeFileSync(join(place.directory, 'ending.pem'), readFileSync(join(place.directory, 'crl.pem')))
  await refreshList(pki.desk, true)
  const made = variablesFor(t)
  made.write({all: {pki: place.directory}})
  return {pki, inventories: [inventory, join(project, 'inventory'), made.directory]}
}
