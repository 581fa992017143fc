import {execFileSync, spawn} from 'node:child_process'
import {mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {userInfo} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test, {type ExecutionContext} from 'ava'
import {connect} from '../../src/transport/connect.ts'
import {
  type Outcome,
  type Session,
  type Target,
  TransportError,
  type TransportFault,
} from '../../src/transport/transport.ts'
import {delayProxy} from '../support/delay-proxy.ts'
import {freePort, keygen, startSshd, type TestServer} from '../support/sshd.ts'
import {addUser, removeUser} from '../support/users.ts'

const isRoot = userInfo().uid === 0
const rootTest = isRoot ? test : test.skip

let server: TestServer
test.before(async () => {
  server = await startSshd(['PasswordAuthentication yes'])
  if (isRoot) for (const user of Object.values(users)) addUser(user)
})
test.after.always(async () => {
  if (isRoot) for (const user of Object.values(users)) removeUser(user)
  await server?.stop()
})

const id = process.pid.toString(36)
const password = 'S3cret of the test'
/** Accounts of this machine that live as long as this test. */
const users = {
  free: {name: `gw-free-${id}`, shell: '/bin/bash', password, sudoers: 'ALL=(ALL) NOPASSWD: ALL'},
  asked: {name: `gw-asked-${id}`, shell: '/bin/sh', password, sudoers: 'ALL=(ALL) ALL'},
  plain: {name: `gw-plain-${id}`, shell: '/bin/bash', password, sudoers: ''},
  closed: {name: `gw-closed-${id}`, shell: '/usr/sbin/nologin', password, sudoers: ''},
}
const refused = async (
  t: ExecutionContext,
  fault: TransportFault,
  attempt: Promise<unknown>,
): Promise<TransportError> => {
  const error = await t.throwsAsync(attempt, {instanceOf: TransportError})
  t.is(error.fault, fault, error.message)
  t.is(error.host, 'gw-test')
  t.log(error.message)
  return error
}

const texts = (outcomes: readonly Outcome[]) =>
  outcomes.map(outcome => (outcome.status === 'done' ? outcome.stdout : outcome.status))

const knownHosts = (name: string, text: string): {knownHosts: string[]} => {
  const file = join(mkdtempSync(join(server.directory, 'known-')), name)
  writeFileSync(file, text)
  return {knownHosts: [file]}
}

for (const transport of ['ssh2', 'openssh'] as const) {
  const connectSsh = (target: Target) => connect({...target, transport})
  const open = async (t: ExecutionContext, changes: Partial<Target> = {}): Promise<Session> => {
    const session = await connectSsh({...server.target, ...changes})
    t.teardown(() => session.close())
    return session
  }

  test(`${transport}: one request brings all answers; the same options give the same shell`, async t => {
    const session = await open(t)
    const shell = session.shell({})
    t.is(shell, session.shell({}))
    t.deepEqual(
      texts(
        await shell.request([
          {id: 'a', script: 'echo $$'},
          {id: 'b', script: 'cat', input: Buffer.from('in\n\n')},
          {id: 'c', script: 'locale | grep LC_ALL'},
        ]),
      ).slice(1),
      ['in\n\n', 'LC_ALL=C\n'],
    )
    const hello = await shell.hello()
    t.is(hello.mode, 'rw')
    t.is(hello.uid, userInfo().uid)
  })

  test.serial(`${transport}: 200 fragments in one request take well under 1.5 s`, async t => {
    const shell = (await open(t)).shell({})
    await shell.hello()
    const start = performance.now()
    const outcomes = await shell.request(
      Array.from({length: 200}, (_, n) => ({id: `f${n}`, script: `stat -c '%a %U %s' /etc/hosts; echo ${n}`})),
    )
    t.log(`200 fragments: ${Math.round(performance.now() - start)} ms`)
    t.is(outcomes.length, 200)
    t.regex(texts(outcomes)[199] ?? '', /root.*\n199\n$/)
  })

  test(`${transport}: a big input and a big output cross the channel whole`, async t => {
    const shell = (await open(t)).shell({})
    const input = Buffer.alloc(8_000_000, 'abcdefg\n')
    const [both] = await shell.request([{id: 'both', script: 'cat', input}])
    t.true(both?.status === 'done' && both.stdout === input.toString())
  })

  test(`${transport}: round trips: login has a handful, each request after it has one`, async t => {
    const proxy = await delayProxy(server.port, 20)
    t.teardown(() => proxy.close())
    const line = `[127.0.0.1]:${proxy.port} ${server.hostKey}\n`
    const session = await open(t, {port: proxy.port, ...knownHosts('proxied', line)})
    const connected = proxy.turnarounds()
    const shell = session.shell({})
    await shell.hello()
    const greeted = proxy.turnarounds()
    await shell.request([{id: 'facts', script: 'uname -a'}])
    const first = proxy.turnarounds()
    await shell.request(Array.from({length: 50}, (_, n) => ({id: `p${n}`, script: 'true'})))
    const second = proxy.turnarounds()
    t.log(
      `turnarounds: connect and login ${connected}, shell ${greeted - connected}, request ${first - greeted}, 50 probes ${second - first}`,
    )
    t.is(first - greeted, 1)
    t.is(second - first, 1)
    t.true(greeted - connected <= 3)
  })

  rootTest(`${transport}: the shell of check mode cannot write, and says so`, async t => {
    const session = await open(t)
    const shell = session.shell({readOnly: true})
    const [write, nothing] = await shell.request([
      {id: 'write', script: `touch ${server.directory}/x`},
      {id: 'null', script: 'echo x >/dev/null && echo 1 2>&1 | cat && echo 1 >/proc/sys/vm/swappiness'},
    ])
    const {mode} = await shell.hello()
    if (mode === 'refused') return t.log('this machine grants no mount namespace')
    t.not(mode, 'rw')
    t.true(write?.status === 'done' && write.code !== 0 && write.stderr.includes('Read-only'))
    t.true(nothing?.status === 'done' && nothing.code !== 0 && nothing.stdout === '1\n')
    t.deepEqual(texts(await session.shell({}).request([{id: 'w', script: `touch ${server.directory}/x && echo ok`}])), [
      'ok\n',
    ])
  })

  test(`${transport}: an unknown host key is refused with its fingerprint and the line that accepts it`, async t => {
    const error = await refused(t, 'host-key', connectSsh({...server.target, ...knownHosts('empty', '')}))
    const print = execFileSync('ssh-keygen', ['-lf', join(server.directory, 'host.pub')], {encoding: 'utf8'}).split(
      ' ',
    )[1] as string
    t.true(error.message.includes(print))
    if (transport === 'openssh') return
    const [, line = ''] = /echo '(.*)' >> /.exec(error.message) ?? []
    await open(t, knownHosts('accepted', `${line}\n`))
  })

  test(`${transport}: a changed, revoked or certified-only host key is refused`, async t => {
    keygen(join(server.directory, `other-${transport}`))
    const [type, key] = readFileSync(join(server.directory, `other-${transport}.pub`), 'utf8').split(' ')
    const name = `[127.0.0.1]:${server.port}`
    const changed = await refused(
      t,
      'host-key',
      connectSsh({...server.target, ...knownHosts('changed', `${name} ${type} ${key}\n`)}),
    )
    t.is(changed.message.match(/SHA256:/g)?.length, 2)
    await refused(
      t,
      'host-key',
      connectSsh({
        ...server.target,
        ...knownHosts('revoked', `${name} ${server.hostKey}\n@revoked * ${server.hostKey}\n`),
      }),
    )
    await refused(
      t,
      'host-key',
      connectSsh({...server.target, ...knownHosts('authority', `@cert-authority * ${type} ${key}\n`)}),
    )
    await refused(t, 'host-key', connectSsh({...server.target, hostKeys: [`${type} ${key}`]}))
    await open(t, {hostKeys: [server.hostKey], knownHosts: []})
  })

  test(`${transport}: a refused login names the account and the keys`, async t => {
    const other = join(server.directory, `stranger-${transport}`)
    keygen(other)
    const error = await refused(t, 'login-refused', connectSsh({...server.target, keyFiles: [other]}))
    t.true(error.message.includes(other) && error.message.includes(server.target.user))
  })

  test(`${transport}: keys that are missing or encrypted are named before anything is sent`, async t => {
    await refused(t, 'login-refused', connectSsh({...server.target, keyFiles: ['/no/such/key']}))
    const locked = join(server.directory, `locked-${transport}`)
    keygen(locked, 'a passphrase')
    const error = await refused(t, 'login-refused', connectSsh({...server.target, keyFiles: [locked]}))
    t.regex(error.message, /encrypted; add it to the ssh agent/)
  })

  test.serial(`${transport}: without a key file the agent is asked`, async t => {
    const socket = join(server.directory, `agent-${transport}`)
    const agent = spawn('ssh-agent', ['-D', '-a', socket], {stdio: 'ignore'})
    const before = process.env['SSH_AUTH_SOCK']
    t.teardown(() => {
      agent.kill()
      if (before === undefined) delete process.env['SSH_AUTH_SOCK']
      else process.env['SSH_AUTH_SOCK'] = before
    })
    await sleep(300)
    delete process.env['SSH_AUTH_SOCK']
    await refused(t, 'login-refused', connectSsh({...server.target, keyFiles: []}))
    process.env['SSH_AUTH_SOCK'] = socket
    await refused(t, 'login-refused', connectSsh({...server.target, keyFiles: []}))
    execFileSync('ssh-add', ['-q', join(server.directory, 'user')], {stdio: 'ignore'})
    await open(t, {keyFiles: []})
  })

  test(`${transport}: nothing listens: refused, tried again within the connect timeout only`, async t => {
    const port = await freePort()
    const error = await refused(t, 'unreachable', connectSsh({...server.target, port}))
    t.regex(error.message, /nothing listens on port|Connection refused/)
    const hasty = await t.throwsAsync(connectSsh({...server.target, port, connectTimeoutMs: 1000}))
    // Whichever comes first on this machine.
    t.regex(hasty.message, /nothing listens on port|Connection refused|did not answer within 1 s/)
  })

  test(`${transport}: a connection that is refused at first is tried again`, async t => {
    const port = await freePort()
    const proxied = knownHosts('late', `[127.0.0.1]:${port} ${server.hostKey}\n`)
    const connecting = connectSsh({...server.target, ...proxied, port})
    const late = createServer(socket => socket.destroy())
    late.listen(port, '127.0.0.1')
    t.teardown(() => void late.close())
    const error = await refused(t, 'unreachable', connecting)
    t.regex(error.message, /during the key exchange|kex_exchange/)
  })

  test(`${transport}: a server that is silent is given up after the connect timeout`, async t => {
    const silent = createServer(() => {})
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    t.teardown(() => void silent.close())
    const {port} = silent.address() as {port: number}
    const start = performance.now()
    const error = await refused(t, 'timeout', connectSsh({...server.target, port, connectTimeoutMs: 700}))
    t.true(performance.now() - start < 9000)
    t.regex(error.message, /did not answer within 0.7 s/)
  })

  test(`${transport}: a server that resets during the key exchange is tried three times`, async t => {
    let connections = 0
    const resetting = createServer(socket => {
      connections += 1
      socket.write('SSH-2.0-OpenSSH_9.2\r\n', () => socket.resetAndDestroy())
    })
    await new Promise<void>(resolve => resetting.listen(0, '127.0.0.1', resolve))
    t.teardown(() => void resetting.close())
    const {port} = resetting.address() as {port: number}
    await refused(t, 'unreachable', connectSsh({...server.target, port}))
    t.is(connections, 3)
  })

  test(`${transport}: a frozen server is noticed within the keepalive time`, async t => {
    const frozen = await startSshd()
    t.teardown(() => frozen.stop())
    const session = await connectSsh({...frozen.target, keepaliveMs: 1500})
    const shell = session.shell({})
    let start = 0
    const request = shell.request([{id: 'long', script: 'sleep 30'}], {
      onStart: () => {
        frozen.signalSessions('SIGSTOP')
        start = performance.now()
      },
    })
    const error = await refused(t, 'timeout', request)
    const took = performance.now() - start
    t.log(`noticed after ${Math.round(took)} ms of 1500`)
    t.true(took < 6000)
    t.is(error.fragment, 'long')
    await refused(t, 'timeout', shell.request([{id: 'next', script: 'true'}]))
    await session.close()
  })

  test(`${transport}: an idle connection to a living server is kept, however long a fragment takes`, async t => {
    const session = await open(t, {keepaliveMs: 1500})
    t.deepEqual(texts(await session.shell({}).request([{id: 'slow', script: 'sleep 5; echo there'}])), ['there\n'])
  })

  test(`${transport}: a connection that is cut names the fragment`, async t => {
    const proxy = await delayProxy(server.port)
    t.teardown(() => proxy.close())
    const session = await open(t, {
      port: proxy.port,
      ...knownHosts('cut', `[127.0.0.1]:${proxy.port} ${server.hostKey}\n`),
    })
    const request = session.shell({}).request(
      [
        {id: 'done', script: 'echo done'},
        {id: 'running', script: 'sleep 30'},
        {id: 'never', script: 'true'},
      ],
      {onStart: fragment => fragment === 'running' && proxy.cut()},
    )
    const error = await refused(t, 'connection-lost', request)
    t.is(error.fragment, 'running')
    t.deepEqual([...error.answered.keys()], ['done'])
    await refused(t, 'connection-lost', session.shell({readOnly: true}).request([{id: 'new', script: 'true'}]))
  })

  test(`${transport}: a fragment that kills the shell is named`, async t => {
    const session = await open(t)
    const error = await refused(
      t,
      'shell-died',
      session.shell({}).request([{id: 'killer', script: 'kill -9 $$; sleep 5'}]),
    )
    t.is(error.fragment, 'killer')
  })

  test(`${transport}: closing is quiet, and what was open fails as lost`, async t => {
    const session = await open(t)
    const request = session.shell({}).request([{id: 'long', script: 'sleep 2'}])
    await session.shell({}).hello()
    const failed = refused(t, 'connection-lost', request)
    await session.close()
    await failed
    await session.close()
  })

  const as = ({name}: {name: string}, more: Partial<Target> = {}): Partial<Target> => ({user: name, ...more})

  rootTest(`${transport}: a noisy login shell disturbs nothing, and become is a shell of its own`, async t => {
    const session = await open(t, as(users.free))
    const [own, root] = await Promise.all([
      session.shell({}).request([{id: 'me', script: 'id -un'}]),
      session.shell({become: 'root'}).request([{id: 'root', script: 'id -un; cat', input: Buffer.from('x')}]),
    ])
    t.deepEqual([texts(own), texts(root)], [[`${users.free.name}\n`], ['root\nx']])
    const check = session.shell({become: 'root', readOnly: true})
    t.is((await check.hello()).uid, 0)
    t.is((await session.shell({readOnly: true}).hello()).mode, 'refused')
  })

  rootTest(`${transport}: become with a password, and each way in which sudo refuses`, async t => {
    const session = await open(t, as(users.asked, {become: {password}}))
    t.deepEqual(
      texts(
        await session.shell({become: 'root'}).request([{id: 'id', script: 'id -u; cat', input: Buffer.from('in')}]),
      ),
      ['0\nin'],
    )
    const request = async (target: Partial<Target>) =>
      (await open(t, target)).shell({become: 'root'}).request([{id: 'id', script: 'id -u'}])
    const wrong = await refused(t, 'become-refused', request(as(users.asked, {become: {password: 'wrong'}})))
    t.false(wrong.message.includes('wrong:'))
    const missing = await refused(t, 'become-refused', request(as(users.asked)))
    t.regex(missing.message, /a password is required/)
    await refused(t, 'become-refused', request(as(users.plain, {become: {password}})))
    await refused(t, 'become-refused', request(as(users.plain)))
    t.deepEqual(
      texts(
        await (await open(t, as(users.free, {become: {password}})))
          .shell({become: 'root'})
          .request([{id: 'id', script: 'id -u'}]),
      ),
      ['0\n'],
    )
  })

  rootTest(`${transport}: login by password, and an account without a shell`, async t => {
    const session = await open(t, as(users.plain, {keyFiles: [], password}))
    t.deepEqual(texts(await session.shell({}).request([{id: 'id', script: 'id -un'}])), [`${users.plain.name}\n`])
    const error = await refused(
      t,
      'login-refused',
      (await open(t, as(users.closed))).shell({}).request([{id: 'id', script: 'id'}]),
    )
    t.regex(error.message, /did not start \/bin\/sh/)
    await refused(
      t,
      'login-refused',
      connectSsh({...server.target, ...as(users.plain, {keyFiles: [], password: 'no'})}),
    )
  })
}
