import type {Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {standardFacts} from '../facts/standard.ts'

/** A fact that an expression will ask for: `ansible_facts.os.version`, `ansible_distribution`. */
export type FactUse = {readonly fact: string; readonly host: string; readonly at: Position | undefined}

/** Where facts of Ansible are found here. */
const elsewhere: Readonly<Record<string, string>> = {
  distribution: 'os.id',
  distribution_version: 'os.version',
  distribution_major_version: 'os.version',
  distribution_release: 'os.codename',
  os_family: 'os.id',
  architecture: 'kernel.machine',
  machine: 'kernel.machine',
  nodename: 'hostname',
  fqdn: 'hostname',
  memtotal_mb: 'memory',
  processor_vcpus: 'cpu',
  processor_count: 'cpu',
  interfaces: 'links',
  default_ipv4: 'routes',
  default_ipv6: 'routes',
  all_ipv4_addresses: 'addresses',
  date_time: 'time',
  virtualization_type: 'virtualisation',
}

const afterFailure = new Set(['failed_result', 'failed_task'])

/** The names of facts are known before any host is asked: a misspelt one need not wait for the host. */
export const checkFacts = (uses: readonly FactUse[], ofRoles: readonly string[], findings: Findings): void => {
  const known = [...Object.values(standardFacts).map(({name}) => name), ...ofRoles]
  for (const {fact, host, at} of uses) {
    const [root = '', part] = fact.split('.')
    const name = root === 'facts' || root === 'ansible_facts' ? part : root.slice('ansible_'.length)
    if (name === undefined || name.startsWith('[') || known.includes(name) || known.includes(root)) continue
    if (afterFailure.has(name)) {
      findings.add({
        rule: 'not-supported',
        what: `'${name.startsWith('ansible_') ? name : `ansible_${name}`}' is known below 'rescue' only`,
        host,
        ...(at && {at}),
      })
      continue
    }
    const other = elsewhere[name.replace(/^ansible_/, '')]
    const fix = other === undefined ? suggest(name, known) : `write ansible_facts.${other}`
    findings.add({
      rule: 'unknown-fact',
      what: `there is no fact '${name}'`,
      ...(fix && {fix}),
      host,
      ...(at && {at}),
    })
  }
}
