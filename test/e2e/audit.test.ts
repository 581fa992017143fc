// The audit on the lab: it passes on a converged pair, finds each drift and nothing else, and writes nothing.
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {labExec, type Topology} from '../../lab/index.ts'
import type {AuditResult} from '../../src/audit/model.ts'
import {auditHtml} from '../../src/audit/report/html.ts'
import {passedResult} from '../drill/example-result.ts'
import {drifts} from '../support/drifts.ts'
import {eventsOf, type Finished, gatewright, root} from '../support/gatewright.ts'
import {inventory, labUp, onHost, sample} from '../support/site.ts'
import {until} from '../support/until.ts'
import {startUpstream} from '../support/upstream.ts'
import {writtenDuring} from '../support/written-during.ts'

const gateways = ['gw1', 'gw2'] as const
const playbook = join(root, 'playbooks/audit.yml')
const site = join(root, 'playbooks/site.yml')
/** Why some controls cannot be decided in a lab of containers without tunnels. */
const notEvaluated: Readonly<Record<string, RegExp>> = {
  'kernel-itself': /mounted read-only/,
  'tracked-buckets': /nf_conntrack_buckets is read-only/,
  'tunnel-logs': /the site has no tunnels/,
  'audit-rules': /auditd cannot run in a container/,
  monitoring: /does not have the role monitoring/,
  tunnels: /the site has no tunnels/,
  'tunnel-encryption': /the site has no OpenVPN/,
  certificates: /the site has no OpenVPN/,
  headroom: /no contracted rate/,
  'headroom-n-1': /no contracted rate/,
  bonds: /has no bond/,
  'redundant-hardware': /systemd-nspawn cannot see the power supplies/,
}
/** Who looks from outside; and BFD slow enough for a busy machine not to look like a dead line. */
const variables = {
  audit_outside: 'upstream',
  audit_outside_addresses: ['192.0.2.2', '192.0.2.10'],
  bgp_bfd_profiles: {wan: {interval: 700, multiplier: 3}, direct: {interval: 700, multiplier: 3}},
  bgp_bfd_limit: 4,
}

let lab: Topology
let work: string
test.before(async t => {
  t.timeout(900_000)
  work = mkdtempSync(join(tmpdir(), 'gatewright-audit-'))
  writeFileSync(
    join(work, 'drill-lab-1.json'),
    JSON.stringify({...passedResult, pair: 'lab', startedMs: Date.now() - 8e8}),
  )
  writeFileSync(join(work, 'password'), 'not secret\n')
  const made = await gatewright(
    'evidence',
    'init',
    '--directory',
    work,
    '--vault-password-file',
    join(work, 'password'),
  )
  t.is(made.code, 0, made.stderr)
  lab = await labUp()
  await startUpstream(lab)
  await play(t)
})
test.after.always(() => rmSync(work, {recursive: true, force: true}))

const play = async (t: ExecutionContext): Promise<void> => {
  const run = await gatewright('play', site, '-i', inventory, '--json', '-e', JSON.stringify(variables))
  t.is(run.code, 0, run.stderr + JSON.stringify(eventsOf(run.events, 'host-failed')))
}
const audit = (...more: string[]): Promise<Finished> =>
  gatewright(
    'audit',
    playbook,
    '-i',
    inventory,
    '--json',
    '--report',
    work,
    '--sign-key',
    join(work, 'signing.key'),
    '--vault-password-file',
    join(work, 'password'),
    '-e',
    JSON.stringify(variables),
    ...more,
  )

/** What was restarted has come back: sessions, BFD, one master, the clock. */
const isWell = async (): Promise<boolean> => {
  const told = await Promise.all(
    gateways.map(
      async gateway =>
        (
          await labExec(
            lab,
            gateway,
            `vtysh -c 'show bgp summary json' | grep '"state":' | grep -v Established
vtysh -c 'show bfd peers brief' | grep -w down
chronyc -c tracking | grep -q Normal || echo 'the clock'
grep -o '"state":"[A-Z]*"' /run/gatewright/vrrp/state`,
          )
        ).stdout,
    ),
  )
  return told.toSorted().join('') === '"state":"BACKUP"\n"state":"MASTER"\n'
}

const resultOf = ({events, stderr}: Finished): AuditResult => {
  const [end] = eventsOf(events, 'audit-end')
  if (!end) throw new Error(`there is no report: ${stderr}${JSON.stringify(events.slice(-3))}`)
  return end.result
}
const failures = ({records}: AuditResult): string[] =>
  records
    .filter(({verdict}) => verdict === 'fail')
    .map(({host, control}) => (host === 'gw1' ? control : `${host}: ${control}`))
    .toSorted()
const why = ({records}: AuditResult): string =>
  records
    .filter(({verdict}) => verdict === 'fail')
    .map(({host, control, because}) => `${host} ${control}: ${because.join('; ')}`)
    .join('\n')

