import test from 'ava'
import {type Event, noCounts} from '../../src/events.ts'
import {emitter} from '../../src/reporters/emit.ts'
import {junit, junitOfInput} from '../../src/reporters/junit.ts'
import {type Element, faultsOf, parseXml} from '../support/junit-shape.ts'
import {golden} from './golden.ts'
import {type Fate, stream} from './streams.ts'

const reportOf = async (events: readonly Event[], strict = false): Promise<string> => {
  const saved: string[] = []
  const reporter = junit(xml => void saved.push(xml), {strict})
  for (const event of events) reporter.on(event)
  await reporter.close?.()
  return saved.join('')
}
const cases = (xml: string): Element[] =>
  parseXml(xml).children.flatMap(({children}) => children.filter(({name}) => name === 'testcase'))
const outcomes = (xml: string, name: string): (string | undefined)[] =>
  cases(xml)
    .filter(({attributes}) => attributes['name'] === name)
    .map(({children}) => children[0] && `${children[0].name}: ${children[0].attributes['message']}`)

const reads = test.macro({
  async exec(t, name: string, mode: 'check' | 'apply', second: Fate) {
    const xml = await reportOf(stream(mode, 2, index => (index === 1 ? second : 'fine')))
    t.deepEqual(faultsOf(parseXml(xml)), [])
    golden(t, import.meta.dirname, `junit ${name}.xml`, xml)
  },
  title: (_, name) => 'JUnit XML: ' + name,
})
test(reads, 'check, one unreachable', 'check', 'unreachable')
test(reads, 'apply, one fails', 'apply', 'fails')
test(reads, 'apply, interrupted', 'apply', 'interrupted')

test('in check mode a pending change is a failure, in apply mode a change made is none', async t => {
  const id = 'package keepalived'
  t.deepEqual(outcomes(await reportOf(stream('check', 1)), id), ['failure: would change: new'])
  t.deepEqual(outcomes(await reportOf(stream('apply', 1)), id), [undefined])
})

test('what only applying can tell is skipped, and with --strict a failure', async t => {
  const events = stream('check', 1)
  t.deepEqual(outcomes(await reportOf(events), 'task vrrp.announce'), ['skipped: unknown until applied'])
  t.deepEqual(outcomes(await reportOf(events, true), 'task vrrp.announce'), ['failure: unknown until applied'])
})

test('a run that is cut off has its report, and what was not reached is not called done', async t => {
  const events = stream('apply', 2)
  const cut = events.slice(0, events.findIndex(({event}) => event === 'item-end') + 1)
  const xml = await reportOf(cut)
  t.deepEqual(faultsOf(parseXml(xml)), [])
  t.deepEqual(outcomes(xml, 'package keepalived'), [
    undefined,
    'skipped: not reached: the run on this host ended before it',
  ])
})

test('no character of a host breaks the report, and no secret is in it', async t => {
  const every = Array.from({length: 0x300}, (_, code) => String.fromCodePoint(code)).join('')
  const hostile = `${every}\ud800 \udfff \ufffe \uffff \u{1f6a6} ]]> <!-- & hunter22 \r\n\tend`
  const saved: string[] = []
  const reporter = junit(xml => void saved.push(xml))
  const emit = emitter([reporter], {secrets: new Set(['hunter22'])})
  const host = `gw"1'<&`
  const item = {
    id: hostile,
    kind: 'command',
    play: 0,
    verdict: 'failed',
    tentative: false,
    changes: [],
    steps: [],
  } as const
  const plays = [{name: hostile, hosts: [host]}]
  emit({event: 'run-start', version: 1, run: 'r1', mode: 'apply', command: hostile, hosts: [host], plays})
  emit({event: 'warning', host, message: hostile})
  emit({event: 'planned', host, items: [{...item, reason: hostile, role: hostile}]})
  emit({event: 'host-failed', host, status: 'failed', message: hostile})
  const summary = {host, status: 'failed', counts: noCounts(), unsupported: []} as const
  const ended = {mode: 'apply', exitCode: 3, interrupted: false, elapsedMs: 1} as const
  emit({event: 'summary', ...ended, hosts: [summary]})
  await reporter.close?.()
  const [xml = ''] = saved
  const {children} = parseXml(xml)
  t.is(children[0]?.attributes['name'], host)
  t.false(xml.includes('hunter22'))
  t.true(xml.includes('\u{1f6a6}'))
  t.deepEqual(faultsOf(parseXml(xml)), [])
})

test('invalid input is an error in the report', t => {
  const at = {file: 'site.yml', line: 3, column: 5}
  const xml = junitOfInput([{rule: 'unknown-key', what: 'a play has no key "hots"', at}], 0)
  t.deepEqual(faultsOf(parseXml(xml)), [])
  t.deepEqual(outcomes(xml, 'site.yml:3:5'), ['error: site.yml:3:5: a play has no key "hots" [unknown-key]'])
})
