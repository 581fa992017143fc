// What the journal is told, out of one look after the other at a device; the times are the test's.
import {spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import '../../../src/resolve.ts'

const {sessionsAwk} = await import('../programs/sessions.ts')

type Look = {
  readonly at: number
  /** Without it the device is gone. */
  readonly peer?: {endpoint?: string; shookAt: number; received?: number; sent?: number; key?: string} | 'removed'
  readonly lowered?: string
  readonly own?: string
  /** Instead of those of all looks. */
  readonly settings?: string
}

/** The lines of all looks, each with its time. */
const looks = (t: ExecutionContext, all: readonly Look[], settings = 'peer KEY branch 5 - 10.1.0.0/16\n'): string[] => {
  const directory = mkdtempSync(join(tmpdir(), 'sessions-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  const of = (name: string): string => join(directory, name)
  mkdirSync(of('etc'))
  writeFileSync(of('sessions.awk'), sessionsAwk)
  let memory = ''
  return all.flatMap(({at, peer, lowered = ' ', own = 'OWN', settings: present = settings}) => {
    writeFileSync(of('etc/wg0'), `set public_key OWN\n${present}`)
    const device = peer === undefined ? '' : `wg0\t-\t${own}\t51820\toff\n`
    const line =
      typeof peer === 'object'
        ? `wg0\t${peer.key ?? 'KEY'}\t-\t${peer.endpoint ?? '192.0.2.1:51820'}\t10.1.0.0/16\t${peer.shookAt}\t${peer.received ?? 0}\t${peer.sent ?? 0}\t5\n`
        : ''
    writeFileSync(of('sessions.memory'), memory)
    writeFileSync(of('devices.look'), `${device}${line}`)
    const {stdout, stderr, status} = spawnSync(
      'awk',
      [
        '-v',
        `now=${at}`,
        '-v',
        `lowered=${lowered}`,
        '-f',
        '../sessions.awk',
        'wg0',
        of('sessions.memory'),
        of('devices.look'),
      ],
      {cwd: of('etc'), encoding: 'utf8'},
    )
    if (status !== 0 || stderr !== '') throw new Error(`awk ended with ${status}: ${stderr}`)
    const lines = stdout.trim().split('\n')
    memory = lines.filter(each => each.startsWith('peer ')).join('\n')
    return lines.filter(each => !each.startsWith('peer ') && each !== '').map(each => `${at} ${each}`)
  })
}
const who = 'device=wg0 peer=branch key=KEY'

test('a session begins with a handshake and ends when its keys are void; bytes and time are those of the session', t => {
  t.deepEqual(
    looks(t, [
      {at: 1000, peer: {shookAt: 0, received: 0, sent: 148, endpoint: '(none)'}},
      {at: 1010, peer: {shookAt: 1009, received: 92, sent: 300}},
      {at: 1100, peer: {shookAt: 1009, received: 5092, sent: 900}},
      {at: 1189, peer: {shookAt: 1009, received: 5092, sent: 1000}},
      {at: 1190, peer: {shookAt: 1009, received: 5092, sent: 1100}},
      {at: 1300, peer: {shookAt: 1299, received: 6000, sent: 1200}},
    ]),
    [
      '1010 met wg0 KEY',
      `1010 log connect ${who} from=192.0.2.1:51820 networks=10.1.0.0/16`,
      `1190 log disconnect ${who} from=192.0.2.1:51820 seconds=91 received=5092 sent=952 why=silent`,
      '1300 met wg0 KEY',
      `1300 log connect ${who} from=192.0.2.1:51820 networks=10.1.0.0/16`,
    ],
  )
})

test('a peer that moves is the same session; a new handshake is no new one', t => {
  t.deepEqual(
    looks(t, [
      {at: 1000, peer: {shookAt: 999}},
      {at: 1001, peer: {shookAt: 999, endpoint: '198.51.100.9:4000'}},
      {at: 1121, peer: {shookAt: 1120, endpoint: '198.51.100.9:4000'}},
    ]).slice(2),
    [`1001 log roam ${who} from=192.0.2.1:51820 to=198.51.100.9:4000`],
  )
})

test('a device that is made again ends no session, and its counters go on', t => {
  t.deepEqual(
    looks(t, [
      {at: 1000, peer: {shookAt: 999, received: 100, sent: 100}},
      {at: 1010, peer: {shookAt: 999, received: 1100, sent: 600}},
      {at: 1011},
      {at: 1012, peer: {shookAt: 0, received: 0, sent: 148}},
      {at: 1013, peer: {shookAt: 1012, received: 92, sent: 296}},
      {at: 1400, peer: {shookAt: 1012, received: 92, sent: 296}},
    ]).slice(2),
    [`1400 log disconnect ${who} from=192.0.2.1:51820 seconds=14 received=1192 sent=896 why=silent`],
  )
})

test('a peer that is removed, a gateway that becomes standby, and a device that stays away end a session', t => {
  t.true(
    looks(t, [
      {at: 1000, peer: {shookAt: 999}},
      {at: 1001, peer: 'removed', settings: ''},
    ]).some(line => line.includes(`disconnect ${who} `)),
    'by its name, also where the settings do not know it any more',
  )
  const before: Look = {at: 1000, peer: {shookAt: 999}}
  const why = (look: Look): string | undefined =>
    looks(t, [before, look])
      .findLast(line => line.includes('disconnect'))
      ?.split(' ')
      .at(-1)
  t.is(why({at: 1001, peer: 'removed'}), 'why=removed')
  t.is(why({at: 1001, lowered: ' wg0 '}), 'why=standby')
  t.is(why({at: 1001}), undefined)
  t.is(why({at: 1180}), 'why=silent')
})

test('what hands have changed is told: a peer too many, one too few, another key', t => {
  const drift = (look: Look, settings?: string): boolean => looks(t, [look], settings).includes('1000 drift wg0')
  const peer = {shookAt: 0}
  t.false(drift({at: 1000, peer}))
  t.true(drift({at: 1000, peer: 'removed'}))
  t.true(drift({at: 1000, peer: {...peer, key: 'OTHER'}}))
  t.true(drift({at: 1000, peer, own: 'ELSE'}))
  t.false(drift({at: 1000}), 'a device that is gone has no peers to miss')
  t.false(drift({at: 1000, peer, own: 'NEXT'}, 'set next_public_key NEXT\npeer KEY branch 5 - 10.1.0.0/16\n'))
})

test('the next key of a peer has its name', t => {
  const settings = 'peer OLD branch 5 - 10.1.0.0/16\nnext KEY OLD\n'
  t.true(looks(t, [{at: 1000, peer: {shookAt: 999}}], settings).some(line => line.includes(`connect ${who}`)))
})
