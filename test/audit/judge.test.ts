import test from 'ava'
import {moved} from '../../src/audit/compare.ts'
import {exitCodeOfAudit} from '../../src/audit/exit-code.ts'
import {judge} from '../../src/audit/judge.ts'
import {isMatch, itemsOf} from '../../src/audit/matching.ts'
import type {Control, Observation, Seen} from '../../src/audit/model.ts'
import {olderConfiguration} from '../../src/planner/handler-reason.ts'
import {control, failedResult, item, passedResult} from './example.ts'

const terms = {host: 'gw1', hostKeys: ['ssh-ed25519 SHA256:abc'], waivers: [], plannedMs: 1000, today: '2026-11-30'}
const seen = (more: Partial<Seen> = {}): Seen => ({items: [], applies: true, ...more})
const answer = (code: number, stdout = '', stderr = ''): Observation => ({
  command: 'look',
  on: 'gw1',
  atMs: 2000,
  code,
  stdout,
  stderr,
})
const verdictOf = (given: Partial<Control>, what: Partial<Seen>) => {
  const {verdict, isDrift, because} = judge(control(given), seen(what), terms)
  return [verdict, isDrift, because.join('; ')]
}
const some = {resources: ['*']}
const look = {observe: 'look', repair: 'mend it'}

test('resources of roles decide', t => {
  const change = {path: 'mode', from: '0666', to: '0644'}
  t.deepEqual(verdictOf(some, {items: [item()]}), ['pass', false, ''])
  t.deepEqual(verdictOf(some, {items: [item(), item({verdict: 'changed', changes: [change]})]}), [
    'fail',
    true,
    'file /etc/ssh/sshd_config differs: mode',
  ])
  t.deepEqual(verdictOf(some, {items: [item({verdict: 'failed', reason: 'it cannot be read'})]}), [
    'fail',
    false,
    'file /etc/ssh/sshd_config: it cannot be read',
  ])
})

test('what cannot be told is not evaluated, and a failure beside it is one', t => {
  const unsupported = item({verdict: 'unsupported', reason: 'a container cannot'})
  t.deepEqual(verdictOf(some, {}), ['not evaluated', false, 'no role of the site has such a resource on this host'])
  t.deepEqual(verdictOf(some, {noPlan: 'gw1 does not answer'}), ['not evaluated', false, 'gw1 does not answer'])
  t.is(verdictOf(some, {items: [item(), unsupported]})[0], 'not evaluated')
  t.is(verdictOf(some, {items: [item({verdict: 'unknown'})]})[0], 'not evaluated')
  t.is(verdictOf(some, {items: [unsupported, item({verdict: 'changed'})]})[0], 'fail')
  t.deepEqual(verdictOf({...some, applies: 'false', otherwise: 'no tunnels'}, {items: [item()], applies: false}), [
    'not evaluated',
    false,
    'no tunnels',
  ])
})

test('a handler counts where a daemon runs with an older configuration, not where it follows a change', t => {
  const handler = item({id: 'handler restart frr', kind: 'handler', verdict: 'changed'})
  t.is(verdictOf(some, {items: [{...handler, reason: olderConfiguration}]})[0], 'fail')
  t.is(verdictOf(some, {items: [{...handler, reason: 'changed: file /etc/frr/frr.conf'}]})[0], 'pass')
})

test('an observation decides by its exit code or by an expression', t => {
  t.is(verdictOf(look, {observation: answer(0)})[0], 'pass')
  t.deepEqual(verdictOf({...look, expected: 'nothing'}, {observation: answer(1, 'tcp/4444\n')}), [
    'fail',
    false,
    'expected: nothing; seen: tcp/4444',
  ])
  const judged = {...look, passes: 'lines == []'}
  t.is(verdictOf(judged, {observation: answer(1), holds: true})[0], 'pass')
  t.is(verdictOf(judged, {observation: answer(0, 'x'), holds: false})[0], 'fail')
  t.deepEqual(verdictOf(judged, {observation: answer(0), holds: 'gw2 was not asked'}), [
    'not evaluated',
    false,
    'gw2 was not asked',
  ])
})

test('a look that failed is no answer', t => {
  for (const code of [124, 126, 127]) t.is(verdictOf(look, {observation: answer(code)})[0], 'not evaluated')
  t.deepEqual(verdictOf(look, {observation: answer(77, 'a virtual machine')}), [
    'not evaluated',
    false,
    'a virtual machine',
  ])
  t.deepEqual(verdictOf(look, {observation: {command: 'look', on: 'gw1', atMs: 1, lost: 'gw1 did not answer'}}), [
    'not evaluated',
    false,
    'gw1 did not answer',
  ])
})

