import {execFileSync} from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir, userInfo} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test, {type ExecutionContext} from 'ava'
import {journalFragment, parseJournal} from '../../src/executor/journal.ts'
import {beatFragment, lockBusyCode, lockFragment} from '../../src/executor/lock.ts'
import {type StepPlace, stepFragment} from '../../src/executor/step-script.ts'
import {candidateOf} from '../../src/resources/candidate.ts'
import type {FileWrite, Step} from '../../src/resources/resource.ts'
import {$, raw} from '../../src/shell/command.ts'
import {Secret} from '../../src/shell/secret.ts'
import {type LineOptions, localSession} from '../../src/transport/scripted.ts'
import {type Fragment, TransportError} from '../../src/transport/transport.ts'

const me = userInfo()
const group = execFileSync('id', ['-gn'], {encoding: 'utf8'}).trim()
const isRoot = me.uid === 0
const shells = [['/bin/dash'], ['/bin/bash'], ['/bin/busybox', 'sh']].filter(([binary]) => existsSync(binary as string))

const workplace = (t: ExecutionContext) => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-step-'))
  t.teardown(() => rmSync(directory, {recursive: true, force: true}))
  const stateDirectory = join(directory, 'state')
  let number = 0
  const place = (more: Partial<StepPlace> = {}): StepPlace => {
    number += 1
    return {runId: 'r1', stepId: `s${number}`, stateDirectory, ...more}
  }
  return {directory, stateDirectory, place}
}

const send = async (fragments: readonly Fragment[], options: LineOptions = {}) => {
  const session = localSession(options)
  try {
    const outcomes = await session.shell({}).request(fragments)
    return outcomes.map(outcome => (outcome.status === 'done' ? outcome : {code: -1, stdout: '', stderr: 'skipped'}))
  } finally {
    await session.close()
  }
}

const sendOne = async (fragment: Fragment, options: LineOptions = {}) => {
  const [outcome] = await send([fragment], options)
  if (outcome === undefined) throw new Error('no outcome')
  return outcome
}

const file = (path: string, content: string | Secret, mode = '0640'): FileWrite => ({
  path,
  content,
  mode,
  owner: me.username,
  group,
})

const write = (files: readonly FileWrite[], more: Partial<Extract<Step, {do: 'write'}>> = {}): Step => ({
  do: 'write',
  title: 'write files',
  files,
  ...more,
})

const run = (text: string, more: Partial<Extract<Step, {do: 'run'}>> = {}): Step => ({
  do: 'run',
  title: `run ${text}`,
  command: raw(text),
  ...more,
})

const until = async (isSo: () => boolean) => {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries > 400) throw new Error(`still not so: ${String(isSo)}`)
    await sleep(25)
  }
}

