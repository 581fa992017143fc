import test from 'ava'
import {type Asked, judge} from '../../src/diagnose/judge.ts'

const asked = (
  id: string,
  host: string,
  stage: Asked['stage'],
  more: Partial<Asked> & {readonly saw?: string} = {},
): Asked => {
  const {saw, ...others} = more
  return {
    id,
    host,
    stage,
    flows: ['no-failover'],
    asks: `is ${id} well`,
    look: () => ({
      saw: 'fine',
      wrong: saw === undefined ? [] : [{saw, means: 'nobody takes over', repair: `mend ${id}`}],
    }),
    ...others,
  }
}

test('causes stand before their effects, whatever the order of the roles', t => {
  const {causes} = judge('no-failover', [
    asked('heard', 'gw1', 'path', {saw: 'nothing'}),
    asked('cable', 'gw2', 'link', {saw: 'no carrier'}),
    asked('daemon', 'gw1', 'service', {saw: 'stopped'}),
  ])
  t.deepEqual(
    causes.map(({host, id}) => `${host} ${id}`),
    ['gw2 cable', 'gw1 daemon', 'gw1 heard'],
  )
})

test('what another step has explained on the same host is not asked', t => {
  const {steps} = judge('no-failover', [
    asked('cable', 'gw2', 'link', {saw: 'no carrier'}),
    asked('heard', 'gw1', 'path', {unless: ['cable']}),
    asked('heard', 'gw2', 'path', {
      unless: ['cable'],
      look: () => {
        throw new Error('it was asked')
      },
    }),
  ])
  t.deepEqual(
    steps.map(step => `${step.host} ${step.id} ${step.is === 'skipped' ? `because of ${step.because}` : step.is}`),
    ['gw2 cable wrong', 'gw1 heard well', 'gw2 heard because of cable'],
  )
})

test('a question stands together for all hosts, one of another flow and one that does not apply are left out', t => {
  const {steps, causes} = judge('no-failover', [
    asked('a', 'gw1', 'service'),
    asked('b', 'gw1', 'service'),
    asked('c', 'gw1', 'service', {look: () => undefined}),
    asked('a', 'gw2', 'service'),
    asked('b', 'gw2', 'service', {flows: ['vpn-drops']}),
  ])
  t.deepEqual(
    steps.map(({host, id}) => `${host} ${id}`),
    ['gw1 a', 'gw2 a', 'gw1 b'],
  )
  t.deepEqual(causes, [])
})
