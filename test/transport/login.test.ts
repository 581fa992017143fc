import {execFileSync, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {userInfo} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import anyTest, {type ExecutionContext} from 'ava'
import {connecting} from '../../src/transport/connect.ts'
import {noMeans} from '../../src/transport/means.ts'
import {type Session, type Target, TransportError} from '../../src/transport/transport.ts'
import {keygen, startSshd, type TestServer} from '../support/sshd.ts'
import {addUser, removeUser, type TestUser} from '../support/users.ts'

// One after the other: some look at the agent of the whole process.
const test = anyTest.serial
const isRoot = userInfo().uid === 0
const rootTest = isRoot ? test : test.skip

let server: TestServer
const password = 'S3cret of the test'
const id = process.pid.toString(36)
const users = {
  plain: {name: `gw-lplain-${id}`, shell: '/bin/sh', password, sudoers: ''},
  asked: {name: `gw-lasked-${id}`, shell: '/bin/sh', password, sudoers: 'ALL=(ALL) ALL'},
  target: {name: `gw-ltarget-${id}`, shell: '/bin/sh', password: 'the other one', sudoers: ''},
} satisfies Record<string, TestUser>

anyTest.before(async () => {
  server = await startSshd(['PasswordAuthentication yes', 'MaxAuthTries 3', 'LogLevel VERBOSE'])
  if (isRoot) for (const user of Object.values(users)) addUser(user)
})
anyTest.after.always(async () => {
  if (isRoot) for (const user of Object.values(users)) removeUser(user)
  await server?.stop()
})

const directory = (): string => mkdtempSync(join(server.directory, 'files-'))
const key = (name: string, passphrase = ''): string => {
  const file = join(directory(), name)
  keygen(file, passphrase)
  return file
}
/** Lets the user of the test log in with this key too. */
const admit = (file: string): void => {
  const authorized = join(server.directory, 'user.pub')
  writeFileSync(authorized, `${readFileSync(authorized, 'utf8')}${readFileSync(`${file}.pub`, 'utf8')}`)
}
const me = async (session: Session, become?: string): Promise<string> => {
  const [outcome] = await session
    .shell(become === undefined ? {} : {become})
    .request([{id: 'me', script: 'id -un; cat', input: Buffer.from('given')}])
  return outcome?.status === 'done' ? outcome.stdout : 'skipped'
}
const withAgent = async (t: ExecutionContext, files: readonly string[]): Promise<void> => {
  const socket = join(directory(), 'agent')
  const agent = spawn('ssh-agent', ['-D', '-a', socket], {stdio: 'ignore'})
  const before = process.env['SSH_AUTH_SOCK']
  t.teardown(() => {
    agent.kill()
    if (before === undefined) delete process.env['SSH_AUTH_SOCK']
    else process.env['SSH_AUTH_SOCK'] = before
  })
  process.env['SSH_AUTH_SOCK'] = socket
  const add = (file: string) => execFileSync('ssh-add', ['-q', file], {stdio: 'ignore'})
  for (const file of files)
    for (let tries = 0; ; tries += 1)
      try {
        add(file)
        break
      } catch (error) {
        if (tries > 100) throw error
        await sleep(20)
      }
}

for (const transport of ['ssh2', 'openssh'] as const) {
  const open = async (t: ExecutionContext, changes: Partial<Target> = {}, means = {...noMeans}): Promise<Session> => {
    const session = await connecting(means)({...server.target, transport, ...changes})
    t.teardown(() => session.close())
    return session
  }
  const refused = async (t: ExecutionContext, changes: Partial<Target>): Promise<TransportError> => {
    const error = await t.throwsAsync(open(t, changes), {instanceOf: TransportError})
    t.log(error.message)
    return error
  }
  const self = `${userInfo().username}\ngiven`

  test(`${transport}: an encrypted key is opened by its passphrase, from a variable or typed`, async t => {
    const locked = key('locked', 'open sesame')
    admit(locked)
    const only = {keyFiles: [locked], agent: 'none'}
    t.is(await me(await open(t, {...only, passphrase: 'open sesame'})), self)
    t.is(await me(await open(t, only, {...noMeans, passphrases: new Map([[locked, 'open sesame']])})), self)
    const error = await refused(t, {...only, passphrase: 'wrong'})
    t.is(error.fault, 'login-refused')
    t.regex(error.message, /passphrase/)
  })

  test(`${transport}: an encrypted key whose plain half the agent has needs no passphrase`, async t => {
    const locked = key('held', 'open sesame')
    admit(locked)
    const plain = join(directory(), 'plain')
    execFileSync('cp', [locked, plain])
    execFileSync('ssh-keygen', ['-q', '-p', '-P', 'open sesame', '-N', '', '-f', plain])
    await withAgent(t, [plain])
    t.is(await me(await open(t, {keyFiles: [locked]})), self)
    t.is(await me(await open(t, {keyFiles: [`${locked}.pub`]})), self)
  })

  test(`${transport}: keys that are named come before the others of an agent; without a name there are too many`, async t => {
    const many = ['a', 'b', 'c', 'd', 'e'].map(name => key(name))
    const right = key('right')
    admit(right)
    await withAgent(t, [...many, right])
    t.is(await me(await open(t, {keyFiles: [right], ...(transport === 'openssh' && {identitiesOnly: true})})), self)
    t.is(await me(await open(t, {keyFiles: [right], identitiesOnly: true})), self)
    const error = await refused(t, {keyFiles: []})
    t.is(error.fault, 'login-refused')
    t.regex(error.message, /[Tt]oo many authentication failures|MaxAuthTries/)
  })

  test(`${transport}: keys of no use burn no attempt, and an agent that is gone is no agent`, async t => {
    const useless = ['x', 'y', 'z'].map(name => key(name, 'a passphrase nobody knows'))
    const right = key('last')
    admit(right)
    process.env['SSH_AUTH_SOCK'] = '/no/such/agent'
    t.teardown(() => void delete process.env['SSH_AUTH_SOCK'])
    if (transport === 'ssh2') t.is(await me(await open(t, {keyFiles: [...useless, '/no/such/key', right]})), self)
    t.is(await me(await open(t, {keyFiles: [right]})), self)
  })

  rootTest(`${transport}: keyboard-interactive, and the password given once`, async t => {
    const asking = await startSshd(['KbdInteractiveAuthentication yes', 'PasswordAuthentication no', 'UsePAM yes'])
    t.teardown(() => asking.stop())
    const target = {...asking.target, user: users.plain.name, keyFiles: []}
    t.is(await me(await open(t, {...target, password})), `${users.plain.name}\ngiven`)
    const error = await refused(t, {...target, password: 'no'})
    t.is(error.fault, 'login-refused')
    t.is(asking.log().match(/Failed|authentication failure/gi)?.length ?? 0, 1, asking.log())
  })

  rootTest(`${transport}: su with its password, without one and with a wrong one, for shells and tasks`, async t => {
    const user = users.plain.name
    const su = (more: object = {}) => open(t, {user, become: {method: 'su', ...more}})
    const session = await su({password: users.target.password})
    t.is(await me(session, users.target.name), `${users.target.name}\ngiven`)
    t.is(
      await session.withZx({become: users.target.name}, async $ => $({input: 'in'})`id -un; cat`.text()),
      `${users.target.name}\nin`,
    )
    const start = performance.now()
    const wrong = await t.throwsAsync(me(await su({password: 'wrong'}), users.target.name))
    t.regex(wrong.message, /su does not let this user become .*; correct the become password/)
    t.true(performance.now() - start < 9000)
    const none = await t.throwsAsync(me(await su(), users.target.name))
    t.regex(none.message, /a password is required; give the become password \(--ask-become-pass/)
    t.is(await me(await open(t, {become: {method: 'su'}}), users.target.name), `${users.target.name}\ngiven`)
    const task = (await su({password: 'wrong'})).withZx({become: users.target.name}, async $ => $`id`)
    await t.throwsAsync(task, {message: /[Aa]uthentication failure/})
  })

  rootTest(`${transport}: tasks become by sudo with a password, are killed, and pipe`, async t => {
    const session = await open(t, {user: users.asked.name, become: {password}})
    await session.withZx({become: 'root'}, async $ => {
      t.is(await $({input: 'in'})`id -un; cat`.text(), 'root\nin')
      t.is(await $`printf 'b\na\n'`.pipe`sort`.text(), 'a\nb\n')
      const late = $`sleep 60`.nothrow().timeout('500ms')
      t.is((await late).signal, 'SIGTERM')
    })
    const wrong = await open(t, {user: users.asked.name, become: {password: 'wrong'}})
    await t.throwsAsync(
      wrong.withZx({become: 'root'}, async $ => $`id`),
      {message: /correct the become password/},
    )
    const free = await open(t, {become: {password: 'never asked for', flags: ['-H']}})
    t.is(
      await free.withZx({become: users.target.name}, async $ => $({input: 'x'})`echo $HOME; cat`.text()),
      `/home/${users.target.name}\nx`,
    )
    t.is(await me(free, users.target.name), `${users.target.name}\ngiven`)
    const other = await open(t, {become: {executable: '/no/such/sudo'}})
    await t.throwsAsync(me(other, users.target.name), {message: /no\/such\/sudo/})
  })

  test(`${transport}: a new host key is accepted once and filed, hashed where the file is; a changed one never`, async t => {
    const file = join(directory(), 'sub', 'known_hosts')
    const notes: string[] = []
    const means = {...noMeans, note: (text: string) => void notes.push(text)}
    const accepting = {knownHosts: [file], acceptNew: true}
    if (transport === 'openssh') execFileSync('mkdir', ['-p', join(file, '..')])
    t.is(await me(await open(t, accepting, means)), self)
    const print = execFileSync('ssh-keygen', ['-lf', join(server.directory, 'host.pub')], {encoding: 'utf8'}).split(' ')
    t.is(notes.length, 1)
    t.true(notes[0]?.includes(print[1] as string) && notes[0].includes(file))
    const text = readFileSync(file, 'utf8')
    t.is(text, `[127.0.0.1]:${server.port} ${server.hostKey}\n`)
    await open(t, accepting, means)
    await open(t, {knownHosts: [file]}, means)
    t.is(readFileSync(file, 'utf8'), text)
    t.is(notes.length, 1)

    writeFileSync(file, `gw1 ${server.hostKey}`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], {stdio: 'ignore'})
    await open(t, accepting, means)
    t.notRegex(readFileSync(file, 'utf8'), /127\.0\.0\.1/)
    t.is(readFileSync(file, 'utf8').trim().split('\n').length, 2)
    await open(t, {knownHosts: [file]}, means)

    const stranger = readFileSync(`${key('stranger')}.pub`, 'utf8')
    const changed = `[127.0.0.1]:${server.port} ${stranger}`
    writeFileSync(file, changed)
    const error = await t.throwsAsync(open(t, accepting), {instanceOf: TransportError})
    t.is(error.fault, 'host-key')
    t.is(readFileSync(file, 'utf8'), changed)
  })
}

test('openssh: certificates of users, and a server that speaks sntrup761 only', async t => {
  const authority = key('authority')
  const user = key('certified')
  const name = userInfo().username
  execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'test', '-n', name, `${user}.pub`])
  const strict = await startSshd([
    `TrustedUserCAKeys ${authority}.pub`,
    'AuthorizedKeysFile none',
    'KexAlgorithms sntrup761x25519-sha512@openssh.com',
  ])
  t.teardown(() => strict.stop())
  const target = {...strict.target, keyFiles: [user], agent: 'none'}
  const session = await connecting()({...target, transport: 'openssh'})
  t.teardown(() => session.close())
  t.is(await me(session), `${name}\ngiven`)
  const error = await t.throwsAsync(connecting()(target), {instanceOf: TransportError})
  t.regex(error.message, /no algorithm in common: the transport openssh may have one/)
})

