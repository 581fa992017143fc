import {spawnSync} from 'node:child_process'
import test from 'ava'
import {exec} from '../../src/resources/exec.ts'
import {file} from '../../src/resources/file.ts'
import {fileset} from '../../src/resources/fileset.ts'
import {link} from '../../src/resources/link.ts'
import {nftTable} from '../../src/resources/nft-table.ts'
import type {Guard, Resource} from '../../src/resources/resource.ts'
import {service} from '../../src/resources/service.ts'
import {sysctl} from '../../src/resources/sysctl.ts'
import {sysctlLine} from '../../src/resources/sysctl-line.ts'
import {$} from '../../src/shell/command.ts'
import {answer, known} from './ask.ts'
import {nftAnswer} from './nft-answer.ts'

const guardOf = (resource: Resource, given: string): Guard | undefined => {
  const {kind, desired} = resource
  const current = kind.probe(desired).parse(answer(given))
  return kind.guard?.(desired, known(kind.diff(desired, current)), current)
}
const absent = 'parent\nowner\ngroup\nabsent\n'
const confirm = $`systemctl reload ssh`

test('what does not say confirm has no guard', t => {
  t.is(guardOf(file({path: '/etc/a', content: ''}), absent), undefined)
  t.is(guardOf(link({path: '/etc/a', to: 'b'}), absent), undefined)
  t.is(guardOf(exec({run: $`ip route add x`, unless: $`false`}), ''), undefined)
  t.is(guardOf(sysctl({key: 'net.ipv4.ip_forward', value: 1}), `live MA==\nproc\nfile\n${absent}`), undefined)
})

test('files and links are put back where they really lie, and the daemon reads them again', t => {
  t.deepEqual(guardOf(file({path: '/etc/a', content: 'x', confirm}), absent), {paths: ['/etc/a'], apply: confirm})
  const led = `named ${Buffer.from('/srv/a').toString('base64')}\nat ${Buffer.from('/srv/a').toString('base64')}\n`
  t.deepEqual(guardOf(link({path: '/etc/a', to: 'b', confirm}), led + absent)?.paths, ['/srv/a'])
  const files = [
    {path: '/etc/a', content: ''},
    {path: '/etc/b', content: ''},
  ]
  const right =
    'parent\nowner\ngroup\nstat regular empty file|644|root|0|root|0|0\nsha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n'
  const set = fileset({name: 'set', files, check: $`true`, confirm})
  t.deepEqual(guardOf(set, `file\n${absent}file\n${right}`)?.paths, ['/etc/a'], 'only what is written')
})

test('a unit is put back as it was, and its links are kept for a host that restarts meanwhile', t => {
  const properties = (given: Readonly<Record<string, string>>): string =>
    Object.entries({
      LoadState: 'loaded',
      ActiveState: 'active',
      SubState: 'running',
      UnitFileState: 'enabled',
      FragmentPath: '/lib/systemd/system/ssh.service',
      NeedDaemonReload: 'no',
      ConditionResult: 'yes',
      ConditionTimestampMonotonic: '1',
      ...given,
    })
      .map(([name, value]) => `${name}=${value}`)
      .concat('links=yes')
      .join('\n')
  const off = service({name: 'ssh', enabled: false, running: false, masked: true, confirm: true})
  t.deepEqual(guardOf(off, properties({}))?.paths, [
    '/etc/systemd/system/ssh.service',
    '/etc/systemd/system/multi-user.target.wants/ssh.service',
  ])
  const back = (resource: Resource, given: Readonly<Record<string, string>> = {}) =>
    guardOf(resource, properties(given))?.restore?.text.split('\n')
  t.deepEqual(back(off), [
    'systemctl daemon-reload',
    'systemctl unmask --runtime -- ssh.service',
    'systemctl enable -- ssh.service',
    'systemctl start -- ssh.service',
  ])
  t.deepEqual(back(service({name: 'ssh', running: false, confirm: true})), [
    'systemctl daemon-reload',
    'systemctl start -- ssh.service',
  ])
  const dead = {ActiveState: 'inactive', SubState: 'dead', UnitFileState: 'disabled'}
  t.deepEqual(back(service({name: 'ssh.socket', enabled: true, running: true, confirm: true}), dead), [
    'systemctl daemon-reload',
    'systemctl disable -- ssh.socket',
    'systemctl stop -- ssh.socket',
  ])
  t.deepEqual(guardOf(service({name: 'ssh.socket', enabled: true, confirm: true}), properties(dead))?.paths, [
    '/etc/systemd/system/sockets.target.wants/ssh.socket',
  ])
  t.is(guardOf(service({name: 'ssh', running: false}), properties({})), undefined)
})

test('a line of a file of kernel parameters: all that its loading sets is kept', t => {
  const options = {
    key: 'net.ipv4.ip_forward',
    value: '0',
    state: 'present',
    file: '/etc/sysctl.conf',
    set: false,
  } as const
  const content = Buffer.from('# Ours\nvm.swappiness=1\n-net.ipv4.conf.all.rp_filter = 1\n').toString('base64')
  const lineOf = (reload: boolean, confirm = true) =>
    guardOf(sysctlLine({...options, reload, ignoresErrors: false, confirm}), `live MQ==\ncontent ${content}\nread\n`)
  t.deepEqual(lineOf(true)?.paths, ['/etc/sysctl.conf'])
  t.is(
    lineOf(true)?.keep?.text,
    'sysctl -e -- net.ipv4.ip_forward vm.swappiness net.ipv4.conf.all.rp_filter >"$kept/values" 2>/dev/null || true',
  )
  t.is(lineOf(false)?.keep?.text, 'sysctl -e -- net.ipv4.ip_forward >"$kept/values" 2>/dev/null || true')
  t.is(lineOf(true, false), undefined)
})

test('what is in the kernel is kept and restored', t => {
  const table = nftTable({family: 'inet', name: 'gatewright_test', rules: 'chain input {\n}\n', confirm: true})
  const guard = guardOf(table, nftAnswer(undefined))
  t.deepEqual(guard?.paths, ['/etc/gatewright/nft/gatewright_test.nft', '/var/lib/gatewright/nft/gatewright_test'])
  const key = sysctl({key: 'net.ipv4.ip_forward', value: 1, confirm: true})
  const kept = guardOf(key, `live MA==\nbits 644 0\n0\nproc\nfile\n${absent}`)
  t.is(
    guardOf(exec({run: $`ip route add x`, unless: $`false`, undo: $`ip route del x`}), '')?.restore?.text,
    'ip route del x',
  )
  for (const command of [guard?.keep, guard?.restore, kept?.keep, kept?.restore])
    for (const shell of ['sh', 'bash']) t.is(spawnSync(shell, ['-n'], {input: command?.text ?? 'fi'}).status, 0)
})
