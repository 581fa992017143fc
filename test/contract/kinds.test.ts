import {spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readdirSync, writeFileSync} from 'node:fs'
import {tmpdir, userInfo} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {stepFragment} from '../../src/executor/step-script.ts'
import {attributes} from '../../src/resources/attributes.ts'
import {authorizedKey} from '../../src/resources/authorized-key.ts'
import {block} from '../../src/resources/block.ts'
import {command} from '../../src/resources/command.ts'
import {directory, directoryResource} from '../../src/resources/directory.ts'
import {exec} from '../../src/resources/exec.ts'
import {file} from '../../src/resources/file.ts'
import {fileset} from '../../src/resources/fileset.ts'
import {Foresight} from '../../src/resources/foresight.ts'
import {group} from '../../src/resources/group.ts'
import {handlerResource} from '../../src/resources/handler.ts'
import {hardLink} from '../../src/resources/hard-link.ts'
import {line} from '../../src/resources/line.ts'
import {link} from '../../src/resources/link.ts'
import {nftTable} from '../../src/resources/nft-table.ts'
import {pkg} from '../../src/resources/package.ts'
import {packageLists} from '../../src/resources/package-lists.ts'
import {packageUpgrade} from '../../src/resources/package-upgrade.ts'
import {remoteCopy} from '../../src/resources/remote-copy.ts'
import {removal} from '../../src/resources/removal.ts'
import {type Answer, type Resource, Unsupported} from '../../src/resources/resource.ts'
import {service} from '../../src/resources/service.ts'
import {sysctl} from '../../src/resources/sysctl.ts'
import {sysctlLine} from '../../src/resources/sysctl-line.ts'
import {unitFiles} from '../../src/resources/unit-files.ts'
import {user} from '../../src/resources/user.ts'
import {wait} from '../../src/resources/wait.ts'
import {$} from '../../src/shell/command.ts'
import {Secret} from '../../src/shell/secret.ts'
import {answer, ask} from '../resources/ask.ts'
import {nftAnswer} from '../resources/nft-answer.ts'

/*
 * The laws of every kind. A new kind adds its examples here; `local` ones are carried out below the given directory on
 * this machine, the others are judged by `converged` and `different`, answers that a host gave.
 */
type Example = {
  readonly name: string
  readonly make: (base: string) => Resource
  readonly converged?: Answer
  readonly different?: Answer
}

const whole = {backrefs: false, firstmatch: false} as const
const service1 = 'LoadState=loaded\nUnitFileState=enabled\nNeedDaemonReload=no\nConditionResult=yes\n'
const unitTimes =
  'InactiveExitTimestamp=Sat 2025-11-22 14:53:01.444631 UTC\nInactiveExitTimestampMonotonic=100000000\nuptime=200.00\nnow=1763823281.44\nInvocationID=aaa\ndigest=d\n'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

