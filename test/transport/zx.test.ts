import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import anyTest from 'ava'
import {cd, $ as imported, ProcessOutput, type Shell} from 'zx'
import {connect} from '../../src/transport/connect.ts'
import type {Session, Target} from '../../src/transport/transport.ts'
import {runSync, whereAmI} from '../fixtures/zx-task.ts'
import {startSshd, type TestServer} from '../support/sshd.ts'

// One after the other: they share the few channels of one connection, and some measure time.
const test = anyTest.serial

let server: TestServer
const sessions = new Map<string, Session>()
const control = mkdtempSync(join(tmpdir(), 'gatewright-zx-'))
anyTest.before(async () => {
  server = await startSshd()
  for (const transport of ['ssh2', 'openssh'] as const)
    sessions.set(transport, await connect({...server.target, transport}))
})
anyTest.after.always(async () => {
  await Promise.all([...sessions.values()].map(session => session.close()))
  await server?.stop()
  rmSync(control, {recursive: true, force: true})
})

/** Shell text that leaves a marker file saying on which side it ran: only sshd sets SSH_CONNECTION. */
const marker = (name: string): string => `touch ${control}/${name}-\${SSH_CONNECTION:+remote}`
const markers = (name: string): string[] => ['', 'remote'].filter(side => existsSync(`${control}/${name}-${side}`))

