import test from 'ava'
import type {DrillGround} from '../../src/drill/ground.ts'
import {checkPair, isInWindow, ownLinks, withoutUnsafe} from '../../src/drill/safety.ts'
import {fakeGround} from '../support/drill-ground.ts'

test('a window is a time of the week', t => {
  const sunday = (time: string): Date => new Date(`2026-11-29T${time}`)
  const windows = ['Sun 02:00-05:00', 'Sat 22:00-24:00']
  t.true(isInWindow(windows, sunday('02:00')))
  t.true(isInWindow(windows, sunday('04:59')))
  t.false(isInWindow(windows, sunday('05:00')))
  t.false(isInWindow(windows, new Date('2026-11-30T03:00')))
  t.true(isInWindow(windows, new Date('2026-11-28T23:59')))
  t.false(isInWindow([], sunday('02:00')))
})

const refused = async (ground: DrillGround): Promise<string> => {
  try {
    await checkPair(ground)
    return ''
  } catch (error) {
    return `${(error as Error).message}; ${(error as {next?: string}).next}`
  }
}
const production = {isLab: false, windows: ['Sun 02:00-05:00'], currency: 'USD'}
const inTime = (): number => new Date('2026-11-29T03:00').getTime()

test('a lab is drilled at any time, a well pair only', async t => {
  t.is(await refused(fakeGround()), '')
  t.regex(
    await refused(fakeGround({health: {gw2: 'sick'}})),
    /pair lab is not fit for a drill: gw2 is sick: keepalived: state FAULT; mend it first/,
  )
  t.regex(await refused(fakeGround({holders: []})), /nobody carries the traffic/)
  t.regex(await refused(fakeGround({holders: ['gw1', 'gw2']})), /gw1 and gw2 both carry the traffic/)
  t.regex(await refused(fakeGround({health: {gw1: 'absent'}})), /gw1 was never provisioned/)
})

test('a fault that an earlier drill has left armed is waited for', async t => {
  t.regex(
    await refused(fakeGround({answer: () => 'gatewright-drill-vrrp-hang.timer\n'})),
    /still armed on gw1: gatewright-drill-vrrp-hang\.timer/,
  )
})

test('elsewhere a window and the name of the pair are needed', async t => {
  const asked: string[] = []
  const ground = (typed: string | undefined, more = {}) =>
    fakeGround({
      terms: production,
      now: inTime,
      askPerson: question => {
        asked.push(question)
        return typed
      },
      ...more,
    })
  t.is(await refused(ground('lab')), '')
  t.regex(asked[0] ?? '', /1 scenarios will break gw1 and gw2.*everything.*Type the name of the pair \(lab\)/)
  t.regex(await refused(ground('yes')), /not confirmed/)
  t.regex(await refused(ground(undefined)), /not confirmed/)
  t.regex(
    await refused(ground('lab', {now: () => new Date('2026-11-30T03:00').getTime()})),
    /may be drilled in Sun 02:00-05:00 only, and it is Mon 03:00/,
  )
  t.regex(
    await refused(ground('lab', {terms: {...production, windows: []}})),
    /has no time in which lab may be drilled; set drill_window/,
  )
})

test('a pair that the engine itself goes through is not drilled', async t => {
  t.regex(
    await refused(fakeGround({waysTo: ['10.10.0.1'], addresses: ['10.10.0.1']})),
    /reaches gw1 by way of 10\.10\.0\.1, an address of the pair itself/,
  )
})

test("the engine's own link is never broken, and hands are needed for cables", async t => {
  const ground = fakeGround({
    answerAsUser: () => '10.10.254.1 dev mgmt src 10.10.254.2 uid 1000\n',
    links: {mgmt: 'mgmt'},
  })
  const own = await ownLinks(ground)
  t.deepEqual(
    [...own],
    [
      ['gw1', 'mgmt'],
      ['gw2', 'mgmt'],
    ],
  )
  const [base] = ground.drill.scenarios
  const cut = (link: string) => ({
    ...base!,
    faults: [{by: 'hand' as const, hand: 'cut' as const, link, delay: 0, loss: 0, on: 'holder' as const, wait: false}],
  })
  const mute = {
    ...base!,
    faults: [{by: 'task' as const, task: 'vrrp.mute', args: {link: 'mgmt'}, on: 'holder' as const, wait: false}],
  }
  const left = (scenario: typeof base, hands: string[] | undefined, isPersonThere = false) =>
    withoutUnsafe(
      {...ground.drill, scenarios: [scenario!]},
      own,
      {...ground.terms, ...(hands && {hands})},
      isPersonThere,
    )[0]?.leftOut
  t.is(left(cut('mgmt'), ['hands']), 'the engine reaches gw1 over the link mgmt')
  t.is(left(mute, undefined), 'the engine reaches gw1 over the link mgmt')
  t.is(left(cut('lan'), ['hands']), undefined)
  t.is(left(cut('lan'), undefined, true), undefined, 'a person is asked')
  t.regex(left(cut('lan'), undefined) ?? '', /nobody can pull cables/)
})
