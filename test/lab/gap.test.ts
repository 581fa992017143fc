import test from 'ava'
import {longestGap, repliesOf} from '../../lab/gap.ts'

const reply = (sequence: number, atMs: number): string =>
  `[${((1_700_000_000_000 + atMs) / 1000).toFixed(6)}] 64 bytes from 10.10.0.1: icmp_seq=${sequence} ttl=64 time=0.043 ms`

test('the gap is the longest time without an answer, less the period', t => {
  const lines = ['PING 10.10.0.1 (10.10.0.1) 56(84) bytes of data.']
  for (let at = 0; at < 200; at++) if (at < 100 || at >= 160) lines.push(reply(at + 1, at * 5))
  const gap = longestGap(repliesOf(lines.join('\n')))
  t.is(Math.round(gap?.gapMs ?? 0), 300)
  t.is(Math.round(gap?.periodMs ?? 0), 5)
  t.is(gap?.lost, 60)
  t.is(gap?.replies, 140)
})

test('too few answers measure nothing', t => {
  t.is(longestGap(repliesOf(Array.from({length: 99}, (_, at) => reply(at + 1, at * 5)).join('\n'))), undefined)
  t.is(longestGap([]), undefined)
})

test('duplicates do not count, errors are no answers, and sequence numbers wrap', t => {
  const replies = repliesOf(
    [
      reply(65534, 0),
      reply(65535, 5),
      `${reply(65535, 6)} (DUP!)`,
      'From 10.10.0.100 icmp_seq=7 Destination Host Unreachable',
      reply(0, 10),
      reply(1, 15),
    ].join('\n'),
  )
  t.deepEqual(
    replies.map(({sequence}) => sequence),
    [65534, 65535, 65536, 65537],
  )
})
