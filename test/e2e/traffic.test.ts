// The measuring instruments themselves: they see an outage of known length, and tell lost sessions from those that live.
import {setTimeout as sleep} from 'node:timers/promises'
import test from 'ava'
import {cut, heal, type Topology} from '../../lab/index.ts'
import type {Flow} from '../support/in-namespace.ts'
import {startProbe} from '../support/probe.ts'
import {startSessions} from '../support/sessions.ts'
import {labUp, onHost} from '../support/site.ts'
import {sayOutage, saySessions, underTraffic} from '../support/traffic.ts'

// One wire between them: the provider's segment, without any gateway's doing.
const near: Flow = {from: 'gw1', to: 'upstream', address: '192.0.2.1'}
const back: Flow = {from: 'upstream', to: 'gw1', address: '192.0.2.2'}

let lab: Topology
test.before(async () => {
  lab = await labUp()
})
test.afterEach.always(async () => {
  await heal(lab, 'gw1', 'wan-a')
  await onHost(lab, 'upstream', 'nft flush ruleset')
})

test.serial('nothing is lost where nothing happens, and the probe keeps its pace', async t => {
  const {outages, sessions} = await underTraffic(lab, {probes: {near, back}, sessions: near}, async () => undefined)
  t.log(sayOutage(outages.near))
  t.log(saySessions(sessions))
  for (const {lost, duplicates, sent} of Object.values(outages)) {
    t.deepEqual({lost, duplicates}, {lost: 0, duplicates: 0})
    t.true(sent > 400, `${sent} datagrams in 3 s at 200 a second`)
  }
  t.is(sessions.survived, 50)
  t.deepEqual(
    sessions.sessions.filter(({kind}) => kind !== 'records').map(({kind}) => kind),
    ['idle', 'bulk'],
  )
})

test.serial('a cable that is out for 600 ms is seen by both probes, and by sessions as a stall', async t => {
  const {outages, sessions} = await underTraffic(lab, {probes: {near, back}, sessions: near}, async () => {
    await cut(lab, 'gw1', 'wan-a')
    await sleep(600)
    await heal(lab, 'gw1', 'wan-a')
  })
  t.log(sayOutage(outages.near), sayOutage(outages.back))
  t.log(saySessions(sessions))
  for (const {gapMs, lost} of Object.values(outages)) {
    t.true(gapMs >= 590, `${gapMs} ms`)
    // Of about 120: some wait in the kernel until the neighbour answers again.
    t.true(lost >= 20, `${lost}`)
  }
  t.is(sessions.survived, 50)
  t.true(sessions.longestStallMs >= 590)
})

test.serial('a way back that never comes counts as an outage up to the end, and the sessions time out', async t => {
  const probe = await startProbe(lab, near)
  const sessions = await startSessions(lab, near, {count: 6, graceMs: 500})
  await sleep(300)
  await cut(lab, 'gw1', 'wan-a')
  await sleep(700)
  const {gapMs} = await probe.stop()
  t.true(gapMs >= 690, `${gapMs} ms`)
  const {survived, timedOut} = await sessions.stop()
  t.deepEqual({survived, timedOut}, {survived: 0, timedOut: 6})
})

test.serial('sessions that a firewall resets are told from the others', async t => {
  const rules = 'chain input { type filter hook input priority 0; tcp dport 7 reject with tcp reset; };'
  const sessions = await startSessions(lab, near, {count: 6})
  await onHost(lab, 'upstream', `nft 'table inet test { ${rules} }'`)
  await sleep(300)
  const {survived, reset} = await sessions.stop()
  // The idle one learns of it with the last record.
  t.deepEqual({survived, reset}, {survived: 0, reset: 6})
})

test.serial('a flow that does not get through is refused before anything is measured', async t => {
  const nowhere: Flow = {...near, address: '192.0.2.77'}
  await t.throwsAsync(startProbe(lab, nowhere), {message: /echo-server .*192\.0\.2\.77 .* on upstream/})
  await cut(lab, 'gw1', 'wan-a')
  await t.throwsAsync(startSessions(lab, near, {count: 2}), {message: /session-client .* on gw1 .*/s})
})
