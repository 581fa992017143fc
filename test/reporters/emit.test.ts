import test from 'ava'
import {type Event, noCounts, type PlannedItem} from '../../src/events.ts'
import {emitter} from '../../src/reporters/emit.ts'
import {jsonLines} from '../../src/reporters/json-lines.ts'
import {quote} from '../../src/shell/quote.ts'
import {memoryOutput} from './memory-output.ts'

const secret = `it's "two"\nlines of 5ecret+/`
const told = (message: string, secrets: readonly string[] = [secret]): string => {
  const events: Event[] = []
  const emit = emitter([{on: event => void events.push(event)}], {secrets: new Set(secrets)})
  emit({event: 'warning', host: 'gw-a1', message})
  const [event] = events
  return event?.event === 'warning' ? event.message : ''
}

test('an event gets its time and is passed on to all reporters', t => {
  const seen: Event[] = []
  const reporter = {on: (event: Event) => void seen.push(event)}
  emitter([reporter, reporter], {now: () => new Date(0)})({event: 'connected', host: 'gw-a1'})
  t.deepEqual(seen[0], {event: 'connected', time: '1970-01-01T00:00:00.000Z', host: 'gw-a1'})
  t.is(seen.length, 2)
})

const masks = test.macro({
  exec(t, _name: string, dressed: string) {
    t.is(told(`before ${dressed} after`), 'before *** after')
  },
  title: (_, name) => 'a secret is masked ' + name,
})
test(masks, 'as it is', secret)
test(masks, 'escaped for JSON', JSON.stringify(secret).slice(1, -1))
test(masks, 'escaped for JSON twice', JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1))

test('a secret is masked when it is quoted for a shell', t => {
  const text = told(`echo ${quote(secret)}`)
  t.notRegex(text, /5ecret|two/)
})

test('a secret is masked in base64, wherever it begins', t => {
  for (const before of ['', 'a', 'ab', 'user:'])
    for (const after of ['', '\n', 'zz', ' and more']) {
      const encoded = Buffer.from(before + secret + after).toString('base64')
      const text = told(encoded)
      t.true(text.includes('***'), encoded)
      t.true(text.replaceAll('***', '').length < before.length + after.length + 12, text)
    }
})

test('long lines of a secret of several lines are masked one by one', t => {
  const key = '-----BEGIN KEY-----\nAAAAB3NzaC1yc2EAAAADAQABAAAB\n-----END KEY-----\n'
  t.is(told('    AAAAB3NzaC1yc2EAAAADAQABAAAB', [key]), '    ***')
})

test('a short secret is masked only where it stands alone', t => {
  t.is(told('ok', ['ok']), '***')
  t.is(told('all is ok', ['ok']), 'all is ok')
})

test('secrets are masked in nested values and in names, never in the kind of event', t => {
  const output = memoryOutput()
  const emit = emitter([jsonLines(output)], {secrets: new Set(['facts', 'hunter22'])})
  emit({event: 'facts', host: 'gw-a1', facts: {hunter22: ['x hunter22 y', {deep: 'hunter22'}], number: 22}})
  t.notRegex(output.text(), /hunter22/)
  const event = JSON.parse(output.text()) as Event
  t.is(event.event, 'facts')
})

test('what an item with no_log says and changes leaves through no event', t => {
  const output = memoryOutput()
  const emit = emitter([jsonLines(output)])
  const said = 'hunter22'
  const at = {host: 'gw-a1', id: 'command login', play: 0}
  const item: PlannedItem = {
    id: at.id,
    kind: 'command',
    play: 0,
    verdict: 'changed',
    tentative: false,
    noLog: true,
    changes: [{path: 'value', from: said, to: said}],
    steps: [said],
    reason: said,
    message: said,
  }
  const summary = {host: at.host, status: 'failed', counts: noCounts(), unsupported: [], error: said} as const
  emit({event: 'planned', host: at.host, items: [item]})
  emit({event: 'plan-revised', host: at.host, items: [item], was: [item]})
  emit({event: 'step-start', ...at, step: '0.0', title: said})
  emit({event: 'step-end', ...at, step: '0.0', title: said, code: 1, output: said})
  emit({event: 'item-end', host: at.host, item: {...item, verdict: 'failed'}})
  emit({event: 'host-failed', ...at, status: 'failed', message: said})
  emit({event: 'host-end', host: at.host, summary})
  const whole = {mode: 'apply', exitCode: 3, interrupted: false, elapsedMs: 1} as const
  emit({event: 'summary', ...whole, hosts: [summary]})
  t.notRegex(output.text(), /hunter22/)
  t.regex(output.text(), /"event":"host-failed".*"message":"output hidden \(no_log\)"/)
})
