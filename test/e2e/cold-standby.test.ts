// A host at another site that stands in for the pair: it has everything and does nothing, is audited, takes the place of the pair when
// that is lost as a whole, and gives it back. In a lab of its own, beside whatever lab is up.
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {down, kill, loadTopology, up} from '../../lab/index.ts'
import type {AuditResult} from '../../src/audit/model.ts'
import type {DrillResult} from '../../src/drill/model.ts'
import {eventsOf, type Finished, gatewright, root} from '../support/gatewright.ts'
import {full, inventory, onHost} from '../support/site.ts'
import {until} from '../support/until.ts'
import {pathsAtUpstream, routeAtUpstream, sessionsOf, startUpstream} from '../support/upstream.ts'

const fixture = join(root, 'test/fixtures/cold')
const lab = loadTopology(join(fixture, 'topology.yml'))
const gateways = ['gw1', 'gw2'] as const
const service = '203.0.113.200'
/** A busy machine is no dead line. */
const variables = {
  bgp_bfd_profiles: {wan: {interval: 700, multiplier: 3}, direct: {interval: 700, multiplier: 3}},
  bgp_bfd_limit: 4,
}
let reports: string

const run = (verb: string, playbook: string, ...more: string[]): Promise<Finished> =>
  gatewright(
    verb,
    join(root, `playbooks/${playbook}.yml`),
    '-i',
    inventory,
    '-i',
    join(fixture, 'inventory'),
    '--json',
    '-e',
    JSON.stringify(variables),
    ...more,
  )
const failures = ({stderr, events}: Finished): string =>
  [stderr, ...eventsOf(events, 'host-failed').map(({host, id, message}) => `${host} ${id}: ${message}`)].join('\n')
const changed = ({events}: Finished) =>
  eventsOf(events, 'summary')[0]?.hosts.map(({host, status, counts}) => [host, status, counts.changed])
const report = (files: readonly string[] = []): any =>
  JSON.parse(readFileSync(files.find(path => path.endsWith('.json')) ?? '', 'utf8'))

test.before(async t => {
  t.timeout(900_000)
  reports = mkdtempSync(join(tmpdir(), 'gatewright-cold-'))
  await up(lab)
  await startUpstream(lab)
  // The same service stands at both sites.
  await onHost(lab, 'spare', `ip address replace ${service}/32 dev lo`)
  const [pair, cold] = await Promise.all([run('play', 'site'), run('play', 'cold-standby')])
  t.is(pair.code, 0, failures(pair))
  t.is(cold.code, 0, failures(cold))
})
test.after.always(async () => {
  rmSync(reports, {recursive: true, force: true})
  await down(lab)
})

const unitsOfPair = 'keepalived frr gatewright-vrrp gatewright-mwan gatewright-bgp-announce gatewright-bgp-watch'
const running = (): Promise<string> =>
  onHost(lab, 'cold1', `for unit in ${unitsOfPair}; do systemctl is-active --quiet $unit && echo $unit; done; :`)
/** Everything that others could see of a gateway. */
const seen = async () => ({
  running: await running(),
  addresses: await onHost(
    lab,
    'cold1',
    'ip -oneline address show to 10.40.0.1; ip -oneline address show to 198.18.40.10',
  ),
  sessions: Object.entries(await sessionsOf(lab)).filter(
    ([name, state]) => name.startsWith('cold1') && state === 'Established',
  ),
  announced: Object.values(await pathsAtUpstream(lab))
    .flat()
    .filter(({from}) => /^(198\.18\.40\.|2001:db8:c:)/.test(from)),
})
const nothing = {running: '', addresses: '', sessions: [], announced: []}
const pairIsWell = async (): Promise<boolean> =>
  Object.entries(await sessionsOf(lab)).filter(([name, state]) => name.startsWith('gw') && state === 'Established')
    .length === 8 && /^wan-[ab]$/.test((await routeAtUpstream(lab, service))?.device ?? '')

test.serial(
  'it has everything of the pair and runs nothing; a second run changes nothing, and check mode says so',
  async t => {
    t.timeout(600_000)
    t.deepEqual(await seen(), nothing)
    await onHost(
      lab,
      'cold1',
      'keepalived --config-test --use-file /etc/keepalived/keepalived.conf; vtysh -C -f /etc/frr/frr.conf',
    )
    // Neither by hand nor by an upgrade of the package.
    for (const unit of ['keepalived', 'frr'])
      t.regex(await onHost(lab, 'cold1', `systemctl start ${unit} 2>&1 || :`), /is masked/)
    for (const verb of ['play', 'check']) {
      const again = await run(verb, 'cold-standby')
      t.is(again.code, 0, failures(again))
      t.deepEqual(changed(again), [['cold1', 'ok', 0]])
    }
    t.deepEqual(await seen(), nothing)
  },
)

const verdicts = async (): Promise<ReadonlyMap<string, string>> => {
  const {events} = await run('audit', 'cold-audit', '--report', reports)
  const {records}: AuditResult = report(eventsOf(events, 'audit-end')[0]?.report)
  return new Map(records.map(({control, verdict}) => [control, verdict]))
}