const examples: Example[] = [
  {name: 'file', make: base => file({path: join(base, "a 'b' $c"), content: "it's\nnew"})},
  {name: 'empty file', make: base => file({path: join(base, 'empty'), content: '', mode: '0600'})},
  {
    name: 'secret file',
    make: base => file({path: join(base, 'key'), content: new Secret('s3cret-word'), mode: '0600'}),
  },
  {
    name: 'validated file',
    make: base => file({path: join(base, 'v'), content: 'x\n', validate: path => $`grep -q x ${path}`}),
  },
  {name: 'file over a link', make: base => file({path: join(base, 'points'), content: 'x'})},
  {name: 'file of another mode', make: base => file({path: join(base, 'old'), content: 'old', mode: '4711'})},
  {name: 'file that goes', make: base => file({path: join(base, 'old'), state: 'absent'})},
  {name: 'directory', make: base => directory({path: join(base, 'd x'), mode: '1770'})},
  {name: 'directory that goes', make: base => directory({path: join(base, 'full'), state: 'absent'})},
  {name: 'link', make: base => link({path: join(base, 'l'), to: "some where's"})},
  {name: 'link over a file', make: base => link({path: join(base, 'old'), to: 'x'})},
  {name: 'link that goes', make: base => link({path: join(base, 'points'), state: 'absent'})},
  {name: 'line', make: base => line({path: join(base, 'old'), state: 'present', line: "it's", ...whole})},
  {
    name: 'secret line',
    make: base =>
      line({path: join(base, 'n'), state: 'present', line: new Secret('s3cret-word'), ...whole, create: true}),
  },
  {
    name: 'block',
    make: base =>
      block({path: join(base, 'old'), state: 'present', block: 'x', begin: '# a', end: '# b', backup: true}),
  },
  {name: 'attributes', make: base => attributes({path: join(base, 'old'), mode: 'u+x,g+s', follow: true, of: 'file'})},
  {name: 'removal', make: base => removal({path: join(base, 'full')})},
  {name: 'hard link', make: base => hardLink({path: join(base, 'h'), of: join(base, 'old'), force: false})},
  {name: 'copy on the host', make: base => remoteCopy({path: join(base, 'c d'), from: join(base, 'old')})},
  {
    name: 'directory with all in it',
    make: base =>
      directoryResource({path: join(base, 'full'), state: 'present', mode: 'o=', recurse: true, inOrder: true}),
  },
  {
    name: 'fileset',
    make: base =>
      fileset({
        name: 'pair of files',
        files: [
          {path: join(base, 'one'), content: '1'},
          {path: join(base, 'old'), content: new Secret('s3cret-word'), mode: '0600'},
        ],
        check: $`test -s ${join(base, 'one')}`,
      }),
  },
  {name: 'exec that creates', make: base => exec({run: $`touch ${join(base, 'made')}`, creates: join(base, 'made')})},
  {
    name: 'exec unless',
    make: base => exec({run: $`echo x >${join(base, 'm')}`, unless: $`grep -q x ${join(base, 'm')}`}),
  },
  {
    name: 'package',
    make: () => pkg({name: 'keepalived', provides: {units: ['keepalived']}}),
    converged: answer('keepalived install ok installed\n'),
    different: answer('dpkg-query: no packages found matching keepalived\n'),
  },
  {
    name: 'group',
    make: () => group({name: 'admins', gid: 3000}),
    converged: answer('group admins:x:3000:\n'),
    different: answer('group \n'),
  },
  {
    name: 'user',
    make: () =>
      user({
        name: 'deploy',
        shell: '/bin/bash',
        groups: ['sudo'],
        append: true,
        password: new Secret('$6$s3cret-word$x'),
      }),
    converged: answer(
      'passwd deploy:x:1000:1000::/home/deploy:/bin/bash\nshadow deploy:$6$s3cret-word$x:1::::::\nhome\nexists sudo sudo:x:27:deploy\nmember sudo\n',
    ),
    different: answer('exists sudo sudo:x:27:\nusergroups yes\ndefault SHELL=/bin/sh\n'),
  },
  {
    name: 'authorized key',
    make: base =>
      authorizedKey({
        user: userInfo().username,
        key: 'ssh-ed25519 AAAAC3 me',
        path: join(base, 'keys'),
        manageDirectory: false,
      }),
  },
  {
    name: 'command that creates',
    make: base =>
      command({
        words: ['touch', join(base, "it's $1")],
        creates: join(base, "it's $1"),
        shell: '/bin/sh',
        title: 'touch',
        taskId: 'a',
      }),
  },
  {
    name: 'wait',
    make: () =>
      wait({
        port: 22,
        host: '127.0.0.1',
        state: 'present',
        timeoutSeconds: 5,
        delaySeconds: 0,
        sleepSeconds: 1,
        connectTimeoutSeconds: 1,
        taskId: 'a',
      }),
    converged: answer('there\n'),
    different: answer('not yet\n'),
  },
  {
    name: 'package lists',
    make: () => packageLists({validForSeconds: 3600, taskId: 'a'}),
    converged: answer('3600\n'),
    different: answer('3601\n'),
  },
  {
    name: 'upgrade',
    make: () => packageUpgrade({operation: 'dist-upgrade', options: {}}),
    converged: answer('Reading package lists...\n0 upgraded\n'),
    different: answer('Inst libc6 [2.36-9] (2.36-10 Debian:12 [amd64])\nConf libc6\n'),
  },
  {
    name: 'line of a sysctl file',
    make: () =>
      sysctlLine({
        key: 'net.ipv4.ip_forward',
        value: '1',
        state: 'present',
        file: '/etc/sysctl.conf',
        reload: true,
        set: false,
        ignoresErrors: false,
      }),
    converged: answer(`live ${base64('1')}\ncontent ${base64('net.ipv4.ip_forward = 1')}\nread\n`),
    different: answer(`live ${base64('0')}\nread\n`),
  },
  {
    name: 'unit files',
    make: () => unitFiles(),
    converged: answer('Id=a.service\nNeedDaemonReload=no\n\nId=b.service\nNeedDaemonReload=no\n'),
    different: answer('Id=a.service\nNeedDaemonReload=no\n\nNeedDaemonReload=yes\nId=b.service\n'),
  },
  {
    name: 'service',
    make: () => service({name: 'keepalived', enabled: true, running: true}),
    converged: answer(`${service1}ActiveState=active\nSubState=running\n`),
    different: answer(`${service1}ActiveState=inactive\nSubState=dead\n`),
  },
  {
    name: 'handler',
    make: () => handlerResource({unit: 'keepalived', action: 'reload', config: ['/etc/keepalived/keepalived.conf']}),
    converged: answer(`ActiveState=active\n${unitTimes}loaded=aaa d\n`),
    different: answer(`ActiveState=active\n${unitTimes}loaded=aaa e\n`),
  },
  {
    name: 'nftables table',
    make: () => nftTable({family: 'inet', name: 'gatewright_test', rules: 'chain input {\n}'}),
    converged: answer(nftAnswer('table inet gatewright_test {\n}')),
    different: answer(nftAnswer('table inet gatewright_test {\n\tchain x {\n\t}\n}')),
  },
  {
    name: 'sysctl',
    make: () => sysctl({key: 'net.ipv4.ip_forward', value: 1}),
    converged: answer(
      'live MQ==\nbits 644 0\nproc\nfile\nparent\nowner\ngroup\nstat regular file|644|root|0|root|0|24\nsha256 e2c2ac17097616ee184af9965776f83ad87dcf9e82ada5c8a3ea0f8371813fe8\n',
    ),
    different: answer('live MA==\nbits 644 0\nproc\nfile\nparent\nowner\ngroup\nabsent\n'),
  },
]

