import {chmodSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {sha256Of} from '../../src/resources/content.ts'
import {directory} from '../../src/resources/directory.ts'
import {file} from '../../src/resources/file.ts'
import {fileset} from '../../src/resources/fileset.ts'
import {link} from '../../src/resources/link.ts'
import {pathState} from '../../src/resources/path-state.ts'
import {Unreadable} from '../../src/resources/resource.ts'
import {$} from '../../src/shell/command.ts'
import {Secret} from '../../src/shell/secret.ts'
import {answer, ask, commandOf, judge, known, run, writeOf} from './ask.ts'

const root = () => mkdtempSync(join(tmpdir(), 'gatewright-'))
const diff = (resource: any) => resource.kind.diff(resource.desired, ask(resource))
const names = ['plain', 'with space', "it's", 'a"b', '$HOME', '-dash', 'ünïcode', 'back\\slash', '*']

for (const name of names)
  test(`a file named ${JSON.stringify(name)} is absent, differs, and is right`, t => {
    const path = join(root(), name)
    const wanted = file({path, content: 'new\n', mode: '0640'})
    t.deepEqual(diff(wanted), [
      {path: 'state', from: 'absent', to: 'present'},
      {path: 'content', from: {text: ''}, to: {text: 'new\n'}},
    ])
    writeFileSync(path, 'old\n', {mode: 0o600})
    t.deepEqual(diff(wanted), [
      {path: 'content', from: {text: 'old\n'}, to: {text: 'new\n'}},
      {path: 'mode', from: '0600', to: '0640'},
    ])
    writeFileSync(path, 'new\n')
    chmodSync(path, 0o640)
    t.deepEqual(diff(wanted), [])
  })

test('a file answers the same in bash and dash', t => {
  const path = join(root(), 'a b')
  writeFileSync(path, 'x')
  t.deepEqual(ask(file({path, content: 'y'}), '/bin/bash'), ask(file({path, content: 'y'}), '/bin/sh'))
})

test('an answer of a Debian 12 host: a file with another owner and mode', t => {
  const wanted = file({path: '/etc/frr/frr.conf', content: 'a\n', mode: '0640', owner: 'frr', group: 'frr'})
  const sha = '87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7'
  const given = answer(`parent\nowner\ngroup\nstat regular file|644|root|0|frr|115|2\nsha256 ${sha}\n`)
  t.deepEqual(judge(wanted, given), {
    changes: [
      {path: 'mode', from: '0644', to: '0640'},
      {path: 'owner', from: 'root', to: 'frr'},
    ],
    steps: ['set mode, owner of /etc/frr/frr.conf'],
  })
})

test('a numeric owner is compared by number', t => {
  const wanted = file({path: '/a', content: 'a\n', owner: '0', group: '115'})
  const sha = '87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7'
  t.deepEqual(
    judge(wanted, answer(`parent\nowner\ngroup\nstat regular file|644|root|0|frr|115|2\nsha256 ${sha}\n`)).changes,
    [],
  )
})

test('what cannot be read never passes for absent', t => {
  const wanted = file({path: '/etc/x/y', content: ''})
  const refused = answer('', 3, "stat: cannot statx '/etc/x/y': Permission denied\n")
  t.throws(() => judge(wanted, refused), {instanceOf: Unreadable, message: /Permission denied/})
  t.throws(() => judge(wanted, answer('')), {instanceOf: Unreadable})
  t.throws(() => judge(wanted, answer('', 127, 'sh: stat: not found')), {instanceOf: Unreadable, message: /not found/})
})

test('a component of the path that is no directory is unreadable', t => {
  const path = join(root(), 'f')
  writeFileSync(path, '')
  t.throws(() => ask(file({path: join(path, 'below'), content: ''})), {
    instanceOf: Unreadable,
    message: /Not a directory/,
  })
})

test('a link in the place of a file is replaced, a directory is not', t => {
  const base = root()
  symlinkSync('target\n', join(base, 'l'))
  mkdirSync(join(base, 'd'))
  t.deepEqual(diff(file({path: join(base, 'l'), content: ''})), [{path: 'type', from: 'link to target\n', to: 'file'}])
  const taken = file({path: join(base, 'd'), content: ''})
  t.regex(taken.kind.obstacle?.(taken.desired, ask(taken)) ?? '', /is a directory/)
})

test('binary and large content is shown by its digest', t => {
  const path = join(root(), 'b')
  writeFileSync(path, Buffer.from([0xff, 0x00]))
  const [change] = diff(file({path, content: 'x'.repeat(300_000)}))
  t.deepEqual(Object.keys(change.from), ['sha256'])
  t.deepEqual(Object.keys(change.to), ['sha256'])
})

test('a secret is neither asked for nor shown', t => {
  const path = join(root(), 's')
  writeFileSync(path, 'old secret', {mode: 0o600})
  const wanted = file({path, content: new Secret('new secret'), mode: '0600'})
  const {command} = wanted.kind.probe(wanted.desired)
  t.false(run(command).stdout.includes('content'))
  t.deepEqual(diff(wanted), [{path: 'content', from: '***', to: '***'}])
  t.false(JSON.stringify([wanted.desired, command.text]).includes('new secret'))
})

test('without a directory or account nothing can be written, unless something before provides it', t => {
  const wanted = file({path: '/etc/frr/frr.conf', content: '', owner: 'frr', group: 'frr'})
  t.regex(judge(wanted, answer('absent\n')).obstacle ?? '', /directory \/etc\/frr does not exist/)
  t.regex(judge(wanted, answer('parent\nabsent\n')).obstacle ?? '', /user frr does not exist/)
  t.regex(judge(wanted, answer('parent\nowner\nabsent\n')).obstacle ?? '', /group frr does not exist/)
  const provided = judge(wanted, answer('absent\n'), [{users: ['frr'], groups: ['frr'], files: ['/etc/frr/daemons']}])
  t.deepEqual(Array.isArray(provided.changes) && provided.changes.map(({path}) => path), ['state', 'content'])
  t.deepEqual(provided.steps, ['write /etc/frr/frr.conf'])
})

test('a file that a package will bring differs in content that nobody knows yet', t => {
  const wanted = file({path: '/etc/a/b', content: 'x'})
  const {changes} = judge(wanted, answer('parent\nowner\ngroup\nabsent\n'), [
    {files: [{path: '/etc/a/b', mode: '0600'}]},
  ])
  t.deepEqual(changes, [
    {path: 'content', from: null, to: {text: 'x'}},
    {path: 'mode', from: '0600', to: '0644'},
  ])
})

test('a unit file lets systemd read again and provides its unit; a drop-in only the former', t => {
  const unit = file({path: '/etc/systemd/system/gw.service', content: ''})
  const dropIn = file({path: '/etc/systemd/system/gw.service.d/a.conf', content: ''})
  const absent = answer('parent\nowner\ngroup\nabsent\n')
  t.deepEqual(judge(unit, absent).steps, [
    'write /etc/systemd/system/gw.service',
    'let systemd read its unit files again',
  ])
  const {changes} = judge(unit, absent)
  const current = pathState('/etc/systemd/system/gw.service', absent)
  const {paths, ...left} = unit.kind.provides?.(unit.desired, known(changes), current) ?? {}
  t.deepEqual(left, {daemonReloaded: true, units: [{name: 'gw', enabled: false}]})
  t.deepEqual([...(paths?.keys() ?? [])], ['/etc/systemd/system/gw.service'])
  t.true(dropIn.kind.provides?.(dropIn.desired, known(changes), current).daemonReloaded)
  const other = {
    ...current,
    type: 'file' as const,
    mode: '0600',
    owner: ['root'],
    group: ['root'],
    sha256: sha256Of(''),
  }
  t.deepEqual(unit.kind.provides?.(unit.desired, [], other), {
    paths: new Map([[current.at, {mode: '0644', content: ''}]]),
  })
})

test('the validator gets the path where the content waits', t => {
  const wanted = file({path: '/etc/a/b.conf', content: '', validate: candidate => $`check ${candidate}`})
  t.is(wanted.desired.state === 'present' && wanted.desired.validate?.text, 'check /etc/a/.b.conf.gatewright')
})

test('a file that shall not be there is removed', t => {
  const path = join(root(), "x'y")
  const wanted = file({path, state: 'absent'})
  t.deepEqual(diff(wanted), [])
  writeFileSync(path, '')
  const changes = diff(wanted)
  t.deepEqual(changes, [{path: 'state', from: 'present', to: 'absent'}])
  for (const step of wanted.kind.steps(wanted.desired, changes, ask(wanted))) t.is(run(commandOf(step)).code, 0)
  t.deepEqual(diff(wanted), [])
})

test('metadata are set in place', t => {
  const path = join(root(), 'm y')
  writeFileSync(path, 'x', {mode: 0o600})
  const wanted = file({path, content: 'x', mode: '4755'})
  const [step] = wanted.kind.steps(wanted.desired, diff(wanted), ask(wanted))
  t.is(step?.do, 'run')
  run(commandOf(step))
  t.deepEqual(diff(wanted), [])
  t.is(readFileSync(path, 'utf8'), 'x')
})

test('every broken rule of a file is told at once', t => {
  const {kind, desired} = file({path: 'a\n', content: '', mode: '644', owner: '', group: 'a b'})
  t.deepEqual(
    kind.problems(desired).map(problem => problem.split(':')[0]),
    ['path', 'mode', 'owner', 'group'],
  )
  for (const path of ['/', '/a/', '/a//b', '/a/../b', '/a/.', '/a\n'])
    t.is(kind.problems(file({path, content: ''}).desired).length, 1, path)
  t.deepEqual(kind.problems(file({path: '/etc/..data/.x', content: ''}).desired), [])
})

test('a directory is made, its mode set, and removed with all that is in it', t => {
  const path = join(root(), "d 'x'")
  const wanted = directory({path, mode: '0750'})
  const apply = (resource: typeof wanted) => {
    const current = ask(resource)
    for (const step of resource.kind.steps(resource.desired, diff(resource), current))
      t.is(run(commandOf(step)).code, 0)
  }
  t.deepEqual(diff(wanted), [{path: 'state', from: 'absent', to: 'present'}])
  apply(wanted)
  t.deepEqual(diff(wanted), [])
  chmodSync(path, 0o777)
  t.deepEqual(diff(wanted), [{path: 'mode', from: '0777', to: '0750'}])
  apply(wanted)
  writeFileSync(join(path, 'in'), '')
  const gone = directory({path, state: 'absent'})
  apply(gone)
  t.deepEqual(diff(gone), [])
})

test('a directory needs its parent, and takes no other thing for one', t => {
  const base = root()
  writeFileSync(join(base, 'f'), '')
  const orphan = directory({path: join(base, 'a/b')})
  t.regex(orphan.kind.obstacle?.(orphan.desired, ask(orphan)) ?? '', /does not exist/)
  const taken = directory({path: join(base, 'f')})
  t.regex(taken.kind.obstacle?.(taken.desired, ask(taken)) ?? '', /no directory/)
  t.regex(
    directory({path: '/etc', state: 'absent'}).kind.problems({
      path: '/etc',
      state: 'absent',
      mode: '0755',
      owner: 'root',
      group: 'root',
    })[0] ?? '',
    /too near/,
  )
})

test('a link is made, pointed elsewhere, and removed', t => {
  const base = root()
  const path = join(base, 'l x')
  const apply = (resource: any) => {
    for (const step of resource.kind.steps(resource.desired, diff(resource), ask(resource)))
      t.is(run(commandOf(step)).code, 0)
  }
  for (const to of ['a', "/b 'c'\t", base]) {
    const wanted = link({path, to})
    t.is(diff(wanted).length, 1)
    apply(wanted)
    t.deepEqual(diff(wanted), [])
  }
  apply(link({path, state: 'absent'}))
  t.deepEqual(diff(link({path, state: 'absent'})), [])
})

test('a fileset writes what differs and leaves the rest alone', t => {
  const base = root()
  const [a, b] = [join(base, 'a b'), join(base, 'c')]
  writeFileSync(a, 'right\n')
  writeFileSync(b, 'wrong\n')
  const wanted = fileset({
    name: 'set',
    files: [
      {path: a, content: 'right\n'},
      {path: b, content: 'x\n'},
    ],
    check: $`true`,
  })
  const changes = diff(wanted)
  t.deepEqual(changes, [{path: `${b} content`, from: {text: 'wrong\n'}, to: {text: 'x\n'}}])
  const [step] = wanted.kind.steps(wanted.desired, changes, ask(wanted))
  t.deepEqual(
    writeOf(step).files.map(({path}) => path),
    [b],
  )
  t.is(writeOf(step).check?.text, 'true')
  t.deepEqual(wanted.kind.paths?.(wanted.desired), [a, b])
})

test('a fileset with one unreadable file is unreadable', t => {
  const path = join(root(), 'f')
  writeFileSync(path, '')
  const files = [
    {path, content: ''},
    {path: join(path, 'below'), content: ''},
    {path: '/x', content: ''},
  ]
  t.throws(() => ask(fileset({name: 'set', files, check: $`true`})), {
    instanceOf: Unreadable,
    message: /Not a directory/,
  })
})
