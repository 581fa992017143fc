import test from 'ava'
import type {Event} from '../../src/events.ts'
import {plain} from '../../src/reporters/plain.ts'
import {styleFor} from '../../src/reporters/style.ts'
import {golden} from './golden.ts'

const time = '2026-11-29T02:00:00.000Z'
const pair = 'frankfurt'
const run: Event = {
  event: 'run-start',
  time,
  version: 1,
  run: 'r',
  mode: 'apply',
  command: 'gatewright drill',
  hosts: ['gw1', 'gw2'],
  plays: [{name: 'Failover drill', hosts: ['gw1', 'gw2']}],
}
const told = (events: readonly Event[]): string => {
  let text = ''
  const reporter = plain(
    {write: more => void (text += more)},
    {style: styleFor({}, {NO_COLOR: '1'}), view: {diff: false, verbosity: 0}, width: 80},
  )
  for (const event of [run, ...events]) reporter.on(event)
  return text
}

test('a drill as people see it', t => {
  const head = {time, pair, title: 'The LAN cable of the holder is pulled'}
  const ended = {
    ...head,
    event: 'scenario-end',
    because: [],
    gapMs: 45,
    budgetMs: 3000,
    goalMissed: false,
    sessionsLost: 0,
  } as const
  golden(
    t,
    import.meta.dirname,
    'drill.txt',
    told([
      {event: 'drill-start', time, pair, scenarios: ['lan-cable', 'crash']},
      {event: 'scenario-start', ...head, scenario: 'lan-cable', number: 1, of: 2},
      {event: 'drill-phase', time, pair, scenario: 'lan-cable', text: 'pull the cable of the link lan of gw1'},
      {...ended, scenario: 'lan-cable', verdict: 'passed'},
      {event: 'scenario-start', ...head, scenario: 'crash', title: 'The power is cut', number: 2, of: 2},
      {
        ...ended,
        scenario: 'crash',
        verdict: 'failed',
        gapMs: 3400,
        goalMissed: true,
        sessionsLost: 1,
        because: ["the path 'nat' (client to upstream) was silent for 3.40 s, the budget is 3.00 s; 680 of 2800 lost"],
      },
      {event: 'drill-phase', time, pair, scenario: '', text: 'the traffic goes back to gw1'},
      {
        event: 'drill-end',
        time,
        pair,
        passed: 1,
        failed: 1,
        leftOut: 1,
        notRun: 0,
        stateChanges: [{host: 'gw1', section: 'packet filter', gone: ['one'], new: ['two']}],
        report: ['reports/drill.html'],
      },
    ]),
  )
})

test('a plan as people see it', t => {
  golden(
    t,
    import.meta.dirname,
    'drill-plan.txt',
    told([
      {
        event: 'drill-plan',
        time,
        pair,
        scenarios: [
          {
            id: 'hang',
            title: 'keepalived stands still',
            breaks: 'both gateways claim the addresses',
            budgetMs: 3000,
            goalMs: 500,
            holdSeconds: 8,
            faults: ['gw1: keepalived stands still (SIGSTOP); for 18 s at most'],
          },
          {
            id: 'tunnel',
            title: 'A tunnel is lost',
            breaks: 'much',
            budgetMs: 3000,
            holdSeconds: 8,
            faults: [],
            leftOut: 'the site has no role wireguard',
          },
        ],
      },
    ]),
  )
})