test.serial('the audit passes on a fresh host but for the drill, and finds what has rotted', async t => {
  t.timeout(600_000)
  const fresh = await verdicts()
  t.true(fresh.size >= 8)
  const failed = (of: ReadonlyMap<string, string>): string[] =>
    [...of].flatMap(([control, verdict]) => (verdict === 'fail' ? [control] : [])).toSorted()
  t.deepEqual(failed(fresh), ['cold-drill'])
  for (const control of ['cold-units', 'cold-age', 'cold-packages', 'cold-keys', 'cold-checked', 'cold-disk'])
    t.is(fresh.get(control), 'pass', control)
  await onHost(
    lab,
    'cold1',
    `touch -d '10 days ago' /var/lib/gatewright/standby-provisioned
cp /var/lib/dpkg/status /run/status
sed -i '/^Package: fping$/,/^$/s/^Version: .*/Version: 5.0-1/' /var/lib/dpkg/status
systemctl unmask --quiet frr
echo '# by hand' >>/etc/keepalived/keepalived.conf`,
  )
  const rotten = await verdicts()
  t.deepEqual(failed(rotten), ['cold-age', 'cold-configuration', 'cold-drill', 'cold-packages', 'cold-units'])
  await onHost(lab, 'cold1', 'cp /run/status /var/lib/dpkg/status')
  const mended = await run('play', 'cold-standby')
  t.is(mended.code, 0, failures(mended))
  t.deepEqual(failed(await verdicts()), ['cold-drill'])
})

test.serial('while the pair answers, activation is refused with clear words, and nothing was touched', async t => {
  t.timeout(300_000)
  t.true(await until(pairIsWell, {withinMs: 180_000}))
  const refused = await run('play', 'activate')
  t.is(refused.code, 3)
  t.regex(
    failures(refused),
    /the pair lab is still there: 10\.10\.254\.2 10\.10\.254\.3 answers\..* Nothing was changed\. Where you know better, say -e confirm=lab/,
  )
  t.deepEqual(await seen(), nothing)
})

// In `npm test` the real activation below does it.
if (full)
  test.serial(
    'drill: the pair is lost as a whole, and the service answers from elsewhere within the declared time (S15)',
    async t => {
      t.timeout(1_500_000)
      t.true(await until(pairIsWell, {withinMs: 180_000}))
      const drill = await run('drill', 'drill-cold', '--report', reports)
      const {scenarios}: DrillResult = report(eventsOf(drill.events, 'drill-end')[0]?.report)
      const [scenario] = scenarios
      t.is(drill.code, 0, `${scenario?.because.join('; ')}\n${failures(drill)}`)
      const [path] = scenario?.paths ?? []
      t.log(
        `silent ${path?.directions.map(({way, gapMs, lost}) => `${way} ${gapMs.toFixed(0)} ms (${lost} lost)`).join(', ')}; declared ${(scenario?.budgetMs ?? 0) / 1000} s`,
      )
      t.true((path?.directions.length ?? 0) > 0)
      t.is(scenario?.verdict, 'passed')
      t.is(scenario?.budgetMs, 300_000)
      t.deepEqual(await seen(), nothing)
      t.is((await verdicts()).get('cold-drill'), 'pass')
    },
  )

test.serial(
  'for real: it takes the place of the pair, traffic flows, and it gives it back when the pair is there',
  async t => {
    t.timeout(900_000)
    t.true(await until(pairIsWell, {withinMs: 180_000}))
    for (const gateway of gateways) await kill(lab, gateway)
    const startMs = performance.now()
    const active = run('play', 'activate')
    t.true(
      await until(
        async () =>
          onHost(lab, 'upstream', `ping -n -c 1 -W 1 ${service}`).then(
            () => true,
            () => false,
          ),
        {withinMs: 180_000},
      ),
    )
    t.log(`the service answers ${((performance.now() - startMs) / 1000).toFixed(1)} s after the order`)
    const activated = await active
    t.is(activated.code, 0, failures(activated))
    for (const {message} of eventsOf(activated.events, 'task-log', 'cold1')) t.log(message)

    t.is((await routeAtUpstream(lab, service))?.device, 'wan-c')
    await onHost(lab, 'spare', 'ping -n -c 2 -W 2 203.0.113.10')
    const kept = await run('play', 'cold-standby')
    t.is(kept.code, 0, failures(kept))
    t.deepEqual(changed(kept), [['cold1', 'ok', 0]], 'a run of provisioning leaves it at work')
    const tooEarly = await run('play', 'deactivate')
    t.is(tooEarly.code, 3)
    t.regex(failures(tooEarly), /the pair lab does not answer: nobody would carry its traffic/)
    await up(lab)
    t.true(
      await until(async () => Object.values(await sessionsOf(lab)).every(state => state === 'Established'), {
        withinMs: 400_000,
      }),
    )
    const back = await run('play', 'deactivate')
    t.is(back.code, 0, failures(back))
    t.deepEqual(await seen(), nothing)
    t.true(await until(pairIsWell, {withinMs: 180_000}))
    await onHost(lab, 'upstream', `ping -n -c 2 -W 2 ${service}`)
  },
)