/** A directory with something of every type in it. */
const playground = (): string => {
  const base = mkdtempSync(join(tmpdir(), 'gatewright-'))
  writeFileSync(join(base, 'old'), 'old')
  mkdirSync(join(base, 'full'))
  writeFileSync(join(base, 'full', 'in'), '')
  spawnSync('ln', ['-s', 'old', join(base, 'points')])
  return base
}

const tree = (base: string): string =>
  spawnSync('find', [base, '-printf', '%p %y %s %m %u %g %T@ %C@ %l\n'], {encoding: 'utf8'}).stdout

const differences = (resource: Resource, current: unknown) => {
  const predicted = resource.kind.predict?.(resource.desired, current, new Foresight()) ?? current
  const changes = resource.kind.diff(resource.desired, predicted)
  if (changes === 'unknown') throw new Error('unknown')
  return changes
}

const parse = (resource: Resource, given: Answer): unknown => {
  const current = resource.kind.probe(resource.desired).parse(given)
  if (current instanceof Unsupported) throw new Error(current.reason)
  return current
}

let stepNumber = 0
/** Carries out the steps as the executor does, in a shell of this machine. */
const apply = (resource: Resource, current: unknown, state: string): void => {
  for (const step of resource.kind.steps(resource.desired, differences(resource, current), current)) {
    const place = {runId: 'run', stateDirectory: state, stepId: `step ${stepNumber++}`}
    const {script, input} = stepFragment(step, place)
    const {status, stdout, stderr} = spawnSync('/bin/sh', ['-c', script], {input: input ?? '', encoding: 'utf8'})
    if (status !== 0) throw new Error(`${step.title}: ${status} ${stdout}${stderr}`)
  }
}

for (const {name, make, converged, different} of examples) {
  test(`${name}: values only, and valid`, t => {
    const [one, two] = [make('/srv/base'), make('/srv/base')]
    t.is(one.id, two.id)
    t.true(one.id.startsWith(`${one.kind.name} `) && !one.id.includes('\n'))
    t.deepEqual(JSON.stringify(one.desired), JSON.stringify(two.desired))
    t.false(JSON.stringify(one.desired).includes('s3cret-word'))
    t.deepEqual(one.kind.problems(one.desired), [])
    t.is(one.kind.probe(one.desired).command.text, two.kind.probe(two.desired).command.text)
    t.false(one.kind.probe(one.desired).command.text.includes('s3cret-word'))
  })

  test(`${name}: the probe is inert, in sh and bash`, t => {
    const base = playground()
    const before = tree(base)
    const probe = make(base).kind.probe(make(base).desired)
    for (const shell of ['/bin/sh', '/bin/bash'])
      spawnSync(shell, ['-c', probe.command.text], {
        cwd: base,
        env: {PATH: process.env['PATH'], HOME: base, TMPDIR: base},
      })
    t.is(tree(base), before)
  })

  if (different && converged)
    test(`${name}: a difference has steps, its absence none`, t => {
      const resource = make('/srv/base')
      const current = parse(resource, different)
      const changes = differences(resource, current)
      t.true(changes.length > 0)
      t.true(resource.kind.steps(resource.desired, changes, current).length > 0)
      t.deepEqual(differences(resource, parse(resource, converged)), [])
    })
  else
    test(`${name}: once its steps are done there is no difference, and a second run has none`, t => {
      const [base, state] = [playground(), mkdtempSync(join(tmpdir(), 'gatewright-'))]
      const resource = make(base)
      const current = ask(resource)
      t.is(resource.kind.obstacle?.(resource.desired, current), undefined)
      t.true(differences(resource, current).length > 0)
      t.false(JSON.stringify(differences(resource, current)).includes('s3cret-word'))
      apply(resource, current, state)
      t.deepEqual(differences(resource, ask(resource)), [])
      t.false(
        readdirSync(base).some(entry => entry.endsWith('.gatewright')),
        'no candidate is left',
      )
    })
}

test('a failing check puts all files of a set back', t => {
  const [base, state] = [playground(), mkdtempSync(join(tmpdir(), 'gatewright-'))]
  const files = [
    {path: join(base, 'old'), content: 'new'},
    {path: join(base, 'fresh'), content: 'x'},
  ]
  const set = fileset({name: 'set', files, check: $`false`})
  const before = spawnSync('ls', ['-A', base]).stdout.toString()
  t.throws(() => apply(set, ask(set), state), {message: /former files are back/})
  t.is(spawnSync('cat', [join(base, 'old')]).stdout.toString(), 'old')
  t.is(spawnSync('ls', ['-A', base]).stdout.toString(), before)
})
