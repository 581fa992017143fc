import test from 'ava'
import {outageOf, type ProbeLog} from '../support/probe.ts'
import {reportOf} from '../support/sessions.ts'

/** Ten datagrams, one each 5 ms, echoed after 1 ms, but for those named. */
const log = (missing: readonly number[], change: Partial<ProbeLog> = {}): ProbeLog => {
  const sentAt = Array.from({length: 10}, (_, index) => 1000 + index * 5)
  const echoes = sentAt.map((at, index) => [index, at + 1] as const).filter(([index]) => !missing.includes(index))
  return {intervalMs: 5, sentAt, echoes, ...change}
}

test('nothing missing is no gap', t => {
  t.deepEqual(outageOf(log([])), {sent: 10, lost: 0, duplicates: 0, reordered: 0, gapMs: 0, senderPauseMs: 0})
})

test('the gap is the longest time without an echo, less the period', t => {
  const {lost, gapMs} = outageOf(log([2, 5, 6, 7]))
  t.deepEqual({lost, gapMs}, {lost: 4, gapMs: 15})
})

test('what was sent before the first echo was no outage, it was a beginning', t => {
  const {sent, lost, gapMs} = outageOf(log([0, 1, 2]))
  t.deepEqual({sent, lost, gapMs}, {sent: 7, lost: 0, gapMs: 0})
})

test('silence up to the end counts', t => {
  const {lost, gapMs} = outageOf(log([5, 6, 7, 8, 9]))
  t.deepEqual({lost, gapMs}, {lost: 5, gapMs: 19})
})

test('duplicates and echoes out of order are told apart from loss', t => {
  const {sentAt} = log([])
  const order = [0, 1, 3, 2, 4, 4, 5, 6, 7, 8, 9]
  const echoes = order.map((sequence, index) => [sequence, 1001 + index * 5] as const)
  const {lost, duplicates, reordered} = outageOf({intervalMs: 5, sentAt, echoes})
  t.deepEqual({lost, duplicates, reordered}, {lost: 0, duplicates: 1, reordered: 2})
})

test('a probe that paused itself says so', t => {
  const sentAt = [1000, 1005, 1105, 1110]
  const {gapMs, senderPauseMs} = outageOf({
    intervalMs: 5,
    sentAt,
    echoes: sentAt.map((at, index) => [index, at + 1] as const),
  })
  t.deepEqual({gapMs, senderPauseMs}, {gapMs: 95, senderPauseMs: 95})
})

test('sessions are counted by what became of them, and the longest stall is of any', t => {
  const session = {kind: 'records', longestStallMs: 3, localPort: 1} as const
  const {sessions, ...counts} = reportOf([
    {...session, outcome: 'survived'},
    {...session, outcome: 'survived', longestStallMs: 40},
    {...session, outcome: 'reset'},
    {...session, outcome: 'timed out'},
  ])
  t.is(sessions.length, 4)
  t.deepEqual(counts, {survived: 2, reset: 1, timedOut: 1, longestStallMs: 40})
})
