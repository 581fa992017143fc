// The course of a drill, over a pair that is a value: what is done in which order, whatever goes wrong. Nothing is measured here.
import test from 'ava'
import type {DrillGround} from '../../src/drill/ground.ts'
import type {DrillFault, DrillResult, Scenario} from '../../src/drill/model.ts'
import {planDrill, runDrill} from '../../src/drill/run-drill.ts'
import type {NewEvent} from '../../src/events.ts'
import {fakeGround} from '../support/drill-ground.ts'

type Course = {
  readonly log: string[]
  readonly events: NewEvent[]
  readonly controller: AbortController
  holder: string
  sick: string | undefined
}

const fault = (task: string, more: Partial<DrillFault> = {}): DrillFault =>
  ({by: 'task', task, args: {}, on: 'holder', wait: false, ...more}) as DrillFault
const hand = (name: 'cut' | 'kill', link?: string): DrillFault => ({
  by: 'hand',
  hand: name,
  ...(link && {link}),
  delay: 0,
  loss: 0,
  on: 'holder',
  wait: false,
})
const scenario = (id: string, faults: readonly DrillFault[], more: Partial<Scenario> = {}): Scenario => ({
  id,
  title: id,
  breaks: 'much',
  faults,
  holdSeconds: 0.05,
  holder: 'any',
  outageSeconds: 3,
  sessionsLost: 0,
  notices: [],
  paths: [],
  ...more,
})

/** A pair on which tasks write down that they ran; `react` is what a task does to it. */
const play = async (
  scenarios: readonly Scenario[],
  react: (task: string, host: string, course: Course) => void = () => undefined,
  more: Partial<DrillGround> = {},
): Promise<Course & {result: DrillResult}> => {
  const course: Course = {log: [], events: [], controller: new AbortController(), holder: 'gw1', sick: undefined}
  const base = fakeGround()
  const ground: DrillGround = {
    ...base,
    drill: {
      ...base.drill,
      scenarios,
      beforeSeconds: 0,
      afterSeconds: 0,
      settleSeconds: 0.1,
      restore: 'vrrp.switchover',
    },
    terms: {...base.terms, hands: ['hands']},
    signal: course.controller.signal,
    emit: event => void course.events.push(event),
    now: () => performance.timeOrigin + performance.now(),
    ask: async (_host, script) => ({code: 0, stdout: script.startsWith('date') ? '1' : '', stderr: ''}),
    health: async host => {
      const is = course.sick === host ? 'sick' : 'healthy'
      return {is, checks: [{name: 'x', is, holds: course.holder === host, ...(is === 'sick' && {reason: 'broken'})}]}
    },
    task: name => ({
      run: async (host, args) => {
        course.log.push(`${name} ${host} ${JSON.stringify(args)}`)
        const other = course.holder === 'gw1' ? 'gw2' : 'gw1'
        if (name === 'vrrp.switchover') course.holder = typeof args['to'] === 'string' ? args['to'] : other
        react(name, host, course)
        return `${name} done`
      },
      plan: async host => `${name} would be done on ${host}`,
      heal: name.endsWith('.own') ? undefined : async host => `healed: ${course.log.push(`heal ${name} ${host}`)}`,
    }),
    runHere: async words => void course.log.push(words.join(' ')),
    drop: async host => void course.log.push(`drop ${host}`),
    lockAgain: async () => undefined,
    ...more,
  }
  const result = await runDrill(ground, {isPersonThere: false, report: async () => ['a report']})
  return {...course, result}
}
const verdicts = ({scenarios}: DrillResult): string[] =>
  scenarios.map(({id, verdict, because}) => `${id} ${verdict}${because.length > 0 ? `: ${because.join('; ')}` : ''}`)

test('faults are armed for longer than they last, held, and undone in reverse', async t => {
  const {log, result, events} = await play([scenario('two', [fault('a.x'), hand('cut', 'lan')])])
  t.deepEqual(verdicts(result), ['two passed'])
  t.deepEqual(log, ['a.x gw1 {"seconds":11}', 'hands cut gw1 lan --for 11', 'hands heal gw1 lan', 'heal a.x gw1'])
  t.deepEqual(
    events.map(({event}) => event),
    ['drill-start', 'scenario-start', 'drill-phase', 'drill-phase', 'drill-phase', 'scenario-end', 'drill-end'],
  )
})

test('what ends by itself is told to end when the hold is over', async t => {
  const {log} = await play([scenario('own', [fault('a.own')], {holdSeconds: 1})])
  t.deepEqual(log, ['a.own gw1 {"seconds":1}'])
})

