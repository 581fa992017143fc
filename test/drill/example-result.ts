import type {DrillResult, ScenarioResult} from '../../src/drill/model.ts'

const startedMs = Date.UTC(2026, 10, 29, 2, 0, 0)

const cable: ScenarioResult = {
  id: 'lan-cable',
  title: 'The LAN cable of the holder is pulled',
  breaks: 'the LAN has no way out until the other gateway takes over',
  verdict: 'passed',
  because: [],
  counted: ['nat', 'gateway'],
  budgetMs: 3000,
  goalMs: 100,
  goalMissed: false,
  faults: ['pull the cable of the link lan of gw1'],
  startMs: startedMs + 10_000,
  faultMs: startedMs + 12_000,
  healMs: startedMs + 20_000,
  endMs: startedMs + 24_000,
  holderBefore: 'gw1',
  holderDuring: 'gw2',
  holderAfter: 'gw2',
  detectMs: 4,
  repairMs: 45,
  paths: [
    {
      name: 'nat',
      from: 'client',
      to: 'upstream',
      periodMs: 5,
      directions: [
        {
          way: 'out',
          sent: 2800,
          lost: 8,
          duplicates: 0,
          reordered: 0,
          gapMs: 40,
          pauseMs: 6,
          gaps: [{fromMs: startedMs + 12_001, toMs: startedMs + 12_046, lost: 8}],
        },
        {
          way: 'back',
          sent: 2800,
          lost: 9,
          duplicates: 1,
          reordered: 0,
          gapMs: 45,
          pauseMs: 6,
          gaps: [{fromMs: startedMs + 12_001, toMs: startedMs + 12_051, lost: 9}],
        },
      ],
      sessions: {opened: 50, survived: 50, reset: 0, timedOut: 0, longestStallMs: 210},
      attempts: [
        {kind: 'http', made: 56, failed: 1, longestMs: 260},
        {kind: 'dns', made: 140, failed: 0, longestMs: 90},
      ],
    },
    {
      name: 'gateway',
      from: 'client',
      periodMs: 10,
      directions: [
        {
          way: 'there and back',
          sent: 1400,
          lost: 4,
          duplicates: 0,
          reordered: 0,
          gapMs: 40,
          pauseMs: 0,
          gaps: [{fromMs: startedMs + 12_000, toMs: startedMs + 12_050, lost: 4}],
        },
      ],
      attempts: [],
    },
  ],
  events: [
    {atMs: startedMs + 12_004, host: 'gw1', kind: 'VRRP', text: 'Entering FAULT STATE'},
    {atMs: startedMs + 12_041, host: 'gw2', kind: 'VRRP', text: 'Entering MASTER STATE'},
    {atMs: startedMs + 12_060, host: 'gw2', kind: 'conntrack', text: 'resync <with> "master" & more'},
  ],
}

const [nat, gateway] = cable.paths
const session: ScenarioResult = {
  ...cable,
  id: 'crash',
  title: 'The power of the holder is cut',
  verdict: 'failed',
  because: [
    "the path 'nat' (client to upstream) was silent for 3.40 s, the budget is 3.00 s; 680 of 2800 lost",
    "50 of 50 TCP sessions over 'nat' were lost (50 reset, 0 timed out), 0 may be: look at conntrackd on both gateways",
  ],
  goalMissed: true,
  repairMs: 3405,
  paths: [
    {
      ...nat!,
      directions: [
        {
          ...nat!.directions[0]!,
          lost: 680,
          gapMs: 3400,
          gaps: [{fromMs: startedMs + 12_001, toMs: startedMs + 15_406, lost: 680}],
        },
        nat!.directions[1]!,
      ],
      sessions: {opened: 50, survived: 0, reset: 50, timedOut: 0, longestStallMs: 12_000},
    },
    gateway!,
  ],
}

const bare = {paths: [], events: [], faults: [], holderBefore: '', holderDuring: '', holderAfter: ''}
const {detectMs: _detect, repairMs: _repair, ...plain} = cable

/** A drill that passed, and one in which everything happened that a report can tell. */
export const passedResult: DrillResult = {
  version: 1,
  run: '20261129T020000Z-abcdef',
  engine: '0.1.0',
  pair: 'frankfurt',
  site: 'frankfurt',
  operator: 'alice',
  hosts: [
    {name: 'fra-gw1', checks: [{name: 'keepalived', is: 'healthy', holds: true}]},
    {name: 'fra-gw2', checks: [{name: 'keepalived', is: 'healthy'}]},
  ],
  startedMs,
  endedMs: startedMs + 95_000,
  isLab: false,
  isInterrupted: false,
  clockMs: 1.6,
  scenarios: [cable],
  stateChanges: [],
  costPerHour: 8000,
  currency: 'USD',
}
export const failedResult: DrillResult = {
  ...passedResult,
  scenarios: [
    cable,
    session,
    {
      ...plain,
      ...bare,
      id: 'tunnel',
      title: 'A tunnel is lost',
      verdict: 'left out',
      because: ['the site has no role wireguard'],
    },
    {
      ...plain,
      ...bare,
      id: 'failback',
      title: 'The standby comes back',
      verdict: 'not run',
      because: ["the pair did not get well after 'crash'"],
    },
  ],
  stateChanges: [
    {
      host: 'fra-gw1',
      section: 'packet filter',
      gone: ['chain forward { policy drop; }'],
      new: ['<script>alert(1)</script>'],
    },
  ],
}
