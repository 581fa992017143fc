import test from 'ava'
import {Unreadable} from '../../src/resources/resource.ts'
import {service} from '../../src/resources/service.ts'
import {answer, judge} from './ask.ts'

/** What Debian 12 answers for a unit; `extra` are the lines about links and deb-systemd-helper. */
const unit = (given: Record<string, string>, extra: string[] = []) =>
  answer(
    Object.entries({
      LoadState: 'loaded',
      ActiveState: 'inactive',
      SubState: 'dead',
      FragmentPath: '/lib/systemd/system/keepalived.service',
      UnitFileState: 'disabled',
      NeedDaemonReload: 'no',
      ConditionResult: 'no',
      ConditionTimestampMonotonic: '0',
      ...given,
    })
      .map(([name, value]) => `${name}=${value}`)
      .concat(extra)
      .join('\n'),
  )
const missing = (extra: string[] = []) => unit({LoadState: 'not-found', UnitFileState: '', FragmentPath: ''}, extra)
const on = {ActiveState: 'active', SubState: 'running', UnitFileState: 'enabled', ConditionResult: 'yes'}
const keepalived = service({name: 'keepalived', enabled: true, running: true})
const provided = [{units: ['keepalived']}]
const enable = {path: 'enabled', from: false, to: true}
const start = {path: 'running', from: false, to: true}

test('a unit as desired needs nothing', t => {
  t.deepEqual(judge(keepalived, unit(on, ['links=yes'])), {changes: [], steps: []})
})

test('a unit that is off is enabled, then started', t => {
  t.deepEqual(judge(keepalived, unit({})), {changes: [enable, start], steps: ['enable keepalived', 'start keepalived']})
})

test('a unit that is on is disabled and stopped', t => {
  const off = service({name: 'keepalived.service', enabled: false, running: false})
  t.is(off.id, 'service keepalived')
  t.deepEqual(judge(off, unit(on)).steps, ['disable keepalived', 'stop keepalived'])
})

for (const [ActiveState, SubState, running] of [
  ['active', 'exited', true],
  ['reloading', 'reload', true],
  ['activating', 'start', true],
  ['activating', 'auto-restart', false],
  ['failed', 'failed', false],
  ['deactivating', 'stop', false],
] as const)
  test(`${ActiveState} (${SubState}) is ${running ? '' : 'not '}running`, t => {
    const {changes} = judge(service({name: 'x', running: true}), unit({ActiveState, SubState}))
    t.deepEqual(changes, running ? [] : [start])
  })

test('a unit that nothing brings is an obstacle, unless it shall be off', t => {
  t.regex(judge(keepalived, missing()).obstacle ?? '', /keepalived\.service does not exist/)
  t.deepEqual(judge(service({name: 'x', enabled: false, running: false}), missing()).changes, [])
})

test('on a fresh host a packaged unit will be enabled and not running', t => {
  t.deepEqual(judge(keepalived, missing(), provided).changes, [start])
})

test('a unit that its package does not enable, or that a preset disables, will not be enabled', t => {
  t.deepEqual(judge(keepalived, missing(), [{units: [{name: 'keepalived', enabled: false}]}]).changes, [enable, start])
  t.deepEqual(judge(keepalived, missing(['preset=disable']), provided).changes, [enable, start])
})

test('after remove and reinstall deb-systemd-helper decides: links that are there stay, missing ones stay away', t => {
  t.deepEqual(judge(keepalived, missing(['links=yes', 'helper=yes']), provided).changes, [start])
  t.deepEqual(judge(keepalived, missing(['helper=no']), provided).changes, [enable, start])
})

test('the mask of deb-systemd-helper goes with the reinstallation, the mask of an administrator stays', t => {
  const masked = {LoadState: 'masked', UnitFileState: 'masked', FragmentPath: ''}
  t.deepEqual(judge(keepalived, unit(masked, ['links=yes', 'helper=yes', 'helper-mask=yes']), provided).changes, [
    start,
  ])
  t.regex(judge(keepalived, unit(masked, ['helper=yes']), provided).obstacle ?? '', /masked by an administrator/)
  const unmasked = service({name: 'keepalived', enabled: true, running: true, masked: false})
  t.deepEqual(judge(unmasked, unit(masked, ['file=yes'])).steps, [
    'unmask keepalived',
    'enable keepalived',
    'start keepalived',
  ])
})