test('openssh: a program that is missing, options of the user, and nothing left behind', async t => {
  const {target} = server
  const missing = await t.throwsAsync(
    connecting()({...target, transport: 'openssh', openssh: {executable: '/no/such/ssh'}}),
  )
  t.regex(missing.message, /\/no\/such\/ssh cannot be started/)
  const own = {config: 'none', arguments: ['-o', 'SetEnv=WHICH=own']}
  const session = await connecting()({...target, transport: 'openssh', openssh: own})
  await session.shell({}).hello()
  t.is(masters().length, 1)
  await session.close()
  t.deepEqual(masters(), [])
})

test('openssh: no connection outlives an engine that is killed', async t => {
  const {hostKeys: _keys, ...target} = server.target
  const script = `
    import {connecting} from './src/transport/connect.ts'
    const session = await connecting()(${JSON.stringify({...target, transport: 'openssh'})})
    await session.shell({}).hello()
    console.log('connected')
    setInterval(() => undefined, 1000)`
  const engine = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(engine.stdout, 'data')
  t.is(masters().length, 1)
  engine.kill('SIGKILL')
  const deadline = performance.now() + 10_000
  while (masters().length > 0 && performance.now() < deadline) await sleep(20)
  t.deepEqual(masters(), [])
})

/** Command lines of the connections to the test's server that live now. */
const masters = (): readonly string[] =>
  execFileSync('ps', ['-e', '-o', 'args='], {encoding: 'utf8'})
    .split('\n')
    .filter(line => line.includes(` -N -M `) && line.includes(`Port=${server.port} `))

rootTest('local: the same session on this machine, become by sudo and su, tasks too', async t => {
  const target: Target = {...server.target, transport: 'local', become: {password: 'none'}}
  const session = await connecting()(target)
  t.teardown(() => session.close())
  t.is(await me(session), `${userInfo().username}\ngiven`)
  t.is(await me(session, users.target.name), `${users.target.name}\ngiven`)
  await session.withZx({become: users.target.name}, async $ => {
    t.is(await $`id -un`.text(), `${users.target.name}\n`)
    t.is((await $`kill -TERM $$`.nothrow()).signal, 'SIGTERM')
    t.is((await $`sleep 60`.nothrow().timeout('300ms')).signal, 'SIGTERM')
  })
  const su = await connecting()({...target, become: {method: 'su'}})
  t.teardown(() => su.close())
  t.is(await me(su, users.target.name), `${users.target.name}\ngiven`)
  const check = session.shell({readOnly: true})
  t.not((await check.hello()).mode, 'rw')
  const running = session.shell({}).request([{id: 'long', script: 'sleep 5'}])
  await session.close()
  await t.throwsAsync(running, {message: /connection to gw-test was closed/})
})
