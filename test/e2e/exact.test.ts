// Check mode is exact: on a fresh host and in partial states it predicts what apply does, and it writes nothing.
import test from 'ava'
import {labExec, type Topology} from '../../lab/index.ts'
import {applied, eventsOf, gatewright, predicted} from '../support/gatewright.ts'
import {differences, hostState} from '../support/host-state.ts'
import {partialState} from '../support/mutations.ts'
import {fresh, inventory, labUp, onHost, sample, site} from '../support/site.ts'

let lab: Topology
test.before(async () => {
  lab = await labUp()
})

const options = ['-i', inventory, '--json']
const check = () => gatewright('check', site, ...options, '--limit', 'gw1')
const play = () => gatewright('play', site, ...options, '--limit', 'gw1')

/** What a container cannot do stays as it is. */
const isDifferent = (line: string): boolean => !line.startsWith('unsupported')

/** Check, apply, apply again; what check said is what apply did, and the second apply does nothing. */
const exact = test.macro(async (t, prepare: () => Promise<void>) => {
  await prepare()
  const before = await hostState(lab, 'gw1')
  const told = await check()
  t.deepEqual(differences(before, await hostState(lab, 'gw1')), [], 'check mode wrote nothing')
  const said = predicted(told.events, 'gw1')
  t.log(`${said.filter(isDifferent).length} changes`)
  t.deepEqual(
    said.filter(line => /^(unknown|failed|skipped)/.test(line)),
    [],
  )
  t.is(told.code, said.some(isDifferent) ? 2 : 0, told.stderr)

  const done = await play()
  t.is(done.code, 0, done.stderr + JSON.stringify(eventsOf(done.events, 'host-failed')))
  t.deepEqual(applied(done.events, 'gw1'), said)
  t.deepEqual(eventsOf(done.events, 'plan-revised'), [])

  const again = await play()
  t.is(again.code, 0)
  t.deepEqual(predicted(again.events, 'gw1').filter(isDifferent), [])
  t.deepEqual(eventsOf(again.events, 'step-start'), [])
  t.is((await onHost(lab, 'gw1', 'systemctl is-active keepalived')).trim(), 'active')
})

test.serial('a fresh host', exact, () => fresh(lab, 'gw1'))

const seeds = Array.from({length: 20}, (_, index) => index + 1)
for (const seed of sample(seeds, [0, 6, 13])) {
  const {fresh: pristine, applied: mutations} = partialState(seed)
  const title = `seed ${seed}: ${pristine ? 'fresh' : 'provisioned'}, ${mutations.map(({name}) => name).join(', ')}`
  test.serial(title, exact, async () => {
    if (pristine) await fresh(lab, 'gw1')
    for (const {script} of mutations) await labExec(lab, 'gw1', script, {timeoutMs: 60_000})
    await labExec(lab, 'gw1', 'sync; sleep 1.5')
  })
}