test('a masked unit counts as not enabled', t => {
  const masked = unit({LoadState: 'masked', UnitFileState: 'masked'}, ['links=yes', 'file=yes'])
  t.deepEqual(judge(service({name: 'x', enabled: false}), masked).changes, [])
})

test('an installed unit that an administrator disabled stays as probed when a package of its list is added', t => {
  t.deepEqual(judge(service({name: 'keepalived', enabled: true}), unit({}, ['helper=no']), provided).changes, [enable])
})

test('what a removed package leaves of an init script is no unit of its own', t => {
  const left = unit({UnitFileState: 'generated', ActiveState: 'active', SubState: 'exited'}, ['init-links=yes'])
  t.deepEqual(judge(keepalived, left, provided).changes, [start])
})

test('an instance of a template that is provided exists; only links enable it', t => {
  const tunnel = service({name: 'wg-quick@wg0', enabled: true, running: true})
  t.deepEqual(judge(tunnel, missing(), [{units: ['wg-quick@']}]).changes, [enable, start])
  t.deepEqual(judge(tunnel, missing(['links=yes']), [{units: ['wg-quick@']}]).changes, [start])
})

test('unit files that systemd has not read are read, unless an earlier change does it', t => {
  const outdated = unit({...on, NeedDaemonReload: 'yes'})
  t.deepEqual(judge(keepalived, outdated).steps, ['let systemd read its unit files again'])
  t.deepEqual(judge(keepalived, outdated, [{daemonReloaded: true}]).changes, [])
})

test('a unit without [Install] cannot be enabled', t => {
  t.regex(judge(keepalived, unit({UnitFileState: 'static'})).obstacle ?? '', /no \[Install\] section/)
})

test('a condition of the machine that kept the unit from starting is unsupported', t => {
  const tried = {UnitFileState: 'enabled', ConditionTimestampMonotonic: '2755862574'}
  const given = unit(tried, ['unmet=ConditionCapability=CAP_SYS_TIME'])
  t.deepEqual(judge(keepalived, given), {unsupported: 'ConditionCapability=CAP_SYS_TIME is not met'})
  t.deepEqual(judge(service({name: 'x', running: false}), given).changes, [])
  t.deepEqual(judge(keepalived, given, [{daemonReloaded: true}]).changes, [start])
})

test('a condition that hangs on a file may be met by what the plan writes before', t => {
  const tried = {UnitFileState: 'enabled', ConditionTimestampMonotonic: '5'}
  const given = unit(tried, ['unmet=ConditionFileNotEmpty=/etc/keepalived/keepalived.conf'])
  t.deepEqual(judge(keepalived, given).changes, [start])
})

test('a host without systemd is unsupported, an answer that tells nothing unreadable', t => {
  t.deepEqual(judge(keepalived, answer('booted=no\n')), {unsupported: 'systemd does not run this host'})
  t.throws(() => judge(keepalived, answer('', 1, 'Failed to connect to bus')), {instanceOf: Unreadable, message: /bus/})
  t.throws(() => judge(keepalived, answer('')), {instanceOf: Unreadable})
})

test('timers and sockets keep their suffix', t => {
  const timer = service({name: 'logrotate.timer', running: true})
  const {command} = timer.kind.probe(timer.desired)
  t.regex(command.text, /^u=logrotate\.timer$/m)
})

test('a service that says nothing, or has no name of a unit, is a problem', t => {
  const {kind} = keepalived
  t.is(kind.problems({name: 'x'}).length, 1)
  for (const name of ['', 'a b', 'a/b', "it's", 'a\n']) t.is(kind.problems({name, running: true}).length, 1, name)
})

test('handlers are made of a unit and an action', t => {
  t.deepEqual(service.reload('frr'), {unit: 'frr', action: 'reload'})
  t.deepEqual(service.restart('frr'), {unit: 'frr', action: 'restart'})
})
