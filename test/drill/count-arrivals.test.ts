import test from 'ava'
import {countArrivals} from '../../src/drill/probe/count-arrivals.ts'
import {arrivalsOf} from '../../src/drill/probe/fping.ts'
import {silenceMs} from '../../src/drill/silence.ts'

/** Numbers 0 to 199, one each 5 ms from 1000 on, without those of which `isLost` says so. */
const stream = (isLost: (number: number) => boolean = () => false) => {
  const numbers = Array.from({length: 200}, (_, number) => number).filter(number => !isLost(number))
  return {numbers, times: numbers.map(number => 1000 + number * 5)}
}
const count = (arrivals: {numbers: number[]; times: number[]}, fromMs = 1000, toMs = 1995) =>
  countArrivals(arrivals, 5, fromMs, toMs)

test('a whole stream has neither gaps nor losses', t => {
  t.deepEqual(count(stream()), {sent: 200, lost: 0, duplicates: 0, reordered: 0, gaps: []})
})

test('what is lost in between is counted and has its place', t => {
  t.deepEqual(count(stream(number => number >= 50 && number < 70)), {
    sent: 200,
    lost: 20,
    duplicates: 0,
    reordered: 0,
    gaps: [{fromMs: 1245, toMs: 1350, lost: 20}],
  })
})

test('silence up to the end is loss, although no number tells of it', t => {
  const {sent, lost, gaps} = count(stream(number => number >= 100))
  t.deepEqual({sent, lost}, {sent: 199, lost: 99})
  t.deepEqual(gaps, [{fromMs: 1495, toMs: 1995, lost: 99}])
})

test('nothing at all is silence from the beginning to the end', t => {
  t.deepEqual(count({numbers: [], times: []}), {
    sent: 198,
    lost: 198,
    duplicates: 0,
    reordered: 0,
    gaps: [{fromMs: 1000, toMs: 1995, lost: 198}],
  })
})

test('what comes late, twice or in another order is not lost', t => {
  const {numbers, times} = stream(number => number >= 180)
  const late = [180, 181, 182, 182, 184, 183]
  const found = count({numbers: [...numbers, ...late], times: [...times, ...late.map(() => 1990)]})
  t.is(found.duplicates, 1)
  t.is(found.reordered, 1)
  const after = count({
    numbers: [...numbers, ...Array.from({length: 20}, (_, index) => 180 + index)],
    times: [...times, ...Array.from({length: 20}, () => 2500)],
  })
  t.is(after.lost, 0, 'sent before the end, and arrived after it')
  t.is(after.gaps.length, 1)
})

test('only what comes between the two times counts', t => {
  const {sent, lost} = count(stream(), 1500, 1750)
  t.true(sent >= 50 && sent <= 52)
  t.is(lost, 0)
})

test('lines of fping become arrivals, those of lost echoes do not', t => {
  t.deepEqual(
    arrivalsOf([
      '[1796062817.70934] 10.10.0.1 : [0], 64 bytes, 0.276 ms (0.276 avg, 0% loss)',
      '[1796062818.20934] 10.10.0.1 : [1], timed out (0.276 avg, 50% loss)',
      '[1796062818.21934] 10.10.0.1 : [2], 64 bytes, 0.059 ms (0.167 avg, 33% loss)',
    ]),
    {numbers: [0, 2], times: [1796062817709.34, 1796062818219.34]},
  )
})

test('a probe that stood still is no silence of the path, what was lost meanwhile is', t => {
  const pauses = [
    {fromMs: 100, toMs: 300},
    {fromMs: 250, toMs: 400},
  ]
  t.is(silenceMs({fromMs: 100, toMs: 405, lost: 0}, 5, pauses), 0)
  t.is(silenceMs({fromMs: 0, toMs: 405, lost: 0}, 5, pauses), 100)
  t.is(silenceMs({fromMs: 100, toMs: 405, lost: 30}, 5, pauses), 150)
  t.is(silenceMs({fromMs: 500, toMs: 705, lost: 39}, 5, pauses), 200)
  t.is(silenceMs({fromMs: 0, toMs: 210, lost: 0}, 10, undefined), 0, 'late echoes are no silence')
  t.is(silenceMs({fromMs: 0, toMs: 210, lost: 20}, 10, undefined), 200)
})