test('a host whose power goes is let go of before, and is not asked while it is away', async t => {
  const asked: string[] = []
  const {log, result} = await play([scenario('crash', [hand('kill')], {holder: 'moves'})], undefined, {
    health: async host => {
      asked.push(host)
      const isOver = asked.length > 8
      return {is: 'healthy', checks: [{name: 'x', is: 'healthy', holds: host === (isOver ? 'gw2' : 'gw1')}]}
    },
  })
  t.deepEqual(log.slice(0, 3), ['drop gw1', 'hands kill gw1 --for 11', 'hands heal gw1'])
  t.deepEqual(verdicts(result), ['crash passed'])
})

test('where the injection fails, what was begun is undone and the words are told', async t => {
  const {log, result} = await play(
    [scenario('bad', [fault('a.x'), fault('b.y')]), scenario('next', [fault('c.z')])],
    task => {
      if (task === 'b.y') throw new Error('no such device')
    },
  )
  t.deepEqual(verdicts(result), ['bad failed: no such device', 'next passed'])
  t.deepEqual(log.slice(0, 4), ['a.x gw1 {"seconds":11}', 'b.y gw1 {"seconds":11}', 'heal b.y gw1', 'heal a.x gw1'])
})

test('when the pair does not get well nothing more is broken', async t => {
  const {log, result} = await play(
    [scenario('first', [fault('a.x')]), scenario('second', [fault('b.y')])],
    (_task, host, course) => {
      course.sick = host
    },
  )
  t.deepEqual(verdicts(result), [
    'first failed: 0.1 s after the fault was removed the pair is not well: gw1 is sick: x: broken',
    "second not run: the pair did not get well after 'first'",
  ])
  t.false(log.some(line => line.startsWith('b.y')))
})

test('an interruption undoes what is broken, and nothing more is begun', async t => {
  const {log, result} = await play(
    [scenario('long', [fault('a.x')], {holdSeconds: 30}), scenario('next', [fault('b.y')])],
    (_task, _host, course) => void setTimeout(() => course.controller.abort(), 50),
  )
  t.deepEqual(log, ['a.x gw1 {"seconds":40}', 'heal a.x gw1'])
  t.true(result.isInterrupted)
  t.deepEqual(verdicts(result), [
    'long not run: interrupted; what was broken is whole again',
    'next not run: the drill was interrupted before it',
  ])
})

test('a fault that waits begins when the one before is undone and the pair is well', async t => {
  const {log} = await play([
    scenario('back', [fault('a.x', {on: 'standby'}), fault('vrrp.switchover', {on: 'both', wait: true})]),
  ])
  t.deepEqual(log.slice(0, 3), ['a.x gw2 {"seconds":11}', 'heal a.x gw2', 'vrrp.switchover gw1 {"seconds":11}'])
})

test('at the end the traffic is where it was', async t => {
  const {log, holder} = await play([scenario('moved', [fault('a.x')])], (task, _host, course) => {
    if (task === 'a.x') course.holder = 'gw2'
  })
  t.is(holder, 'gw1')
  t.is(log.at(-1), 'vrrp.switchover gw1 {"to":"gw1"}')
})

test('what is left out is not played, and said', async t => {
  const {result, log} = await play([scenario('tunnel', [fault('w.x')], {leftOut: 'the site has no role w'})])
  t.deepEqual(verdicts(result), ['tunnel left out: the site has no role w'])
  t.deepEqual(log, [])
})

test('what is not as before is told', async t => {
  let asked = 0
  const state = async (_host: string, script: string) => {
    if (script.startsWith('date')) return {code: 0, stdout: '1', stderr: ''}
    if (!script.includes('packet filter')) return {code: 0, stdout: '', stderr: ''}
    asked += 1
    return {code: 0, stdout: `== packet filter\ntable ${asked > 2 && asked < 6 ? 'two' : 'one'}\n`, stderr: ''}
  }
  const {result} = await play([scenario('x', [fault('a.x')])], undefined, {ask: state})
  t.deepEqual(result.stateChanges, [], 'it had time to come back')
})

test('the plan names hosts and hands, and does nothing', async t => {
  const events: NewEvent[] = []
  const base = fakeGround()
  const scenarios = [scenario('one', [fault('a.x'), hand('cut', 'lan')]), scenario('two', [hand('kill')])]
  const ground: DrillGround = {
    ...base,
    drill: {...base.drill, scenarios},
    emit: event => void events.push(event),
    task: name => ({
      run: async () => t.fail('nothing is done'),
      heal: undefined,
      plan: async host => `${name} on ${host}`,
    }),
  }
  await planDrill({...ground, terms: {...ground.terms, hands: ['bin/hands', '--rack', '4']}}, false)
  await planDrill(ground, false)
  t.snapshot(events)
})
