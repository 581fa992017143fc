// The follower itself, run by the shell: what it makes of keepalived's lines.
import {spawn} from 'node:child_process'
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {open} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import '../../../src/resolve.ts'
import {until} from '../../../test/support/until.ts'

const {followScript, hookDirectory} = await import('../templates/follow-script.ts')
const {runDirectory} = await import('../view.ts')

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
