// The follower itself, run by the shell: what it makes of keepalived's lines.
import {spawn} from 'node:child_process'
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {open} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test, {type ExecutionContext} from 'ava'
import '../../../src/resolve.ts'
import {until} from '../../../test/support/until.ts'

const {followScript, hookDirectory} = await import('../templates/follow-script.ts')
const {runDirectory, splitTrack} = await import('../view.ts')

test('states come in order, each runs every hook once, and a hook that fails does not keep the next from running', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'follow-'))
  const [run, hooks, log] = ['run', 'hooks', 'log'].map(name => join(directory, name)) as [string, string, string]
  for (const each of [run, hooks]) mkdirSync(each)
  for (const [name, code] of [
    ['10-first', 1],
    ['20-second', 0],
  ] as const) {
    writeFileSync(join(hooks, name), `#!/bin/sh\necho ${name} "$@" >>${log}\nexit ${code}\n`)
    chmodSync(join(hooks, name), 0o755)
  }
  writeFileSync(join(hooks, '30-not-executable'), `#!/bin/sh\necho never >>${log}\n`)
  const script = followScript({name: 'gateway', group: undefined, watched: [], tracks: [], vote: undefined})
    .replaceAll(runDirectory, run)
    .replaceAll(hookDirectory, hooks)
  const fifo = join(run, 'notify')
  const child = spawn('sh', ['-c', `mkfifo ${fifo}; ${script}`], {stdio: 'ignore', detached: true})
  t.teardown(() => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    rmSync(directory, {recursive: true, force: true})
  })
  const text = (path: string): string => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return ''
    }
  }
  t.true(
    await until(() =>
      open(fifo, 'r+').then(
        file => file.close().then(() => true),
        () => false,
      ),
    ),
  )
  const writer = await open(fifo, 'r+')
  t.teardown(() => writer.close())
  await writer.write(
    [
      'INSTANCE "gateway" BACKUP 200',
      'INSTANCE "dns" MASTER 200',
      'INSTANCE "gateway" MASTER 200',
      'INSTANCE "gateway" MASTER 200',
      'INSTANCE "gateway" MASTER_RX_LOWER_PRI 200',
      'INSTANCE "gateway" FAULT 200',
      'INSTANCE "gateway" STOP 200',
      '',
    ].join('\n'),
  )
  const state = join(run, 'state')
  t.true(await until(() => text(log).includes('20-second stop')))
  const found = JSON.parse(text(state))
  t.is(found.name, 'gateway')
  t.is(found.state, 'STOP')
  t.true(found.beat >= found.since)
  t.deepEqual(
    text(log).trim().split('\n'),
    ['backup', 'master', 'fault', 'stop'].flatMap(word => [`10-first ${word} gateway`, `20-second ${word} gateway`]),
  )
})

/** The follower of a pair whose addresses answer while a file with their name is there. */
const startVoter = async (t: ExecutionContext) => {
  const directory = mkdtempSync(join(tmpdir(), 'follow-'))
  const [run, track, answering] = ['run', 'track', 'answering'].map(name => join(directory, name)) as [
    string,
    string,
    string,
  ]
  for (const each of [run, answering]) mkdirSync(each)
  const ping = join(directory, 'ping')
  writeFileSync(ping, `#!/bin/sh\nfor last; do :; done\ntest -e ${answering}/$last\n`)
  chmodSync(ping, 0o755)
  const vote = {sync: 'sync', others: ['lan']}
  const script = followScript({name: 'gateway', group: undefined, watched: [], tracks: [], vote})
    .replaceAll(runDirectory, run)
    .replaceAll(splitTrack, track)
    .replaceAll(hookDirectory, join(directory, 'no-hooks'))
  writeFileSync(track, '0\n')
  for (const name of ['sync', 'lan']) writeFileSync(join(answering, name), '')
  const fifo = join(run, 'notify')
  const child = spawn('sh', ['-c', `mkfifo ${fifo}; ${script}`], {
    stdio: 'ignore',
    detached: true,
    env: {...process.env, PATH: `${directory}:${process.env['PATH']}`},
  })
  t.teardown(() => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    rmSync(directory, {recursive: true, force: true})
  })
  t.true(await until(() => existsSync(fifo)))
  const writer = await open(fifo, 'r+')
  t.teardown(() => writer.close())
  return {
    async becomes(state: string) {
      await writer.write(`INSTANCE "gateway" ${state} 200\n`)
      t.true(
        await until(() => existsSync(join(run, 'state')) && readFileSync(join(run, 'state'), 'utf8').includes(state)),
      )
    },
    cut: (name: string) => rmSync(join(answering, name)),
    heal: (name: string) => writeFileSync(join(answering, name), ''),
    hasGivenUp: () => readFileSync(track, 'utf8') === '1\n',
    isDecided: () => until(() => existsSync(join(run, 'split'))),
    givesUp: () => until(() => readFileSync(track, 'utf8') === '1\n', {withinMs: 6000}),
    goesOn: () => until(() => readFileSync(track, 'utf8') === '0\n' && !existsSync(join(run, 'split'))),
  }
}

test('without the sync path the one that was master before gives up, however short it was, until the path is back', async t => {
  const voter = await startVoter(t)
  await voter.becomes('MASTER')
  await sleep(2500)
  voter.cut('sync')
  t.true(await voter.givesUp())
  voter.heal('sync')
  t.true(await voter.goesOn())
})

test('the one that became master by the loss stays it; and where the peer is gone there is nothing to decide', async t => {
  const voter = await startVoter(t)
  await voter.becomes('BACKUP')
  await sleep(2500)
  voter.cut('sync')
  await voter.becomes('MASTER')
  t.true(await voter.isDecided())
  t.false(await voter.givesUp())
  voter.cut('lan')
  t.true(await voter.goesOn())
})

test('a peer that comes back, its sync path last, takes nothing from the only master; one that stays without it does', async t => {
  const voter = await startVoter(t)
  await voter.becomes('MASTER')
  await sleep(1500)
  voter.cut('lan')
  voter.cut('sync')
  await sleep(1500)
  voter.heal('lan')
  await sleep(900)
  t.false(voter.hasGivenUp())
  voter.heal('sync')
  await sleep(1500)
  t.false(voter.hasGivenUp())
  voter.cut('lan')
  voter.cut('sync')
  await sleep(1500)
  voter.heal('lan')
  t.true(await voter.givesUp())
})
