// What the reporters make of the gates of a pair: gw2 is out of the run and sick, gw1 does not get well after its changes.
import {setTimeout as sleep} from 'node:timers/promises'
import test from 'ava'
import {Chalk} from 'chalk'
import {type GateCheck, type NewEvent, noCounts} from '../../src/events.ts'
import {junit} from '../../src/reporters/junit.ts'
import {plain} from '../../src/reporters/plain.ts'
import {terminal} from '../../src/reporters/terminal.ts'
import {golden} from './golden.ts'
import {memoryOutput} from './memory-output.ts'
import {screenOf} from './screen.ts'
import {gatewayPlan} from './streams.ts'

const reason = 'state FAULT, because of /etc/keepalived/maintenance'
const sick: readonly GateCheck[] = [
  {name: 'keepalived', is: 'sick', reason},
  {name: 'conntrackd', is: 'healthy'},
]
const well: readonly GateCheck[] = [{name: 'keepalived', is: 'healthy', holds: true}]
const host = 'gw1'
const items = gatewayPlan.slice(7, 8)
const failed = {is: 'failed', because: `it is not healthy after its changes: keepalived: ${reason}`} as const
const forceSick = 'gw2 gets a new disk'

const told: readonly NewEvent[] = [
  {
    event: 'run-start',
    version: 1,
    run: 'r',
    mode: 'apply',
    command: 'c',
    hosts: [host],
    plays: [{name: 'p', hosts: [host]}],
    forceSick,
  },
  {event: 'connected', host: 'gw2'},
  {event: 'gate', host: 'gw2', when: 'before', is: 'sick', checks: sick},
  {event: 'gate', host, when: 'before', is: 'healthy', checks: well},
  {event: 'planned', host, items},
  {event: 'play-start', play: 0, name: 'p', hosts: [host]},
  ...items.map((item): NewEvent => ({event: 'item-end', host, item})),
  {event: 'gate', host, when: 'after', is: 'sick', checks: sick},
  {event: 'host-failed', host, status: failed.is, play: 0, message: failed.because, next: 'mend the cause'},
  {
    event: 'summary',
    mode: 'apply',
    exitCode: 3,
    interrupted: false,
    elapsedMs: 61_000,
    hosts: [{host, status: failed.is, counts: {...noCounts(), changed: 1}, unsupported: [], error: failed.because}],
    forceSick,
  },
]
const events = told.map((event, index) => ({...event, time: new Date(1_700_000_000_000 + index * 1000).toISOString()}))
const style = new Chalk({level: 0})

for (const verbosity of [0, 1])
  test(`plain output tells of gates${verbosity ? ', verbose' : ''}`, async t => {
    const output = memoryOutput()
    const reporter = plain(output, {style, view: {diff: false, verbosity}})
    for (const event of events) reporter.on(event)
    await reporter.close?.()
    golden(t, import.meta.dirname, `gates${verbosity ? ', verbose' : ''}.txt`, output.text())
  })

test('a terminal shows what is waited for, until it is over', async t => {
  const output = memoryOutput(100)
  const reporter = terminal(output, {style, view: {diff: false, verbosity: 0}, now: () => 0})
  const shown = (): string[] => screenOf(output.text(), 100)
  const isWaiting = (line: string): boolean => line.includes(`gw1  waiting: keepalived: ${reason}`)
  for (const event of events) {
    if (event.event === 'play-start') await sleep(250)
    if (event.event === 'host-failed') while (!shown().some(isWaiting)) await sleep(20)
    reporter.on(event)
  }
  await reporter.close?.()
  t.false(shown().some(isWaiting))
})

test('JUnit XML has what was sick in the output of its host, and no suite for a peer', async t => {
  const saved: string[] = []
  const reporter = junit(xml => void saved.push(xml))
  for (const event of events) reporter.on(event)
  await reporter.close?.()
  const xml = saved.join('')
  t.regex(xml, /<system-out>sick after its changes: keepalived: state FAULT/)
  t.notRegex(xml, /gw2/)
})