test('both have to pass, and drift is what play mends', t => {
  const both = {...some, ...look}
  const changed = [item({verdict: 'changed'})]
  t.is(verdictOf(both, {items: [item()], observation: answer(0)})[0], 'pass')
  t.deepEqual(verdictOf(both, {items: [item()], observation: answer(1)}).slice(0, 2), ['fail', false])
  t.deepEqual(verdictOf(both, {items: changed, observation: answer(1)}).slice(0, 2), ['fail', true])
  t.is(judge(control(both), seen({items: changed}), terms).repair, 'gatewright play')
  t.is(judge(control(both), seen({items: [item()], observation: answer(1)}), terms).repair, 'mend it')
})

test('a waiver holds until the end of its day, and only for a failure', t => {
  const waiver = {control: 'filter', hosts: [], who: 'A. Smith', why: 'so', until: '2026-11-30'}
  const waived = (today: string, more: object = {}, code = 1) =>
    judge(control(look), seen({observation: answer(code)}), {...terms, today, waivers: [{...waiver, ...more}]})
  t.is(waived('2026-11-30').verdict, 'waived')
  t.deepEqual(waived('2026-11-30').waiver, waiver)
  const late = waived('2026-12-01')
  t.is(late.verdict, 'fail')
  t.true(late.because.includes('the waiver of A. Smith ended on 2026-11-30'))
  t.is(waived('2026-11-30', {hosts: ['gw2']}).verdict, 'fail')
  t.is(waived('2026-11-30', {control: 'sshd'}).verdict, 'fail')
  t.is(waived('2026-11-30', {}, 0).verdict, 'pass')
  t.is(waived('2026-11-30', {}, 77).verdict, 'not evaluated')
})

test('the evidence of what is secret is none', t => {
  const {evidence} = judge(
    control(some),
    seen({
      items: [
        item({verdict: 'changed', noLog: true, probe: 'cat key', changes: [{path: 'content', from: 'a', to: 'b'}]}),
      ],
    }),
    terms,
  )
  t.deepEqual(evidence, [
    {what: 'resource', of: 'file /etc/ssh/sshd_config', command: '', observed: 'changed', atMs: 1000},
  ])
})

test('resources are named by patterns, of a role or of any', t => {
  const ssh = item()
  t.true(isMatch('file /etc/ssh/*', ssh))
  t.true(isMatch('hardening/file /etc/*', ssh))
  t.true(isMatch('*', ssh))
  t.false(isMatch('bgp/file /etc/*', ssh))
  t.false(isMatch('file /etc/ssh', ssh))
  t.false(isMatch('file .etc/ssh/*', ssh), 'a dot is a dot')
  const frr = item({id: 'service frr', kind: 'service', role: 'bgp'})
  const skipped = item({id: 'service cups', verdict: 'skipped'})
  const matched = itemsOf(
    [control({id: 'ssh', resources: ['file *']}), control({id: 'rest', resources: 'rest'})],
    [ssh, frr, skipped],
  )
  t.deepEqual([matched.get('ssh'), matched.get('rest')], [[ssh], [frr]])
})

test('the exit code is that of the worst failure', t => {
  const drift = {
    ...failedResult,
    records: failedResult.records.filter(({verdict, isDrift}) => verdict !== 'fail' || isDrift),
  }
  t.is(exitCodeOfAudit(0, [passedResult]), 0)
  t.is(exitCodeOfAudit(2, [passedResult]), 0, 'a difference that is waived')
  t.is(exitCodeOfAudit(2, [drift]), 2)
  t.is(exitCodeOfAudit(2, [drift, failedResult]), 3)
  for (const found of [3, 4, 6, 130]) t.is(exitCodeOfAudit(found, [passedResult]), found)
})

test('what is otherwise than in the audit before', t => {
  t.deepEqual(moved(passedResult.records, failedResult.records.slice(0, 3)), [
    {control: 'filter', host: 'gw1', was: 'pass', is: 'fail'},
    {control: 'filter', host: 'gw2', was: 'pass', is: 'not evaluated'},
    {control: 'sshd', host: 'gw1', was: 'pass', is: 'fail'},
    {control: 'sshd', host: 'gw2', was: 'pass', is: 'gone'},
  ])
  t.deepEqual(moved(passedResult.records, passedResult.records), [])
  t.is(moved([], passedResult.records).filter(({was}) => was === 'new').length, 4)
})
