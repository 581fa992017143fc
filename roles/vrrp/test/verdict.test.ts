import test from 'ava'
import '../../../src/resolve.ts'
import type {InstanceSight, Sight} from '../verdict.ts'
import {lab} from './fixtures.ts'

const {complaintsOf} = await import('../verdict.ts')

const instance: InstanceSight = {name: 'gateway', vrid: 110, priority: 200, sent: 12, received: 0, errors: []}
const master: Sight = {
  name: 'gw1',
  state: 'MASTER',
  seconds: 1.2,
  instances: [instance],
  scheduling: 'SCHED_RR',
  rules: 'one',
  connections: 50,
  injected: 0,
  failed: 0,
  lost: 0,
  isSyncing: true,
  offsetMs: 3,
  uncertaintyMs: 1,
}
const backup: Sight = {...master, name: 'gw2', state: 'BACKUP', instances: [{...instance, sent: 0, received: 12}]}
const said = (one: Partial<Sight>, two: Partial<Sight> = {}): string =>
  complaintsOf(
    [
      {...master, ...one},
      {...backup, ...two},
    ],
    lab().vars,
  ).join('; ')

test('a pair in order', t => {
  t.is(said({}), '')
})

test('who is master', t => {
  t.is(said({}, {state: 'MASTER', instances: [instance]}), 'gw1 and gw2 are both master')
  t.is(said({state: 'FAULT'}), 'nobody is master; gw1 is FAULT')
})

test('what keepalived says of its advertisements', t => {
  t.is(said({instances: []}), 'keepalived on gw1 does not answer')
  t.is(said({instances: [{...instance, sent: 0}]}), 'gw1 sends no advertisements of gateway')
  t.is(said({}, {instances: [{...instance, sent: 0}]}), 'gw2 gets no advertisements of gateway')
  t.is(
    said({}, {instances: [{...instance, sent: 0, received: 9, errors: ['advert_interval_err']}]}),
    'gw2 refuses advertisements of gateway (advert_interval_err)',
  )
})

test('scheduling, conntrackd, clocks and NAT', t => {
  t.is(said({scheduling: 'SCHED_OTHER'}), 'keepalived on gw1 is scheduled SCHED_OTHER, not SCHED_RR')
  t.is(said({}, {isSyncing: false}), 'conntrackd on gw2 does not hear its peer')
  t.is(said({}, {failed: 4}), 'gw2 could not take 4 connections of its peer')
  t.is(said({offsetMs: 150}), 'the clocks of gw1 and gw2 are 147 ms apart')
  t.is(said({offsetMs: 150, uncertaintyMs: 50}), '', 'the answer took as long')
  t.is(said({}, {rules: 'two'}), 'gw1 and gw2 translate addresses differently')
})
