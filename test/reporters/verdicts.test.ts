import test from 'ava'
import {Chalk} from 'chalk'
import {type Event, noCounts, type PlannedItem} from '../../src/events.ts'
import {plain} from '../../src/reporters/plain.ts'
import {golden} from './golden.ts'
import {memoryOutput} from './memory-output.ts'

const item = (rest: Partial<PlannedItem> & Pick<PlannedItem, 'id' | 'verdict'>): PlannedItem => ({
  kind: rest.id.split(' ', 1)[0] ?? '',
  play: 0,
  tentative: false,
  changes: [],
  steps: [],
  ...rest,
})
const refused = 'apt-get update failed with exit code 100:\nE: no network'
const items = [
  item({id: 'command update lists', verdict: 'ignored', reason: refused}),
  item({id: 'command first try', verdict: 'rescued', reason: 'exit code 1'}),
  item({id: 'debug what follows', verdict: 'ok', message: 'gw1 is the master\nof 10.10.0.1'}),
  item({id: 'assert enough memory', verdict: 'ok', message: 'All assertions passed'}),
  item({id: 'command set the password', verdict: 'changed', noLog: true}),
]
const time = '2026-11-22T10:00:00.000Z'

const run = (mode: 'check' | 'apply'): readonly Event[] => {
  const counts = {...noCounts(), ok: 2, ignored: 1, rescued: 1, changed: 1}
  const hosts = [{host: 'gw1', status: 'changed' as const, counts, unsupported: []}]
  const planned =
    mode === 'check'
      ? items
      : items.map(({reason: _reason, message: _message, ...each}) => ({...each, verdict: 'unknown' as const}))
  return [
    {
      event: 'run-start',
      time,
      version: 1,
      run: 'r1',
      mode,
      command: `gatewright ${mode}`,
      hosts: ['gw1'],
      plays: [{name: 'gateways', hosts: ['gw1']}],
    },
    {event: 'planned', time, host: 'gw1', items: planned},
    ...(mode === 'apply' ? items.map(each => ({event: 'item-end' as const, time, host: 'gw1', item: each})) : []),
    {event: 'summary', time, mode, exitCode: 0, interrupted: false, hosts, elapsedMs: 1200},
  ]
}

const shows = test.macro({
  exec(t, mode: 'check' | 'apply', verbosity: number) {
    const output = memoryOutput()
    const reporter = plain(output, {style: new Chalk({level: 0}), view: {diff: false, verbosity}, width: 80})
    for (const event of run(mode)) reporter.on(event)
    golden(t, import.meta.dirname, `verdicts of ${mode}${verbosity > 0 ? ', verbose' : ''}.txt`, output.text())
  },
  title: (_, ...told) => 'ignored, rescued, messages and no_log: ' + told.join(', verbosity '),
})
for (const mode of ['check', 'apply'] as const) for (const verbosity of [0, 1]) test(shows, mode, verbosity)