for (const shell of shells) {
  const on = shell.join(' ')

  test(`${on}: what a step was given in secret is told and not kept`, async t => {
    const {place, stateDirectory} = workplace(t)
    const step: Step = {
      ...run('tee /dev/stderr'),
      apart: true,
      command: $`tee /dev/stderr`.reading(new Secret('hunter22')),
    } as Step
    const [outcome] = await send([stepFragment(step, place())], {shell})
    t.like(outcome, {code: 0, stdout: 'hunter22', stderr: 'hunter22'})
    t.throws(() => execFileSync('grep', ['-rl', 'hunter22', stateDirectory]))
  })

  test(`${on}: stdout and stderr are kept apart on request, in the answer and in the journal`, async t => {
    const {place, stateDirectory} = workplace(t)
    const step = place()
    const command = run('echo out; echo err >&2; printf more; exit 3', {apart: true})
    const journal = {...journalFragment('r1', {stateDirectory})}
    const [outcome, told] = await send([{...stepFragment(command, step), step: false}, journal], {shell})
    t.like(outcome, {code: 3, stdout: 'out\nmore', stderr: 'err\n'})
    t.deepEqual(parseJournal(told?.stdout ?? '').get(step.stepId), {code: 3, output: 'out\nmore', errors: 'err\n'})
  })

  test(`${on}: a run step answers with its code and output, and a failure stops those after it`, async t => {
    const {place, directory} = workplace(t)
    const outcomes = await send(
      [
        stepFragment(run('echo out; echo err >&2; umask'), place()),
        stepFragment({...run('cat'), command: $`cat`.reading(new Secret('line 1\nline 2'))} as Step, place()),
        stepFragment(run(`echo "it's" $0; exit 9`), place()),
        stepFragment(run(`touch ${directory}/never`), place()),
      ],
      {shell},
    )
    t.like(outcomes[0], {code: 0, stdout: 'out\nerr\n0022\n'})
    t.like(outcomes[1], {code: 0, stdout: 'line 1\nline 2'})
    t.is(outcomes[2]?.code, 9)
    t.is(outcomes[3]?.stderr, 'skipped')
    t.false(existsSync(join(directory, 'never')))
  })

  test(`${on}: a run step past its limit is killed with all its children`, async t => {
    const {place, directory} = workplace(t)
    const step = run(`echo begun; (sleep 3; touch ${directory}/late) & sleep 60`, {timeoutMs: 1000})
    const outcome = await sendOne(stepFragment(step, place()), {shell})
    t.like(outcome, {code: 124, stdout: 'begun\nstopped after 1 s\n'})
    await sleep(3000)
    t.false(existsSync(join(directory, 'late')))
  })

  test(`${on}: a file is written with content, mode and owner, and nothing is left beside it`, async t => {
    const {place, directory} = workplace(t)
    const path = join(directory, `it's a file.conf`)
    const content = `first 'line'\n\n${'ä'.repeat(700_000)}\n\n`
    t.like(await sendOne(stepFragment(write([file(path, content)]), place()), {shell}), {code: 0, stderr: ''})
    t.is(readFileSync(path, 'utf8'), content)
    t.is(statSync(path).mode & 0o7777, 0o640)
    t.like(await sendOne(stepFragment(write([file(path, '', '4755')]), place()), {shell}), {code: 0})
    t.is(readFileSync(path, 'utf8'), '')
    t.is(statSync(path).mode & 0o7777, 0o4755)
    t.deepEqual(readdirSync(directory).toSorted(), [`it's a file.conf`, 'state'])
  })

  test(`${on}: content that the validator refuses never comes into place`, async t => {
    const {place, directory} = workplace(t)
    const path = join(directory, 'x.conf')
    writeFileSync(path, 'old')
    const validate = raw(`cat ${candidateOf(path)}; echo ' line 3: no' >&2; exit 4`)
    const outcome = await sendOne(stepFragment(write([file(path, 'new')], {validate}), place()), {shell})
    t.is(outcome.code, 1)
    t.is(outcome.stderr, 'the new content is not valid (exit code 4): new line 3: no\n')
    t.is(readFileSync(path, 'utf8'), 'old')
    t.deepEqual(readdirSync(directory).toSorted(), ['state', 'x.conf'])
  })

  test(`${on}: when the check of a set fails, every former file and absence is back exactly`, async t => {
    const {place, directory} = workplace(t)
    const [a, b, c] = ['a', 'b', 'c'].map(name => join(directory, name)) as [string, string, string]
    writeFileSync(a, 'old a')
    chmodSync(a, 0o604)
    utimesSync(a, 1000, 1000)
    symlinkSync('/nowhere', c)
    const before = statSync(a)
    const files = [file(a, 'new a'), file(b, 'new b'), file(c, 'new c')]
    const failing = write(files, {check: raw(`cat ${a} ${b} ${c}; false`)})
    const outcome = await sendOne(stepFragment(failing, place()), {shell})
    t.is(outcome.code, 1)
    t.regex(outcome.stderr, /the check of the new files failed.*the former files are back: new anew bnew c/)
    const after = statSync(a)
    t.deepEqual(
      [after.ino, after.mode, after.mtimeMs, readFileSync(a, 'utf8')],
      [before.ino, before.mode, 1_000_000, 'old a'],
    )
    t.deepEqual(readdirSync(directory).toSorted(), ['a', 'c', 'state'])
    t.like(await sendOne(stepFragment(write(files, {check: raw('true')}), place()), {shell}), {code: 0})
    t.is(readFileSync(c, 'utf8'), 'new c')
    t.deepEqual(readdirSync(directory).toSorted(), ['a', 'b', 'c', 'state'])
  })

  test(`${on}: a wait step goes on until its command is happy, or says what it said last`, async t => {
    const {place, directory} = workplace(t)
    const ready = join(directory, 'ready')
    const wait = (timeoutMs: number): Step => ({
      do: 'wait',
      title: 'wait',
      command: raw(`echo not yet; [ -e ${ready} ]`),
      timeoutMs,
    })
    const late = await sendOne(stepFragment(wait(1000), place()), {shell})
    t.like(late, {code: 1, stderr: 'not within 1 s: exit code 1: not yet\n'})
    setTimeout(() => writeFileSync(ready, ''), 800)
    t.is((await sendOne(stepFragment(wait(20_000), place()), {shell})).code, 0)
  })

  test(`${on}: the journal knows what ended, and a step that has ended is not done again`, async t => {
    const {place, directory, stateDirectory} = workplace(t)
    const count = join(directory, 'count')
    const again = place({stepId: 'file /etc/x #1 ä'})
    await send([stepFragment(run(`echo once >>${count}; echo said`), again), stepFragment(run('exit 3'), place())], {
      shell,
    })
    t.like(await sendOne(stepFragment(run(`echo once >>${count}`), again), {shell}), {code: 0, stdout: 'said\n'})
    t.is(readFileSync(count, 'utf8'), 'once\n')
    const {stdout} = await sendOne(journalFragment('r1', {stateDirectory}), {shell})
    t.deepEqual(
      parseJournal(stdout),
      new Map([
        ['file /etc/x #1 ä', {code: 0, output: 'said\n', errors: ''}],
        ['s2', {code: 3, output: '', errors: ''}],
      ]),
    )
  })

  test(`${on}: a lock is held by the shell, told to others, and free when the shell has ended`, async t => {
    const {stateDirectory, place} = workplace(t)
    const first = localSession({shell})
    const lock = (runId: string, waitSeconds: number) =>
      lockFragment(runId, {waitSeconds, stateDirectory, owner: 'ann@desk'})
    const [taken] = await first.shell({}).request([lock('r1', 0)])
    t.like(taken, {code: 0, stderr: ''})
    await first.shell({}).request([stepFragment({...run('true'), title: 'install frr'}, place())])
    const busy = await sendOne(lock('r2', 1), {shell})
    t.is(busy.code, lockBusyCode)
    t.regex(busy.stderr, /^another run works on this host: r1 of ann@desk, since 20\S+Z; it runs: install frr\n$/)
    const forced = await sendOne(lockFragment('r3', {waitSeconds: 0, force: true, stateDirectory}), {shell})
    t.is(forced.code, 0)
    t.is((await sendOne(lock('r4', 5), {shell})).code, 0)
    await first.close()
    t.is((await sendOne(lock('r2', 5), {shell})).code, 0)
  })

  test(`${on}: a run that beats keeps its lock, one that does not is ended and its lock taken over`, async t => {
    const {stateDirectory} = workplace(t)
    const first = localSession({shell})
    const lock = (runId: string, expirySeconds: number) =>
      lockFragment(runId, {waitSeconds: 0, expirySeconds, owner: 'ann@desk', stateDirectory})
    await first.shell({}).request([lock('r1', 100)])
    const beats = await sendOne(beatFragment('r1', {stateDirectory}), {shell})
    t.is(beats.code, 0, beats.stderr)
    t.is((await sendOne(beatFragment('r2', {stateDirectory}), {shell})).code, 1)
    t.is((await sendOne(lock('r2', 100), {shell})).code, lockBusyCode)
    const taken = await sendOne(lock('r3', 0), {shell})
    t.like(taken, {code: 0, stdout: 'the run r1 of ann@desk gave no sign of life for 0 s: its lock was taken over\n'})
    await t.throwsAsync(first.shell({}).request([{id: 'alive', script: 'echo'}]), {instanceOf: TransportError})
    await first.close()
  })
}

