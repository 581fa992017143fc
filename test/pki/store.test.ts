// Nothing that was issued is lost, whoever else writes and wherever a run ends.
import {spawn} from 'node:child_process'
import {createPrivateKey, X509Certificate} from 'node:crypto'
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import test, {type ExecutionContext} from 'ava'
import {InvalidInput} from '../../src/diagnostic.ts'
import type {Desk} from '../../src/pki/desk.ts'
import {type Index, readIndex} from '../../src/pki/index-file.ts'
import {initAuthority} from '../../src/pki/init.ts'
import {issue, renew} from '../../src/pki/issue.ts'
import {locked} from '../../src/pki/lock.ts'
import {openKey} from '../../src/pki/private-keys.ts'
import {refreshList, revoke} from '../../src/pki/revocations.ts'
import {type Disk, realDisk} from '../../src/pki/store.ts'
import {emptyDesk, newDesk, vaultKey} from '../support/pki.ts'

class Crash extends Error {}

/** A disk on which everything fails from a step on, as for a process that is killed there. */
const failingAt = (step: number): Disk & {readonly steps: () => number} => {
  let steps = 0
  const counted =
    <Args extends readonly unknown[]>(act: (...args: Args) => void) =>
    (...args: Args): void => {
      if (steps++ >= step) throw new Crash()
      act(...args)
    }
  return {
    write: counted(realDisk.write),
    rename: counted(realDisk.rename),
    remove: counted(realDisk.remove),
    steps: () => steps,
  }
}

/** Keys, certificates and index agree, and nothing else lies there. */
const checkWhole = (t: ExecutionContext, desk: Desk): void => {
  const {directory} = desk.place
  const {x509} = readIndex(desk.place) as Index
  const names = [...new Set((x509?.certificates ?? []).map(({name}) => name))]
  t.deepEqual(
    readdirSync(join(directory, 'private')).toSorted(),
    ['ca.key', ...names.map(name => `${name}.key`)].toSorted(),
  )
  t.is(readFileSync(join(directory, 'crl.pem'), 'utf8'), x509?.crl.pem ?? '')
  for (const name of names) {
    const certificate = new X509Certificate(readFileSync(join(directory, `issued/${name}.crt`)))
    t.is(certificate.toString(), x509?.certificates.findLast(each => each.name === name)?.pem ?? '')
    t.true(certificate.checkPrivateKey(createPrivateKey(openKey(desk.place, name, [vaultKey]).text)), name)
  }
}

const acts: Readonly<Record<string, (desk: Desk) => Promise<unknown>>> = {
  'a first certificate': desk => issue(desk, {name: 'bob', profile: 'client', alternativeNames: []}),
  'a renewal with a new key': desk => renew(desk, {names: ['alice'], newKey: true}),
  'a renewal with the same key': desk => renew(desk, {names: ['alice']}),
  'a revocation': desk => revoke(desk, ['alice'], 'keyCompromise'),
  'a new list': desk => refreshList(desk, true),
}
for (const [what, act] of Object.entries(acts))
  test(`a run that ends at any step is undone or completed by the next: ${what}`, async t => {
    let ended = false
    for (let step = 0; !ended; step++) {
      t.true(step < 20)
      const desk = await newDesk(t)
      await issue(desk, {name: 'alice', profile: 'client', alternativeNames: []})
      const before = readIndex(desk.place)
      const disk = failingAt(step)
      try {
        await act({...desk, disk})
        ended = true
        t.true(step > 1)
      } catch (error) {
        if (!(error instanceof Crash)) throw error
      }
      const after = readIndex(desk.place)
      // Whatever was signed and got out is in the index; else the index is what it was.
      if (disk.steps() < 2) t.deepEqual(after, before)
      t.true((after?.x509?.certificates.length ?? 0) >= 1)
      await issue(desk, {name: 'carol', profile: 'client', alternativeNames: []})
      checkWhole(t, desk)
      t.deepEqual(readIndex(desk.place)?.x509?.certificates.slice(0, -1), after?.x509?.certificates)
    }
  })

test('an init that ends at any step can be done again or is complete', async t => {
  for (let step = 0; step < 6; step++) {
    const desk = emptyDesk(t)
    const options = {name: 'Test CA', curve: 'P-256', vaultKey} as const
    const disk = failingAt(step)
    await t.throwsAsync(
      async () => {
        await initAuthority({...desk, disk}, options)
        throw new Crash()
      },
      {instanceOf: Crash},
    )
    if (!readIndex(desk.place)) await initAuthority(desk, options)
    await issue(desk, {name: 'alice', profile: 'client', alternativeNames: []})
    checkWhole(t, desk)
  }
})

/** A process of its own that issues certificates. */
const issuing = (desk: Desk, names: readonly string[]) => {
  const program = join(import.meta.dirname, '../fixtures/pki-issue.ts')
  const child = spawn(process.execPath, [program, desk.place.directory, ...names], {stdio: ['ignore', 'pipe', 'pipe']})
  const said = Promise.all([text(child.stdout), text(child.stderr)])
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  return {child, said, ended}
}

test('processes that issue at the same time lose nothing', async t => {
  const desk = await newDesk(t)
  const runs = [1, 2, 3, 4].map(run =>
    issuing(
      desk,
      [1, 2, 3].map(count => `user${run}-${count}`),
    ),
  )
  for (const run of runs) t.is(await run.ended, 0, (await run.said).join(''))
  t.is(readIndex(desk.place)?.x509?.certificates.length, 12)
  checkWhole(t, desk)
})

test('what a killed process has told is there, and the next one goes on', async t => {
  const desk = await newDesk(t)
  const run = issuing(
    desk,
    Array.from({length: 200}, (_, count) => `user${count}`),
  )
  await new Promise(resolve => run.child.stdout.once('data', resolve))
  run.child.kill('SIGKILL')
  await run.ended
  const known = readIndex(desk.place)?.x509?.certificates.map(({name}) => name) ?? []
  t.true(known.includes('user0') && known.length < 200)
  await issue(desk, {name: 'after', profile: 'client', alternativeNames: []})
  checkWhole(t, desk)
})

test('the lock of a dead process is taken over; that of a living one, or of another machine, is waited for', async t => {
  const {place} = emptyDesk(t)
  mkdirSync(place.directory, {recursive: true})
  const lock = join(place.directory, '.lock')
  const child = spawn('true')
  await new Promise(resolve => child.once('close', resolve))
  writeFileSync(lock, JSON.stringify({pid: child.pid, host: hostname()}))
  t.is(await locked(place, async () => 'done', 0), 'done')
  t.false(existsSync(lock))
  for (const owner of [
    {pid: process.pid, host: hostname()},
    {pid: child.pid, host: 'another-machine'},
  ]) {
    writeFileSync(lock, JSON.stringify(owner))
    const error = await t.throwsAsync(
      locked(place, async () => 'done', 0),
      {instanceOf: InvalidInput},
    )
    t.regex(error.message, new RegExp(`process ${owner.pid} on ${owner.host} is changing pki/.*\\[pki-locked\\]`))
    t.true(existsSync(lock))
  }
  rmSync(lock)
})
