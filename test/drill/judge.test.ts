import test from 'ava'
import {effectMs, judge, phasesOf, type Seen} from '../../src/drill/judge.ts'
import type {Direction, PathResult, ProtocolEvent, Scenario} from '../../src/drill/model.ts'

const scenario: Scenario = {
  id: 'cable',
  title: 'A cable',
  breaks: 'much',
  faults: [],
  holdSeconds: 8,
  holder: 'moves',
  outageSeconds: 3,
  goalSeconds: 0.5,
  sessionsLost: 0,
  notices: [],
  paths: ['nat'],
}
const direction = (gapMs: number, lost = 0): Direction => ({
  way: 'out',
  sent: 1000,
  lost,
  duplicates: 0,
  reordered: 0,
  gapMs,
  pauseMs: 0,
  gaps: gapMs > 0 ? [{fromMs: 10_050, toMs: 10_050 + gapMs, lost}] : [],
})
const path = (name: string, gapMs: number, more: Partial<PathResult> = {}): PathResult => ({
  name,
  from: 'client',
  to: 'upstream',
  periodMs: 5,
  directions: [direction(gapMs, Math.round(gapMs / 5))],
  attempts: [],
  ...more,
})
const seen: Seen = {
  faultMs: 10_000,
  healMs: 18_000,
  holderBefore: 'gw1',
  holdersDuring: ['gw2'],
  paths: [path('nat', 40)],
  events: [],
  kinds: new Set(['VRRP', 'BGP', 'BFD']),
  complaints: [],
  settleSeconds: 90,
}

const said = (kind: string, text: string, atMs = 10_010): ProtocolEvent => ({kind, text, atMs, host: 'gw1'})

test('as it should be: nothing is said', t => {
  t.deepEqual(judge(scenario, seen), [])
})

for (const [title, change, words] of [
  [
    'the traffic stays where the fault is',
    {holdersDuring: ['gw1']},
    /stayed on gw1, where the fault was: keepalived of gw1 said nothing of it, so that .* is not tracked there; .*vrrp\.verify/,
  ],
  [
    'the traffic stays although the fault is tracked',
    {
      holdersDuring: ['gw1'],
      events: [
        said('VRRP', 'Netlink reports lan down'),
        said('VRRP', 'Changing effective priority from 200 to 199'),
        {...said('VRRP', 'Netlink reports lan down'), host: 'gw2'},
        said('VRRP', 'Netlink reports lan up', 18_500),
      ],
    },
    /keepalived of gw1 said 'Netlink reports lan down', 'Changing effective priority from 200 to 199' and kept the traffic, .* a weight/,
  ],
  [
    'a line that no sound pair writes, twice',
    {events: [said('VRRP', 'same'), said('VRRP', 'same')].map(each => ({...each, wrong: 'it is the same'}))},
    /^gw1: it is the same$/,
  ],
  ['nobody takes over', {holdersDuring: []}, /nobody carried the traffic/],
  ['both take over', {holdersDuring: ['gw1', 'gw2']}, /gw1 and gw2 both carried the traffic/],
  [
    'a path is silent for too long',
    {paths: [path('nat', 3500)]},
    /'nat' \(client to upstream\) was silent for 3\.50 s, the budget is 3\.00 s; 700 of 1000 lost/,
  ],
  [
    'a path carries nothing',
    {paths: [path('nat', 0, {directions: [{...direction(0), sent: 0}]})]},
    /carried nothing at all/,
  ],
  [
    'sessions are lost',
    {paths: [path('nat', 40, {sessions: {opened: 50, survived: 0, reset: 48, timedOut: 2, longestStallMs: 1}})]},
    /50 of 50 TCP sessions over 'nat' were lost \(48 reset, 2 timed out\).*conntrackd/,
  ],
  [
    'the pair does not get well',
    {complaints: ['gw1 is sick: conntrackd: it is inactive']},
    /90 s after the fault was removed the pair is not well: gw1 is sick: conntrackd/,
  ],
] as const)
  test(`failed: ${title}`, t => {
    const [first = '', ...others] = judge(scenario, {...seen, ...change})
    t.regex(first, words)
    t.deepEqual(others, [])
  })

test('a fault that should move nothing moves something', t => {
  t.regex(
    judge({...scenario, holder: 'stays'}, seen)[0] ?? '',
    /moved from gw1 to gw2, which this fault is no reason for/,
  )
})

test('what has to notice a fault has to do so while it lasts, where a role of the pair can tell it', t => {
  const wanted = {...scenario, notices: ['BFD', 'uplink']}
  const [words = '', ...others] = judge(wanted, {...seen, events: [said('BGP', 'Down'), said('BFD', 'late', 19_000)]})
  t.is(
    words,
    'BFD did not notice the fault in the 8.00 s that it lasted, only BGP did: look whether it is on and its session up, on both ends',
  )
  t.deepEqual(others, [])
  t.deepEqual(judge(wanted, {...seen, events: [said('BFD', '192.0.2.1 down, seen here')]}), [])
})

test('a path may have a longer budget of its own', t => {
  const slow = [path('nat', 3500, {budgetMs: 10_000})]
  t.deepEqual(judge(scenario, {...seen, paths: slow}), [])
})

test('paths that the budget does not hold for are not judged', t => {
  t.deepEqual(judge(scenario, {...seen, paths: [path('nat', 40), path('other', 9000)]}), [])
})

test('a fault begins when the host says so, else when somebody sees it, else when it was ordered', t => {
  const begun = {startMs: 9000, endMs: 10_500}
  const event = (kind: string, atMs: number) => ({kind, atMs, host: 'gw1', text: ''})
  t.is(effectMs(begun, [], [event('VRRP', 9500), event('fault', 10_020)]), 10_020)
  t.is(effectMs(begun, [path('nat', 100)], [event('VRRP', 10_060)]), 10_050)
  t.is(effectMs(begun, [], []), 10_500)
})

test('detection is the first word of a protocol, repair the first packet after the loss', t => {
  const event = (kind: string, atMs: number) => ({kind, atMs, host: 'gw1', text: ''})
  t.deepEqual(phasesOf(10_000, 18_000, [path('nat', 300)], [event('fault', 10_000), event('BFD', 10_120)]), {
    detectMs: 120,
    repairMs: 350,
  })
  t.deepEqual(phasesOf(10_000, 18_000, [path('nat', 0)], []), {})
  t.deepEqual(phasesOf(10_000, 18_000, [], [event('VRRP', 10_000)]), {}, 'nothing but that word tells of the fault')
})
