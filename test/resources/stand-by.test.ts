import test from 'ava'
import {directory} from '../../src/resources/directory.ts'
import {file} from '../../src/resources/file.ts'
import {nftAtBoot} from '../../src/resources/nft-at-boot.ts'
import {type Kind, type Resource, resourceOf} from '../../src/resources/resource.ts'
import {service} from '../../src/resources/service.ts'
import {standingBy, whileActive} from '../../src/resources/stand-by.ts'
import {$} from '../../src/shell/command.ts'
import {answer, judge, run} from './ask.ts'

const runningKind: Kind<{unit: string}, string> = {
  name: 'setting',
  identify: ({unit}) => unit,
  probe: ({unit}) => ({command: $`echo ${unit}`, parse: ({stdout}) => stdout.trim()}),
  diff: ({unit}, current) => (current === 'right' ? [] : [{path: unit, from: current, to: 'right'}]),
  steps: ({unit}) => [{do: 'run', title: `mend ${unit}`, command: $`:`}],
  problems: () => [],
}
const setting = resourceOf(runningKind)

const all = standingBy('carrier', [
  file({path: '/etc/systemd/system/own.service', content: '[Service]\nExecStart=/bin/true\n'}),
  service({name: 'packaged', enabled: true, running: true}),
  service({name: 'own', enabled: true, running: true}),
  service({name: 'follower@x', enabled: false}),
  setting({unit: 'packaged'}),
  ...nftAtBoot(),
])
const named = (id: string): Resource => all.find(each => each.id === id) as Resource

const unit = (mark: 'active' | 'cold', given: Record<string, string>) =>
  answer(
    [
      mark,
      ...Object.entries({
        LoadState: 'loaded',
        ActiveState: 'active',
        SubState: 'running',
        FragmentPath: '/lib/systemd/system/packaged.service',
        UnitFileState: 'enabled',
        NeedDaemonReload: 'no',
        ConditionResult: 'yes',
        ConditionTimestampMonotonic: '0',
        ...given,
      }).map(([name, value]) => `${name}=${value}`),
      'links=yes',
      'file=yes',
    ].join('\n'),
  )
const masked = {LoadState: 'masked', ActiveState: 'inactive', SubState: 'dead', UnitFileState: 'masked'}
const off = {ActiveState: 'inactive', SubState: 'dead', UnitFileState: 'disabled'}

test('on a cold host a packaged unit is masked and stopped, one of ours disabled and stopped', t => {
  t.deepEqual(judge(named('service packaged'), unit('cold', {})).steps, ['mask packaged', 'stop packaged'])
  t.deepEqual(judge(named('service own'), unit('cold', {})).steps, ['disable own', 'stop own'])
  t.deepEqual(judge(named('service packaged'), unit('cold', masked)).changes, [])
})

test('on an activated host both run', t => {
  t.deepEqual(judge(named('service packaged'), unit('active', {})).changes, [])
  t.deepEqual(judge(named('service packaged'), unit('active', masked)).steps, ['unmask packaged', 'start packaged'])
  t.deepEqual(judge(named('service own'), unit('active', off)).steps, ['enable own', 'start own'])
})

test('what is about a running unit is asked on an activated host alone', t => {
  t.deepEqual(judge(named('setting packaged'), answer('cold\n')).changes, [])
  t.deepEqual(judge(named('setting packaged'), answer('active\nwrong\n')).steps, ['mend packaged'])
})

test('the packet filter is loaded at boot on a cold host too', t => {
  const [usual] = nftAtBoot().filter(({id}) => id === 'service gatewright-nft')
  t.true(usual?.kind === named('service gatewright-nft').kind)
})

test('the units are listed in the order of their start, those that something else starts as released', t => {
  t.is(
    named('file /etc/gatewright/standby.d/carrier').desired.content,
    'start packaged.service\nstart own.service\nrelease follower@x.service\n',
  )
  t.true(all.some(({id}) => id === directory({path: '/etc/gatewright/standby.d'}).id))
})

test('a command that is for active hosts says with its code that this one is not', t => {
  t.like(run(whileActive($`echo asked`)), {code: 86, stdout: ''})
})