test('a run step outlives its connection, keeps the lock, and its journal answers', async t => {
  const {place, directory, stateDirectory} = workplace(t)
  const lock = (runId: string) => lockFragment(runId, {waitSeconds: 0, stateDirectory})
  const step = place()
  const go = join(directory, 'go')
  const session = localSession()
  await session.shell({}).request([lock('r1')])
  const lost = session
    .shell({})
    .request(
      [
        stepFragment(run(`until [ -e ${go} ]; do sleep 0.1; done; echo unpacked; echo done >>${directory}/dpkg`), step),
        stepFragment(run(`touch ${directory}/second`), place()),
      ],
      {onStart: () => setTimeout(() => void session.close(), 500)},
    )
  const error = await t.throwsAsync(lost, {instanceOf: TransportError})
  t.is(error.fragment, step.stepId)
  t.is((await sendOne(lock('r2'))).code, lockBusyCode)
  setTimeout(() => writeFileSync(go, ''), 1500)
  const [again, journal] = await send([lock('r1'), journalFragment('r1', {stateDirectory})])
  t.is(again?.code, 0, again?.stderr)
  t.deepEqual([...parseJournal(journal?.stdout ?? '')], [[step.stepId, {code: 0, output: 'unpacked\n', errors: ''}]])
  t.is(readFileSync(join(directory, 'dpkg'), 'utf8'), 'done\n')
  t.false(existsSync(join(directory, 'second')))
})

