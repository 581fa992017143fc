// What is asked of hosts, and how their answers are read.
import test from 'ava'
import '../../../src/resolve.ts'
import {gw1, labVars} from './fixtures.ts'

const {logDiskMib, sysctlLines} = await import('../facts.ts')
const {health} = await import('../health.ts')
const {auditSocket} = await import('../resources/audit-socket.ts')
const {fileMode} = await import('../resources/file-mode.ts')

const answer = (stdout: string, code = 0, stderr = '') => ({code, stdout, stderr})

test('lines of sysctl.d, and the size of the disk', t => {
  t.deepEqual(sysctlLines.parse(answer('/etc/sysctl.d/99-x.conf net.ipv4.tcp_rmem 1 2  3\n')), [
    {file: '/etc/sysctl.d/99-x.conf', key: 'net.ipv4.tcp_rmem', value: '1 2  3'},
  ])
  const df = 'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 20466256 1 2 3% /\n'
  t.is(logDiskMib.parse(answer(df)), 19_986)
})

test('a mode is set where it differs, and nothing where the file is not', t => {
  const {kind, desired} = fileMode('/etc/shadow', '0640', 'shadow')
  const judge = (stdout: string) => {
    const current = kind.probe(desired).parse(answer(stdout)) as never
    return kind.diff(desired, current)
  }
  t.deepEqual(judge('mode 640 root shadow\n'), [])
  t.deepEqual(judge('absent\n'), [])
  const changes = [
    {path: 'mode', from: '0644', to: '0640'},
    {path: 'group', from: 'root', to: 'shadow'},
  ]
  t.deepEqual(judge('mode 644 root root\n'), changes)
  const [step] = kind.steps(desired, changes, undefined)
  t.is(step?.do === 'run' && step.command.text, 'chown root:shadow /etc/shadow && chmod 0640 /etc/shadow')
  t.throws(() => kind.probe(desired).parse(answer('', 1, 'stat: cannot stat')), {message: /cannot stat/})
})

test('auditd can run on a machine, and a container says why not', t => {
  const {kind} = auditSocket()
  t.is(kind.probe({name: 'auditd'}).parse(answer('none\n', 1)), 'there')
  t.regex(
    JSON.stringify(kind.probe({name: 'auditd'}).parse(answer('systemd-nspawn\n'))),
    /container \(systemd-nspawn\)/,
  )
})

const checks = new Map(
  health({vars: {...labVars, ntp_servers: ['192.0.2.123']}, host: gw1, peers: [], others: []}).map(check => [
    check.name,
    check,
  ]),
)
const healthOf = (name: string, stdout: string, code = 0, stderr = '') =>
  checks.get(name)?.parse(answer(stdout, code, stderr))

test('a gateway where this role never was is not sick', t => {
  t.deepEqual([...checks.keys()], ['firewall', 'SSH server', 'clock'])
  for (const name of checks.keys()) t.deepEqual(healthOf(name, 'absent\n'), {is: 'absent'})
  t.deepEqual(
    health({vars: labVars, host: gw1, peers: [], others: []}).map(({name}) => name),
    ['firewall', 'SSH server'],
    'a clock without sources is not judged',
  )
})

test('the firewall is healthy when both chains drop by default', t => {
  const chain = (hook: string, policy: string) =>
    `\tchain ${hook} {\n\t\ttype filter hook ${hook} priority filter; policy ${policy};\n\t}\n`
  t.deepEqual(healthOf('firewall', chain('input', 'drop') + chain('forward', 'drop')), {is: 'healthy'})
  t.like(healthOf('firewall', chain('input', 'drop') + chain('forward', 'accept')), {is: 'sick'})
  t.like(healthOf('firewall', '', 1, 'Error: No such file or directory'), {
    is: 'sick',
    reason: 'its table is not loaded: Error: No such file or directory',
  })
})

test('the SSH server is sick when its configuration would not be read, the clock when it is wrong or alone', t => {
  t.deepEqual(healthOf('SSH server', 'active\n'), {is: 'healthy'})
  t.like(healthOf('SSH server', '', 255, '/etc/ssh/sshd_config: line 3: Bad'), {is: 'sick'})
  const tracking = (offset: string, leap: string) =>
    `C000027B,192.0.2.123,3,1769000000.1,${offset},0.00001,0.0001,1.2,0.0,0.01,0.02,0.001,64.2,${leap}\n`
  t.deepEqual(healthOf('clock', tracking('-0.000012', 'Normal')), {is: 'healthy'})
  t.like(healthOf('clock', tracking('-0.2', 'Normal')), {
    is: 'sick',
    reason: 'it is wrong by 0.2 s, the limit is 0.1 s',
  })
  t.like(healthOf('clock', tracking('0', 'Not synchronised')), {is: 'sick', reason: 'chrony follows no source'})
  t.like(healthOf('clock', '506 Cannot talk to daemon\n', 1), {is: 'sick'})
})