for (const transport of ['ssh2', 'openssh'] as const) {
  const connectSsh = (target: Target) => connect({...target, transport})
  const on = <Result>(task: ($: Shell) => Promise<Result>): Promise<Result> =>
    (sessions.get(transport) as Session).withZx({}, task)

  test(`${transport}: text, json, lines, exit codes, signals and failures are zx’s own`, async t => {
    await on(async $ => {
      t.is(await $`printf 'a\n\n'`.text(), 'a\n\n')
      t.deepEqual(await $`echo '{"a": [1]}'`.json(), {a: [1]})
      t.deepEqual(await $`printf 'a\nb\n'`.lines(), ['a', 'b'])
      t.is((await $`exit 3`.nothrow()).exitCode, 3)
      const error = await t.throwsAsync(() => $`echo why >&2; exit 4`, {instanceOf: ProcessOutput})
      t.is(error.exitCode, 4)
      t.is(error.stderr, 'why\n')
      t.regex(error.message, /why/)
      const ended = await $`kill -TERM $$`.nothrow()
      // The ssh program cannot say which signal it was.
      if (transport === 'openssh') t.is(ended.exitCode, 255)
      else t.is(ended.signal, 'SIGTERM')
    })
  })

  test(`${transport}: warnings on stderr break neither text nor json, and are kept`, async t => {
    await on(async $ => {
      const output = await $`echo warning >&2; echo '{"a": 1}'; echo more >&2`
      t.deepEqual(output.json(), {a: 1})
      t.is(output.text(), '{"a": 1}\n')
      t.is(output.stderr, 'warning\nmore\n')
    })
  })

  test(`${transport}: words are quoted for any POSIX shell, arrays become words`, async t => {
    await on(async $ => {
      const words = [`it's`, '$HOME `id`', 'a\nb', '', '\\n', '*', 'ä"']
      t.is(await $`printf '[%s]' ${words}`.text(), words.map(word => `[${word}]`).join(''))
      t.is(await $`printf %s ${$`echo inner`}`.text(), 'inner')
    })
  })

  test(`${transport}: stdin is empty unless something is put in`, async t => {
    await on(async $ => {
      t.is(await $`cat`.text(), '')
      t.is(await $({input: 'given'})`cat`.text(), 'given')
      t.is(await $`printf 1 | cat; cat`.text(), '1')
      const asked = $({stdio: ['pipe', 'pipe', 'pipe']})`cat`
      await sleep(100)
      asked.stdin.end('written')
      t.is(await asked.text(), 'written')
    })
  })

  test(`${transport}: pipe goes to another command of the host, to a file and from 2 MB of output`, async t => {
    await on(async $ => {
      t.is(await $`printf 'b\na\n'`.pipe`sort`.text(), 'a\nb\n')
      t.is(await $`printf 'b\na\n'`.pipe($`sort`).pipe`tail -n 1`.text(), 'b\n')
      t.is((await $`head -c 2000000 /dev/zero | tr '\\0' x`.pipe`wc -c`.text()).trim(), '2000000')
      await $`echo file`.pipe(join(control, 'piped'))
    })
    const piped = () => (existsSync(join(control, 'piped')) ? readFileSync(join(control, 'piped'), 'utf8') : '')
    for (let tries = 0; tries < 500 && piped() === ''; tries += 1) await sleep(20)
    t.is(piped(), 'file\n')
  })

  test(`${transport}: timeout and kill end the whole process tree on the host`, async t => {
    await on(async $ => {
      const start = performance.now()
      const late = $`(sleep 2; touch ${control}/late) & sleep 60`.nothrow().timeout('300ms')
      t.is((await late).signal, 'SIGTERM')
      const killed = $`sleep 60`.nothrow()
      setTimeout(() => void killed.kill('SIGKILL'), 200)
      t.is((await killed).signal, 'SIGKILL')
      t.true(performance.now() - start < 10_000)
    })
    await sleep(2500)
    t.false(existsSync(join(control, 'late')))
  })

  test(`${transport}: a module that imports $ from zx runs on the host, in events and nested options too`, async t => {
    const result = await (sessions.get(transport) as Session).withZx({}, whereAmI)
    t.deepEqual(result, {first: 'remote\n', piped: 'remote\n', later: 'remote\n', nested: 'b c remote\n'})
  })

  test(`${transport}: the environment and directory of the control machine do not travel`, async t => {
    process.env['GATEWRIGHT_TEST_SECRET'] = 'x'
    await on(async $ => {
      t.is(await $`echo "\${GATEWRIGHT_TEST_SECRET-unset}"`.text(), 'unset\n')
      t.not((await $`pwd`.text()).trim(), process.cwd())
      t.is(await $({cwd: '/usr/lib'})`pwd`.text(), '/usr/lib\n')
      ;($ as typeof imported).env['SET'] = 'here'
      t.is(await $`echo "$SET"`.text(), 'here\n')
    })
    t.is(process.env['SET'], undefined)
    delete process.env['GATEWRIGHT_TEST_SECRET']
  })

  test(`${transport}: a $ that is kept goes to its host wherever it is called, with all that it pipes into`, async t => {
    const kept = await on(async $ => $)
    await kept`true`.pipe`sh -c ${marker('template')}`
    await kept({nothrow: true})`false`.pipe`sh -c ${marker('options')}`.nothrow()
    await kept`true`.pipe(kept`sh -c ${marker('call')}`)
    await kept`echo x`.pipe.stdout`sh -c ${marker('stdout')}`
    const first = kept`sleep 0.2; echo x`
    await sleep(50)
    await first.pipe`cat`.pipe`sh -c ${marker('chain')}`
    const settled = kept`echo x`
    await settled
    await settled.pipe`sh -c ${marker('settled')}`
    const halted = kept({halt: true})`echo x`
    const rest = halted.pipe`sh -c ${marker('halted')}`
    await halted.run()
    await rest
    const escaping = await on(async () => ({process: imported`echo x`}))
    await escaping.process.pipe`sh -c ${marker('imported')}`
    for (const name of ['template', 'call', 'stdout', 'chain', 'settled', 'halted', 'imported'])
      t.deepEqual(markers(name), ['remote'], name)
    t.false(markers('options').includes(''))
  })

  test(`${transport}: outside of a task the imported $ is zx’s own`, async t => {
    await on(async $ => $`true`)
    await imported`sh -c ${marker('own')}`.pipe`sh -c ${marker('ownpipe')}`
    t.deepEqual([markers('own'), markers('ownpipe')], [[''], ['']])
  })

  test(`${transport}: what cannot work on a host is refused with a sentence`, async t => {
    const before = process.cwd()
    await on(async $ => {
      t.throws(() => $.sync`true`, {message: /\$\.sync cannot run on a remote host/})
      t.throws(() => $({sync: true})`true`, {message: /\$\.sync cannot run on a remote host/})
      t.throws(runSync, {message: /\$\.sync cannot run on a remote host/})
      t.throws(() => cd('/tmp'), {message: /cd\(\) cannot work on a remote host/})
    })
    t.is(process.cwd(), before)
    t.false(existsSync('/tmp/never'))
  })

  test(`${transport}: more commands at once than sshd takes sessions`, async t => {
    await on(async $ => {
      const numbers = Array.from({length: 40}, (_, n) => n)
      t.deepEqual(await Promise.all(numbers.map(async n => Number(await $`echo ${n}`.text()))), numbers)
    })
  })

  test(`${transport}: two hosts at once keep apart, and become goes through sudo`, async t => {
    const other = await startSshd(['SetEnv WHICH=other'])
    const second = await connectSsh(other.target)
    t.teardown(async () => {
      await second.close()
      await other.stop()
    })
    const ask = async () => {
      await imported`sleep 0.2`
      return imported`echo "\${WHICH-first}"`.text()
    }
    t.deepEqual(await Promise.all([(sessions.get(transport) as Session).withZx({}, ask), second.withZx({}, ask)]), [
      'first\n',
      'other\n',
    ])
    t.is(
      await (sessions.get(transport) as Session).withZx({become: 'nobody'}, async $ => $`id -un; cat`.text()),
      'nobody\n',
    )
  })

  test(`${transport}: a connection that goes away rejects the command, and those after it`, async t => {
    const other = await startSshd()
    t.teardown(() => other.stop())
    const short = await connectSsh(other.target)
    await short.withZx({}, async $ => {
      const running = $`sleep 30`
      setTimeout(() => void short.close(), 500)
      await t.throwsAsync(() => running, {message: /connection was lost/})
      await t.throwsAsync(() => $`true`)
    })
  })
}
