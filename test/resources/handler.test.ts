import {mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {handlerResource} from '../../src/resources/handler.ts'
import {configDigest} from '../../src/resources/loaded-record.ts'
import {Unreadable} from '../../src/resources/resource.ts'
import {answer, commandOf, judge, run} from './ask.ts'

const reload = handlerResource({unit: 'frr', action: 'reload', config: ['/etc/frr/frr.conf', '/etc/frr/daemons']})
const debt = [{path: 'loaded configuration', from: 'older', to: 'current'}]

/** Started at second 1763823181.444631 by the clock, at 100 s of a boot that is 200 s old. */
const unit = (extra: string[], more: Record<string, string> = {}) =>
  answer(
    Object.entries({
      ExecMainStartTimestamp: 'Sat 2025-11-22 14:53:01.445000 UTC',
      ActiveState: 'active',
      SubState: 'running',
      InactiveExitTimestamp: 'Sat 2025-11-22 14:53:01.444631 UTC',
      InactiveExitTimestampMonotonic: '100000000',
      InvocationID: 'aaa',
      digest: 'now',
      uptime: '200.00',
      now: '1763823281.444631000',
      ...more,
    })
      .map(([name, value]) => `${name}=${value}`)
      .concat(extra)
      .join('\n'),
  )

test('a file written before the start has been read', t => {
  t.deepEqual(judge(reload, unit(['mtime=1763823100.0', 'mtime=1763823181.0'])).changes, [])
})

test('a file written after the start is a debt', t => {
  t.deepEqual(judge(reload, unit(['mtime=1763823100.0', 'mtime=1763823182.5'])).changes, debt)
})

test('a write in the clock tick of the start counts as after it', t => {
  t.deepEqual(judge(reload, unit(['mtime=1763823181.430000000'])).changes, debt)
})

test('after a start of ours a write just before it has been read', t => {
  t.deepEqual(judge(reload, unit(['started=aaa', 'mtime=1763823181.444000000'])).changes, [])
  t.deepEqual(judge(reload, unit(['started=aaa', 'mtime=1763823181.445000000'])).changes, debt)
  t.deepEqual(judge(reload, unit(['started=bbb', 'mtime=1763823181.444000000'])).changes, debt)
})

test('a clock that was set forward after the start hides no change', t => {
  const later = {now: '1763826881.444631000'}
  t.deepEqual(judge(reload, unit(['mtime=1763823200.0'], later)).changes, debt)
})

test('what we loaded is known by its digest, whatever the times say', t => {
  t.deepEqual(judge(reload, unit(['loaded=aaa now', 'mtime=1763829999.0'])).changes, [])
  t.deepEqual(judge(reload, unit(['loaded=aaa before', 'mtime=1763823100.0'])).changes, debt)
})

test('a record of an earlier run of the unit tells nothing', t => {
  t.deepEqual(judge(reload, unit(['loaded=bbb before', 'mtime=1763823100.0'])).changes, [])
})

test('a unit that does not run has no debt', t => {
  const dead = {
    ActiveState: 'inactive',
    SubState: 'dead',
    InvocationID: '',
    InactiveExitTimestamp: '',
    ExecMainStartTimestamp: '',
  }
  t.deepEqual(judge(reload, unit(['mtime=1763829999.0'], dead)).changes, [])
  t.deepEqual(judge(reload, unit(['mtime=1763829999.0'], {ActiveState: 'failed'})).changes, [])
})

test('without files there is no debt to see', t => {
  t.deepEqual(judge(handlerResource({unit: 'frr', action: 'restart', config: []}), unit([])).changes, [])
})

test('an answer that fails is unreadable', t => {
  t.throws(() => judge(reload, answer('', 1, 'Failed to connect to bus')), {instanceOf: Unreadable})
  t.throws(() => judge(reload, answer('')), {instanceOf: Unreadable})
})

test('the digest is taken before the reload and recorded after it', t => {
  const [step] = reload.kind.steps(reload.desired, debt, {active: true, stale: true})
  const text = commandOf(step).text
  t.is(step?.title, 'reload frr')
  t.true(text.indexOf('digest=$(') < text.indexOf('systemctl "$verb"'))
  t.true(text.indexOf('systemctl "$verb"') < text.indexOf('/var/lib/gatewright/services/frr.reload'))
})

const digest = (...paths: string[]) => run(configDigest(paths)).stdout

test('the digest knows content, order and absence, whatever the names', t => {
  const base = mkdtempSync(join(tmpdir(), 'gatewright-'))
  const [a, b] = [join(base, "a 'b'"), join(base, '$c')]
  const nothing = digest(a, b)
  writeFileSync(a, 'x')
  const one = digest(a, b)
  t.regex(one, /^[0-9a-f]{64}\n$/)
  t.not(one, nothing)
  t.not(one, digest(b, a))
  t.is(run(configDigest([b])).stderr, '')
})

test('a handler and its problems', t => {
  t.is(reload.id, 'handler reload frr')
  t.is(reload.kind.problems({unit: 'a b', action: 'reload', config: ['x']}).length, 2)
})