test('a daemon that a step starts does not keep the lock', async t => {
  const {place, stateDirectory, directory} = workplace(t)
  const lock = (runId: string) => lockFragment(runId, {waitSeconds: 5, stateDirectory})
  const daemon = run(`sleep 30 >/dev/null 2>&1 & echo $! >${directory}/pid`)
  await send([lock('r1'), stepFragment(daemon, place())])
  t.is((await sendOne(lock('r2'))).code, 0)
  process.kill(Number(readFileSync(join(directory, 'pid'), 'utf8')))
})

test('content that arrives cut off leaves the old file and no candidate; the next lock clears what a dead host left', async t => {
  const {place, directory, stateDirectory} = workplace(t)
  const path = join(directory, 'x.conf')
  writeFileSync(path, 'old')
  const content = 'n'.repeat(100_000)
  const whole = localSession()
  const probe = whole.shell({}).request([stepFragment(write([file(join(directory, 'y'), content)]), place())])
  await probe
  const {sent} = whole.bytes
  await whole.close()
  const cut = localSession({cutAfterBytesSent: sent - 5000})
  await t.throwsAsync(cut.shell({}).request([stepFragment(write([file(path, content)]), place())]), {
    instanceOf: TransportError,
  })
  await cut.close()
  await until(() => !existsSync(candidateOf(path)))
  t.is(readFileSync(path, 'utf8'), 'old')
  // As if the host had lost power in the middle of a set.
  const run0 = join(stateDirectory, 'journal', 'r0')
  mkdirSync(run0, {recursive: true})
  writeFileSync(candidateOf(path), 'half')
  writeFileSync(join(run0, 's1.undo'), `rm -f '${candidateOf(path)}'; echo "$s" >${directory}/undone\n`)
  t.is((await sendOne(lockFragment('r9', {waitSeconds: 0, stateDirectory}))).code, 0)
  t.false(existsSync(candidateOf(path)))
  t.is(readFileSync(join(directory, 'undone'), 'utf8'), `${run0}/s1\n`)
})

test('a file that cannot be written is named with the reason, and the old one stays', async t => {
  const {place, directory} = workplace(t)
  const missing = await sendOne(stepFragment(write([file(join(directory, 'no/x'), 'x')]), place()))
  t.is(missing.code, 1)
  t.is(missing.stderr, `cannot write ${directory}/no/x: the directory ${directory}/no does not exist\n`)
  mkdirSync(join(directory, 'd'))
  const isDirectory = await sendOne(stepFragment(write([file(join(directory, 'd'), 'x')]), place()))
  t.regex(isDirectory.stderr, /d: it is a directory/)
  const stranger = {...file(join(directory, 'o'), 'x'), owner: 'nobody-of-that-name'}
  t.regex((await sendOne(stepFragment(write([stranger]), place()))).stderr, /cannot write \S+\/o: .*invalid user/)
  t.deepEqual(readdirSync(directory).toSorted(), ['d', 'state'])
  const devFull = await sendOne(stepFragment(write([file('/proc/gatewright', 'x')]), place()))
  t.regex(devFull.stderr, /cannot write \/proc\/gatewright: ./)
})

