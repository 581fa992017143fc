import {mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {pkg} from '../../src/resources/package.ts'
import {underPolicy} from '../../src/resources/package-script.ts'
import {Unreadable} from '../../src/resources/resource.ts'
import {Command, raw} from '../../src/shell/command.ts'
import {answer, judge, run} from './ask.ts'

const keepalived = pkg({name: 'keepalived', provides: {units: ['keepalived']}})
const absent = [{path: 'state', from: 'absent', to: 'installed'}]

test('a package that dpkg does not know, or of which configuration is left, is installed', t => {
  const unknown = answer('dpkg-query: no packages found matching keepalived\n')
  t.deepEqual(judge(keepalived, unknown), {changes: absent, steps: ['install keepalived']})
  t.deepEqual(judge(keepalived, answer('keepalived deinstall ok config-files\n')).changes, absent)
  t.deepEqual(judge(keepalived, answer('keepalived unknown ok not-installed\n')).changes, absent)
})

test('an installed package needs nothing, also one on hold', t => {
  t.deepEqual(judge(keepalived, answer('keepalived install ok installed\n')), {changes: [], steps: []})
  t.deepEqual(judge(keepalived, answer('keepalived hold ok installed\n')).changes, [])
})

for (const status of [
  'ok half-configured',
  'ok unpacked',
  'ok half-installed',
  'ok triggers-pending',
  'ok triggers-awaited',
  'reinstreq half-installed',
])
  test(`${status} is an interrupted installation`, t => {
    t.deepEqual(judge(keepalived, answer(`keepalived install ${status}\n`)).changes, [
      {path: 'state', from: 'interrupted', to: 'installed'},
    ])
  })

test('of several packages only those that differ are installed', t => {
  const several = pkg({name: ['libc6', 'frr', 'frr-pythontools']})
  const given = answer(
    'dpkg-query: no packages found matching frr\nfrr-pythontools install ok unpacked\nlibc6:amd64 install ok installed\n',
  )
  t.deepEqual(judge(several, given), {
    changes: [
      {path: 'state of frr', from: 'absent', to: 'installed'},
      {path: 'state of frr-pythontools', from: 'interrupted', to: 'installed'},
    ],
    steps: ['install frr, frr-pythontools'],
  })
})

test('a package that shall not be there is removed', t => {
  const gone = pkg({name: 'keepalived', state: 'absent', provides: {units: ['keepalived']}})
  t.deepEqual(judge(gone, answer('keepalived install ok installed\n')).steps, ['remove keepalived'])
  t.deepEqual(judge(gone, answer('keepalived deinstall ok config-files\n')).changes, [])
  t.deepEqual(gone.kind.provides?.(gone.desired, [], {}), {made: []})
})

test('a host without dpkg is unsupported, a damaged database unreadable', t => {
  t.deepEqual(judge(keepalived, answer('no dpkg\n')), {unsupported: 'this host has no dpkg'})
  t.throws(() => judge(keepalived, answer("dpkg-query: error: parsing file '/var/lib/dpkg/status' near line 4\n", 1)), {
    instanceOf: Unreadable,
    message: /parsing file/,
  })
})

test('names of packages are checked', t => {
  for (const name of ['', 'a b', 'Keepalived', 'a;b', '-y', 'x\n'])
    t.is(pkg({name}).kind.problems(pkg({name}).desired).length, 1, JSON.stringify(name))
  t.is(pkg({name: []}).kind.problems(pkg({name: []}).desired).length, 1)
  const suffixed = pkg({name: 'frr', provides: {units: ['frr.service']}})
  t.regex(suffixed.kind.problems(suffixed.desired)[0] ?? '', /without "\.service"/)
})

/** The script with its own directory in the place of /usr/sbin. */
const policyIn = (directory: string, work: string) =>
  run(new Command(underPolicy(raw(work)).text.replaceAll('/usr/sbin/', `${directory}/`)))
const fresh = () => mkdtempSync(join(tmpdir(), 'gatewright-'))

test('while packages are installed nothing new is started, stops go through', t => {
  const base = fresh()
  const policy = join(base, 'policy-rc.d')
  const {stdout} = policyIn(base, `for a in start restart stop; do ${policy} none.service $a; echo "$a $?"; done`)
  t.is(stdout, 'start 101\nrestart 101\nstop 0\n')
  t.is(run(raw(`ls -A ${base}`)).stdout, '')
})

test('a daemon that ran before may be restarted', t => {
  const base = fresh()
  const policy = join(base, 'policy-rc.d')
  const work = `sed -i "s/^running=.*/running=' frr.service '/" ${policy}; ${policy} frr restart; echo $?; ${policy} frr.service start; echo $?`
  t.is(policyIn(base, work).stdout, '0\n0\n')
})

test('a policy of the administrator comes back, also when the work fails or is ended', t => {
  for (const work of ['true', 'exit 7', 'kill -TERM $$']) {
    const base = fresh()
    writeFileSync(join(base, 'policy-rc.d'), '#!/bin/sh\nexit 104\n', {mode: 0o755})
    const {code} = policyIn(base, work)
    t.is(code, {true: 0, 'exit 7': 7}[work] ?? 143)
    t.is(run(raw(`ls -A ${base}; cat ${base}/policy-rc.d`)).stdout, 'policy-rc.d\n#!/bin/sh\nexit 104\n')
  }
})

test('what a killed run leaves forbids nothing, asks the policy of the administrator, and is cleared by the next run', t => {
  const base = fresh()
  const policy = join(base, 'policy-rc.d')
  writeFileSync(policy, '#!/bin/sh\nexit 104\n', {mode: 0o755})
  policyIn(base, 'kill -KILL $$')
  t.is(run(raw(`ls -A ${base} | wc -l`)).stdout.trim(), '2')
  t.is(run(raw(`${policy} none start`)).code, 104)
  t.is(policyIn(base, `${policy} none start; echo $?`).stdout, '101\n')
  t.is(run(raw(`ls -A ${base}; cat ${policy}`)).stdout, 'policy-rc.d\n#!/bin/sh\nexit 104\n')
})
