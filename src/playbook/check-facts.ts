import type {Diagnostic, Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {ansibleNames, missingAnsibleFacts} from '../facts/ansible-names.ts'
import {ansibleSources} from '../facts/ansible-sources.ts'
import {standardFacts} from '../facts/standard.ts'

/** A fact that an expression will ask for: `ansible_facts.os.version`, `ansible_distribution`. */
export type FactUse = {readonly fact: string; readonly host: string; readonly at: Position | undefined}

/** What can be a network device: its facts stand below its name, which only the host knows. */
const maybeDevice = /\d|^(lo|wan|lan|dmz|mgmt)$/

/** Ansible's names of our own facts that are something else there. */
const ownShape: Readonly<Record<string, string>> = {kernel: 'release', hostname: ''}

/** Names that a block's rescue gives values to. */
const afterFailure = new Set(['failed_result', 'failed_task'])

type Problem = Pick<Diagnostic, 'rule' | 'what' | 'why' | 'fix'>

const problemOf = (fact: string, own: readonly string[]): Problem | undefined => {
  const [root = '', part, ...deeper] = fact.split('.')
  const isOwn = root === 'facts'
  const name = isOwn || root === 'ansible_facts' ? part : root.slice('ansible_'.length)
  if (name === undefined || name.startsWith('[') || own.includes(root)) return undefined
  if (isOwn && own.includes(name)) return undefined
  const bare = name.replace(/^ansible_/, '')
  if (!isOwn && ansibleNames.includes(name)) {
    const first = root === 'ansible_facts' ? deeper[0] : part
    if (ownShape[name] === undefined || first === undefined) return undefined
    return {
      rule: 'unknown-fact',
      what: `'${fact}' has no parts`,
      why: `${root === 'ansible_facts' ? 'ansible_facts.' : 'ansible_'}${name} is text, as with Ansible`,
      fix: `write facts.${name}.${first}`,
    }
  }
  if (afterFailure.has(bare)) return {rule: 'not-supported', what: `'ansible_${bare}' is known below 'rescue' only`}
  const missing = missingAnsibleFacts[bare]
  if (missing)
    return {
      rule: 'unknown-fact',
      what: `the fact '${bare}' of Ansible is not there`,
      why: missing[0],
      ...(missing[1] !== undefined && {fix: missing[1]}),
    }
  if (!isOwn && (own.includes(name) || maybeDevice.test(name))) return undefined
  if (isOwn && ansibleNames.includes(bare))
    return {rule: 'unknown-fact', what: `there is no fact '${name}'`, fix: `write ansible_facts.${bare}`}
  const fix = suggest(bare === name ? name : bare, isOwn ? own : [...ansibleNames, ...own])
  return {rule: 'unknown-fact', what: `there is no fact '${name}'`, ...(fix !== undefined && {fix})}
}

/** The names of facts are known before any host is asked: a misspelt one need not wait for the host. */
export const checkFacts = (uses: readonly FactUse[], ofRoles: readonly string[], findings: Findings): void => {
  const own = [...Object.values(standardFacts).map(({name}) => name), ...ofRoles].filter(
    name => name !== ansibleSources.name,
  )
  for (const {fact, host, at} of uses) {
    const problem = problemOf(fact, own)
    if (problem) findings.add({...problem, host, ...(at && {at})})
  }
}
