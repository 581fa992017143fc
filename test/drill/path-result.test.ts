import test from 'ava'
import type {DrillPath} from '../../src/drill/model.ts'
import {onOurClock, pinged, resultOf} from '../../src/drill/path-result.ts'
import type {ProbeCounts} from '../../src/drill/probe/probe-program.ts'

const path: DrillPath = {
  name: 'nat',
  from: 'inside',
  to: 'outside',
  address: '203.0.113.10',
  port: 7007,
  flows: 2,
  sessions: 5,
  connections: false,
  tunnel: false,
}
const count = (gaps: {fromMs: number; toMs: number; lost: number}[] = [], lost = 0) => ({
  sent: 1000,
  lost,
  duplicates: 0,
  reordered: 0,
  gaps,
})
const counts = (flows: ProbeCounts['flows'], pauses: ProbeCounts['pauses'] = []): ProbeCounts => ({
  pauses,
  flows,
  sessions: [],
  attempts: [],
})

test('what comes to the far end is the way out, what comes to the near end the way back', t => {
  const gap = {fromMs: 1000, toMs: 1405, lost: 80}
  const {directions} = resultOf(
    path,
    new Map([
      [
        'outside',
        counts([
          {path: 'nat', count: count([gap], 80)},
          {path: 'nat', count: count()},
          {path: 'other', count: count([], 500)},
        ]),
      ],
      ['inside', counts([{path: 'nat', count: count()}])],
    ]),
  )
  t.deepEqual(
    directions.map(({way, sent, lost, gapMs}) => [way, sent, lost, gapMs]),
    [
      ['out', 2000, 80, 400],
      ['back', 1000, 0, 0],
    ],
  )
})

test('a pause of either end is taken out of both directions', t => {
  const gap = {fromMs: 1000, toMs: 1405, lost: 0}
  const {directions} = resultOf(
    path,
    new Map([
      ['outside', counts([{path: 'nat', count: count([gap])}])],
      ['inside', counts([{path: 'nat', count: count([gap])}], [{fromMs: 1000, toMs: 1380}])],
    ]),
  )
  t.deepEqual(
    directions.map(({gapMs, pauseMs}) => [gapMs, pauseMs]),
    [
      [20, 380],
      [20, 380],
    ],
  )
})

test('times are moved to our clock', t => {
  const moved = onOurClock(
    counts([{path: 'nat', count: count([{fromMs: 5000, toMs: 6000, lost: 1}])}], [{fromMs: 5000, toMs: 5100}]),
    4000,
  )
  t.deepEqual(moved.flows[0]?.count.gaps, [{fromMs: 1000, toMs: 2000, lost: 1}])
  t.deepEqual(moved.pauses, [{fromMs: 1000, toMs: 1100}])
})

test('a host without Node.js measures by ping, and says so', t => {
  const lines = Array.from({length: 100}, (_, number) => number)
    .filter(number => number < 30 || number >= 50)
    .map(number => `[${(11 + number / 100).toFixed(5)}] 10.10.0.1 : [${number}], 64 bytes, 0.2 ms (0.2 avg, 0% loss)`)
  const {directions, note} = pinged(path, lines, {fromMs: 10_000, toMs: 10_990, offsetMs: 1000})
  t.deepEqual(
    directions.map(({way, lost, gapMs}) => [way, lost, Math.round(gapMs)]),
    [['there and back', 20, 200]],
  )
  t.regex(note ?? '', /no Node\.js 18/)
})
