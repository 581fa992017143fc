// Every complaint with its causes, one by one, on a pair with everything; and nothing found where nothing is wrong.

import test, {type ExecutionContext} from 'ava'
import {type Topology, up} from '../../lab/index.ts'
import {flows} from '../../src/diagnose/model.ts'
import {startConcentrator} from '../support/concentrator.ts'
import {diagnosedFaults} from '../support/diagnosis-faults.ts'
import {type DualTunnelSite, dualTunnelSite, playbook, project} from '../support/dual-tunnel.ts'
import {eventsOf, type Finished, start} from '../support/gatewright.ts'
import {fresh, full, labUp, onHost} from '../support/site.ts'
import {until} from '../support/until.ts'

let lab: Topology
let site: DualTunnelSite
const undo: (() => unknown)[] = []
const withSite = (...args: string[]): Promise<Finished> => {
  const inventories = site.inventories.flatMap(each => ['-i', each])
  return start([...args, ...inventories, '--vault-password-file', site.pki.passwordFile, '--json'], undefined, project)
    .finished
}
const diagnose = async (flow?: string) => {
  const {code, stderr, events} = await withSite('diagnose', ...(flow === undefined ? [] : [flow]))
  return {code, stderr, ends: eventsOf(events, 'diagnosis-end'), steps: eventsOf(events, 'diagnosis-step')}
}
type Told = Awaited<ReturnType<typeof diagnose>>
const say = ({code, stderr, ends}: Told): string =>
  [`exit code ${code}`, stderr, ...ends.flatMap(({causes}) => causes.map(each => JSON.stringify(each)))].join('\n')

/** A busy machine takes its time until everything has come back. */
const isWell = async (t: ExecutionContext, flow?: string): Promise<void> => {
  let last: Told | undefined
  const reached = await until(
    async () => {
      last = await diagnose(flow)
      return last.code === 0
    },
    {withinMs: 150_000, everyMs: 1000},
  )
  t.true(reached, last && say(last))
}

test.before(async t => {
  t.timeout(900_000)
  lab = await labUp()
  site = await dualTunnelSite({teardown: each => void undo.push(each)})
  await startConcentrator(lab, site.pki)
  const {code, stderr, events} = await withSite('play', playbook)
  const failed = eventsOf(events, 'host-failed').map(({host, id, message}) => `${host} ${id}: ${message}`)
  t.is(code, 0, [stderr, ...failed].join('\n'))
})
test.after.always(async () => {
  await up(lab)
  await fresh(lab, 'gw1', 'gw2', 'upstream')
  for (const each of undo) await each()
})

test.serial('a pair that is well: nothing found, and nothing is written', async t => {
  t.timeout(300_000)
  await isWell(t)
  const marks = 'find /etc /var/lib/gatewright -newer /run/before -type f | sort'
  for (const host of ['gw1', 'gw2']) await onHost(lab, host, 'touch /run/before')
  const {code, ends, steps} = await diagnose()
  t.is(code, 0)
  t.deepEqual(
    ends.map(({flow, causes, silent}) => [flow, causes, silent]),
    flows.map(flow => [flow, [], []]),
  )
  t.true(ends.every(({asked}) => asked >= 20))
  t.true(steps.every(({is}) => is === 'well'))
  for (const host of ['gw1', 'gw2']) t.is(await onHost(lab, host, marks), '')
})

/** In `npm test` the first of each complaint. */
const chosen = full ? diagnosedFaults : flows.flatMap(flow => diagnosedFaults.find(fault => fault.flow === flow) ?? [])

for (const fault of chosen)
  test.serial(`${fault.flow}: ${fault.title}`, async t => {
    t.timeout(400_000)
    await fault.inflict({lab, site})
    try {
      let told = await diagnose(fault.flow)
      const isNamed = ({ends: [end]}: Told): boolean =>
        end?.causes[0]?.id === fault.finds && (fault.isBetween === true || end.causes[0].host === fault.host)
      // What has to be noticed first by somebody else takes its time.
      await until(
        async () => {
          if (!isNamed(told)) told = await diagnose(fault.flow)
          return isNamed(told)
        },
        {withinMs: 60_000, everyMs: 2000},
      )
      t.true(isNamed(told), say(told))
      t.is(told.code, 3)
      const [cause] = told.ends[0]?.causes ?? []
      t.log(`${cause?.host} ${cause?.id}: ${cause?.saw}`)
      t.log(cause?.repair)
    } finally {
      await fault.mend({lab, site})
    }
    await isWell(t, fault.flow)
  })
