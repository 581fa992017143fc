import test from 'ava'
import {Chalk} from 'chalk'
import type {Event, NewEvent} from '../../src/events.ts'
import {plain} from '../../src/reporters/plain.ts'
import {Profiler} from '../../src/reporters/profile.ts'
import {profiled} from '../../src/reporters/profiled.ts'
import {golden} from './golden.ts'
import {memoryOutput} from './memory-output.ts'
import {stream} from './streams.ts'

/** Events at these milliseconds. */
const timed = (all: readonly (readonly [number, NewEvent])[]): Event[] =>
  all.map(([ms, event]) => ({...event, time: new Date(ms).toISOString()}))

const host = 'gw1'
const item = {id: 'package frr', kind: 'package', play: 0, verdict: 'changed', tentative: false} as const
const at = {host, id: item.id, play: 0}
const whole = {...item, changes: [], steps: []}
const run = timed([
  [0, {event: 'host-start', host}],
  [300, {event: 'connected', host}],
  [350, {event: 'warning', host, message: 'it comes in between'}],
  [400, {event: 'facts', host, facts: {}}],
  [600, {event: 'planned', host, items: [whole]}],
  [5000, {event: 'play-start', play: 0, name: 'gateways', hosts: [host]}],
  [5000, {event: 'item-start', ...at}],
  [5010, {event: 'step-start', ...at, step: '0.0', title: 'install'}],
  [8000, {event: 'step-end', ...at, step: '0.0', title: 'install', code: 0, output: ''}],
  [8000, {event: 'item-end', host, item: whole}],
  [8100, {event: 'plan-revised', host, items: [], was: []}],
  [8350, {event: 'verified', host, play: 0, ids: []}],
])

test('time goes to the phase that it was spent in, and waiting to none', t => {
  const profiler = new Profiler()
  for (const event of run) profiler.on(event)
  const {hosts, items, plays} = profiler.profile()
  t.deepEqual(hosts, [{host, connect: 300, facts: 100, probe: 300, apply: 3000, verify: 250, totalMs: 3950}])
  t.deepEqual(items, [{id: item.id, play: 0, hosts: 1, sumMs: 3000, longestMs: 3000, longestOn: host}])
  t.deepEqual(plays, [{name: 'gateways', hosts: 1, elapsedMs: 3350}])
})

test('a host that is given up has spent its time on what it was doing', t => {
  const profiler = new Profiler()
  for (const event of run.slice(0, 2)) profiler.on(event)
  for (const event of timed([[9300, {event: 'host-failed', host, status: 'unreachable', message: 'frozen'}]]))
    profiler.on(event)
  t.deepEqual(
    profiler.profile().hosts.map(({connect, facts}) => [connect, facts]),
    [[300, 9000]],
  )
})

test('the profile comes before the summary, and once', t => {
  const names: string[] = []
  const reporter = profiled({on: event => void names.push(event.event)})
  for (const event of stream('check', 2)) reporter.on(event)
  t.deepEqual(names.slice(-3), ['host-end', 'profile', 'summary'])
  t.is(names.filter(name => name === 'profile').length, 1)
})

const reads = test.macro({
  exec(t, hosts: number, width: number) {
    const output = memoryOutput()
    const reporter = profiled(plain(output, {style: new Chalk({level: 0}), view: {diff: false, verbosity: 0}, width}))
    for (const event of stream('apply', hosts)) reporter.on(event)
    const text = output.text()
    const table = text.slice(text.indexOf('\nprofile\n') + 1)
    t.deepEqual(
      table.split('\n').filter(line => line.length > width),
      [],
    )
    golden(t, import.meta.dirname, `profile of ${hosts} hosts, ${width} columns.txt`, table)
  },
  title: (_, hosts, width) => 'profile, hosts and columns: ' + [hosts, width].join(', '),
})
test(reads, 2, 80)
test(reads, 50, 80)
test(reads, 50, 160)