test.serial(
  'on a converged pair every control passes but those that cannot be decided here, and nothing is written',
  async t => {
    t.timeout(300_000)
    t.true(await until(isWell, {withinMs: 120_000}), 'the pair is well')
    let run: Finished | undefined
    const written = await writtenDuring(lab, gateways, async () => {
      run = await audit()
    })
    t.deepEqual(written, [], 'the audit wrote something')
    if (!run) return t.fail()
    const result = resultOf(run)
    t.deepEqual(failures(result), [], why(result))
    t.is(run.code, 0, run.stderr)
    for (const {host, control, verdict, because, hostKeys, evidence} of result.records) {
      const reason = notEvaluated[control]
      t.is(verdict, reason ? 'not evaluated' : 'pass', `${host} ${control}: ${because.join('; ')}`)
      if (reason) t.regex(because.join('; '), reason)
      t.true(hostKeys.length > 0 && hostKeys.every(key => /^ssh-\S+ SHA256:/.test(key)))
      t.true(evidence.every(({atMs}) => atMs >= result.startedMs - 300_000))
    }
    const report = eventsOf(run.events, 'audit-end')[0]?.report ?? []
    const page = report.find(path => path.endsWith('.html')) ?? ''
    t.is(readFileSync(page, 'utf8'), auditHtml(result), 'the page is made of the result alone')
    t.is(report.length, 4, 'page, data, JUnit and evidence')
  },
)

for (const {name, script, fails, undo} of sample(drifts, [1, 2, 3, 4]))
  test.serial(`${name}: exactly the right controls fail`, async t => {
    t.timeout(300_000)
    t.true(await until(isWell, {withinMs: 120_000}), 'the pair was well')
    await onHost(lab, 'gw1', script)
    const run = await audit()
    const result = resultOf(run)
    t.deepEqual(failures(result), [...fails].toSorted(), why(result))
    const failed = result.records.filter(({verdict}) => verdict === 'fail')
    t.true(failed.every(({repair}) => repair !== undefined))
    t.is(run.code, failed.every(({isDrift}) => isDrift) ? 2 : 3)
    if (undo === undefined) {
      t.true(failed.some(({isDrift, repair}) => isDrift && repair === 'gatewright play'))
      await play(t)
    } else {
      t.true(failed.every(({isDrift, repair}) => !isDrift && repair !== 'gatewright play'))
      await onHost(lab, 'gw1', undo)
    }
  })

test.serial('what was mended passes again, and the evidence of all audits is one sound chain', async t => {
  t.timeout(300_000)
  t.true(await until(isWell, {withinMs: 120_000}), 'the pair is well')
  const run = await audit()
  const result = resultOf(run)
  t.deepEqual(failures(result), [], why(result))
  t.is(run.code, 0, run.stderr)
  t.true((result.since?.moved.length ?? 0) > 0, 'what was mended since the audit before is told')
  const files = readdirSync(work)
    .filter(name => name.endsWith('.jsonl'))
    .toSorted()
    .map(name => join(work, name))
  const verify = (some: readonly string[]) =>
    gatewright('evidence', 'verify', ...some, '--key', join(work, 'signing.pub'))
  const verified = await verify(files)
  t.is(verified.code, 0, verified.stdout)
  const missing = await verify(files.toSpliced(1, 1))
  t.is(missing.code, 3)
  t.regex(missing.stdout, /:1: it does not follow the audit before it/)
})

test.serial('an observation cannot write, a waiver must name what exists, and play refuses an audit', async t => {
  t.timeout(120_000)
  const file = join(work, 'own.yml')
  const own = (more: string): void =>
    writeFileSync(
      file,
      `- hosts: gw1
  become: true
  gather_facts: false
  audit:
    controls:
      - {id: writes, title: It writes, rationale: to try, severity: low, observe: 'touch /etc/was-here', repair: none}
      - {id: braces, title: It says, rationale: to try, severity: low, observe: 'true', passes: 'lines | nonsense', repair: none}
${more}`,
    )
  own('')
  const broken = await gatewright('audit', file, '-i', inventory, '--json')
  t.is(broken.code, 5)
  t.regex(JSON.stringify(broken.events), /nonsense/)
  writeFileSync(file, readFileSync(file, 'utf8').replace('lines | nonsense', 'missing_variable == 1'))
  const run = await gatewright('audit', file, '-i', inventory, '--json', '--report', join(work, 'own'))
  const [writes, braces] = resultOf(run).records
  t.is(writes?.verdict, 'fail')
  t.regex(writes?.because.join() ?? '', /Read-only file system/)
  t.is(braces?.verdict, 'not evaluated')
  t.regex(braces?.because.join() ?? '', /missing_variable/)
  t.is((await labExec(lab, 'gw1', 'test -e /etc/was-here')).code, 1)
  const refused = await gatewright('play', file, '-i', inventory, '--json')
  t.is(refused.code, 5)
  t.regex(JSON.stringify(refused.events), /is an audit, which changes nothing/)
})
