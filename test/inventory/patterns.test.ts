import {join} from 'node:path'
import test from 'ava'
import {Findings} from '../../src/diagnostics/findings.ts'
import {limitParts} from '../../src/inventory/limit.ts'
import {matchHosts} from '../../src/inventory/patterns.ts'
import {readInventory} from '../../src/inventory/read-inventory.ts'
import {patternCases, patternSite} from '../support/pattern-cases.ts'

const inventory = readInventory([join(patternSite, 'hosts')], new Findings())

for (const {pattern, limit, hosts} of patternCases())
  test(`${pattern}${limit === undefined ? '' : ` --limit ${limit}`}`, t => {
    const findings = new Findings()
    const match = (parts: string | readonly string[]) => matchHosts(parts, inventory, {findings, where: 'hosts'})
    const here = limit?.replace('@', `@${patternSite}/`)
    const kept = here === undefined ? undefined : new Set(match(limitParts(here, undefined, findings)))
    t.deepEqual(
      match(pattern).filter(host => kept?.has(host) ?? true),
      hosts,
    )
    if (hosts.length > 0) t.deepEqual(findings.all(), [])
  })

test('a range from the end, as one expects it', t => {
  const findings = new Findings()
  const match = (pattern: string) => matchHosts(pattern, inventory, {findings, where: 'hosts'})
  t.deepEqual(match('site[-2:]'), ['gw3', 'gw4'])
  t.deepEqual(match('site[:1]'), ['gw1', 'gw2'])
  t.deepEqual(match('site[0:-4]'), ['gw1', 'gw2'])
  t.is(findings.count, 0)
})

test('what matches nothing is said, with the nearest name', t => {
  const say = (pattern: string) => {
    const findings = new Findings()
    matchHosts(pattern, inventory, {findings, where: 'hosts'})
    return findings.all().map(({what, fix}) => `${what}; ${fix}`)
  }
  t.deepEqual(say('gw1:eas'), ["'eas' in hosts matches no host; did you mean 'east'?"])
  t.deepEqual(say('east:gw3,west'), [
    "'east:gw3' in hosts matches no host; separate all parts with commas, or all with colons",
  ])
  t.deepEqual(say('empty'), ["'empty' in hosts matches no host; add hosts to it or leave it out"])
  t.deepEqual(say('site[9]'), [
    "'site[9]' in hosts matches no host; [9] at the end is an index; ~site[9] is a pattern of characters",
  ])
})