if (isRoot)
  test('a full and a read-only file system leave the old file untouched', async t => {
    const {place, directory} = workplace(t)
    const mount = join(directory, 'small')
    mkdirSync(mount)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', mount])
    t.teardown(() => void execFileSync('umount', [mount]))
    const path = join(mount, 'x')
    writeFileSync(path, 'old')
    const full = await sendOne(stepFragment(write([file(path, 'n'.repeat(200_000))]), place()))
    t.is(full.code, 1)
    t.regex(full.stderr, /cannot write \S+\/x: .*No space left on device/)
    execFileSync('mount', ['-o', 'remount,ro', mount])
    const readOnly = await sendOne(stepFragment(write([file(path, 'new')]), place()))
    t.regex(readOnly.stderr, /cannot write \S+\/x: .*Read-only file system/)
    t.is(readFileSync(path, 'utf8'), 'old')
    t.deepEqual(readdirSync(mount), ['x'])
  })

test('only the newest ten journals are kept', async t => {
  const {stateDirectory} = workplace(t)
  for (let n = 0; n < 14; n += 1) {
    const journal = join(stateDirectory, 'journal', `old${n}`)
    mkdirSync(journal, {recursive: true})
    utimesSync(journal, 1000 + n, 1000 + n)
  }
  t.is((await sendOne(lockFragment('new', {waitSeconds: 0, stateDirectory}))).code, 0)
  const left = readdirSync(join(stateDirectory, 'journal'))
  t.is(left.length, 10)
  t.true(left.includes('new') && left.includes('old13') && !left.includes('old4'))
  t.is(statSync(stateDirectory).mode & 0o777, 0o700)
})

test('a reconnect of the same run ends the old shell, which would go on with what it was sent', async t => {
  const {place, directory, stateDirectory} = workplace(t)
  const lock = lockFragment('r1', {waitSeconds: 0, stateDirectory})
  const old = localSession()
  const started = Promise.withResolvers<void>()
  const lost = old
    .shell({})
    .request(
      [
        lock,
        stepFragment(
          {do: 'wait', title: 'wait', command: raw(`touch ${directory}/begun; sleep 8`), timeoutMs: 30_000},
          place(),
        ),
        stepFragment(run(`touch ${directory}/second`), place()),
      ],
      {onStart: id => id === 's1' && started.resolve()},
    )
  await started.promise
  await until(() => existsSync(join(directory, 'begun')))
  const [again, journal] = await send([lock, journalFragment('r1', {stateDirectory})])
  t.is(again?.code, 0, again?.stderr)
  t.deepEqual([...parseJournal(journal?.stdout ?? '')], [['s1', {code: 0, output: '\n', errors: ''}]])
  const error = await t.throwsAsync(lost, {instanceOf: TransportError})
  t.is(error.fault, 'shell-died')
  t.false(existsSync(join(directory, 'second')))
  await old.close()
})

test('no command text, input or content is seen in arguments or files of the host', async t => {
  const {place, directory, stateDirectory} = workplace(t)
  const needle = 'n33dle'
  const session = localSession()
  const step = {...run('x'), command: raw(`: ${needle}; cat >/dev/null; sleep 2`).reading(new Secret(needle))} as Step
  const seen: string[] = []
  const running = session.shell({}).request([stepFragment(step, place())])
  await until(() => existsSync(join(stateDirectory, 'journal/r1/s1.start')))
  for (let n = 0; n < 5; n += 1) {
    seen.push(execFileSync('ps', ['-e', '-o', 'args='], {encoding: 'utf8'}))
    await sleep(100)
  }
  await running
  await session.close()
  t.false(seen.join('').includes(needle))
  t.throws(() => execFileSync('grep', ['-r', needle, directory]))
})
