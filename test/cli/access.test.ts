import {spawn} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir, userInfo} from 'node:os'
import {join} from 'node:path'
import anyTest from 'ava'
import {keygen, startSshd, type TestServer} from '../support/sshd.ts'
import {addUser, removeUser} from '../support/users.ts'

const test = userInfo().uid === 0 ? anyTest.serial : anyTest.serial.skip
const root = join(import.meta.dirname, '../..')
const home = mkdtempSync(join(tmpdir(), 'gatewright-access-'))
const user = {
  name: `gw-cli-${process.pid.toString(36)}`,
  shell: '/bin/sh',
  password: 'S3cret of the test',
  sudoers: 'ALL=(ALL) ALL',
}
let server: TestServer
let hop: TestServer
anyTest.before(async () => {
  ;[server, hop] = await Promise.all([startSshd(['PasswordAuthentication yes']), startSshd()])
  if (userInfo().uid === 0) addUser(user)
})
anyTest.after.always(async () => {
  if (userInfo().uid === 0) removeUser(user)
  await Promise.all([server?.stop(), hop?.stop()])
  rmSync(home, {recursive: true, force: true})
})

const file = (name: string, text: string): string => {
  writeFileSync(join(home, name), text)
  return join(home, name)
}
type Result = {readonly code: number | null; readonly stdout: string; readonly stderr: string}
const gatewright = (words: readonly string[], input = ''): Promise<Result> =>
  new Promise(resolve => {
    const {SSH_AUTH_SOCK: _agent, ...env} = process.env
    const child = spawn('sh', [join(root, 'bin/gatewright'), ...words], {cwd: home, env: {...env, HOME: home}})
    const said = {stdout: '', stderr: ''}
    child.stdout.on('data', chunk => (said.stdout += String(chunk)))
    child.stderr.on('data', chunk => (said.stderr += String(chunk)))
    child.once('close', code => resolve({code, ...said}))
    child.stdin.end(input)
  })
const inventory = (name: string, variables: Record<string, unknown>): string =>
  file(
    name,
    JSON.stringify({
      all: {
        hosts: {gw1: {ansible_host: '127.0.0.1', ansible_port: server.port}},
        vars: {gatewright_known_hosts: server.target.knownHosts[0], ...variables},
      },
    }),
  )
const exec = (hosts: string, words: readonly string[], input?: string): Promise<Result> =>
  gatewright(['exec', '-i', hosts, ...words, 'all', '--', 'id -un'], input)

test('passwords are asked for, or read from files, for the login and for sudo', async t => {
  const hosts = inventory('password.yml', {ansible_user: user.name, gatewright_ssh_config: 'none'})
  const refused = await exec(hosts, [])
  t.is(refused.code, 4, refused.stdout + refused.stderr)
  t.regex(refused.stdout + refused.stderr, /--ask-pass/)
  const asked = await exec(hosts, ['-k'], `${user.password}\n`)
  t.regex(asked.stdout, new RegExp(user.name), asked.stdout + asked.stderr)
  t.is(asked.stderr, 'SSH password: \n')
  const needed = await exec(hosts, ['-k', '-b'], `${user.password}\n`)
  t.is(needed.code, 3)
  t.regex(needed.stdout + needed.stderr, /--ask-become-pass/)
  const both = await exec(hosts, ['-k', '-K', '-b'], `${user.password}\n\n`)
  t.regex(both.stdout, /root/, both.stdout + both.stderr)
  const secret = file('password', `${user.password}\n`)
  const files = await exec(hosts, ['-b', '--connection-password-file', secret, '--become-password-file', secret])
  t.regex(files.stdout, /root/, files.stdout + files.stderr)
  const wrong = await exec(hosts, ['-b', '--connection-password-file', secret, '--become-password-file', hosts])
  t.is(wrong.code, 3)
  t.regex(wrong.stdout + wrong.stderr, /correct the become password/)
  const missing = await exec(hosts, ['--become-password-file', 'none'])
  t.is(missing.code, 5)
  t.regex(missing.stderr, /the file of --become-password-file, none, cannot be read/)
})

for (const transport of ['ssh2', 'openssh'])
  test(`${transport}: ssh_config with a jump host and accept-new`, async t => {
    const known = file(`known-${transport}`, '')
    const key = join(home, `key-${transport}`)
    keygen(key)
    const admitted = readFileSync(`${key}.pub`, 'utf8')
    for (const {directory} of [server, hop]) writeFileSync(join(directory, 'user.pub'), admitted, {flag: 'a'})
    const config = file(
      `config-${transport}`,
      `Host bastion\n  HostName 127.0.0.1\n  Port ${hop.port}\nHost *\n  User root\n  IdentityFile ${key}\n  ProxyJump bastion\n  UserKnownHostsFile ${known}\nMatch originalhost bastion\n  ProxyJump none\n`.replace(
        /^Host bastion/,
        'Host bastion\n  ProxyJump none',
      ),
    )
    const hosts = inventory(`jump-${transport}.yml`, {gatewright_known_hosts: known})
    const words = ['--ssh-config', config, '--transport', transport]
    const unknown = await exec(hosts, words)
    t.is(unknown.code, 4, unknown.stdout + unknown.stderr)
    t.regex(unknown.stdout + unknown.stderr, /at the jump host bastion: the host key of .* is not known/)
    const accepted = await exec(hosts, [...words, '--accept-new'])
    t.is(accepted.code, 0, accepted.stdout + accepted.stderr)
    t.is(accepted.stderr.match(/the new host key ssh-ed25519 SHA256:/g)?.length, 2, accepted.stderr)
    const again = await exec(hosts, words)
    t.is(again.code, 0, again.stdout + again.stderr)
    t.is(again.stderr, '')
  })

test('a jump host of the inventory has its own connection variables; options of ssh in ansible_ssh_common_args', async t => {
  const [key, known] = [
    server.target.keyFiles[0],
    file(
      'known-both',
      `${readFileSync(server.target.knownHosts[0] ?? '', 'utf8')}${readFileSync(hop.target.knownHosts[0] ?? '', 'utf8')}`,
    ),
  ]
  const hosts = (more: Record<string, unknown>): string =>
    file(
      'inventory-jump.yml',
      JSON.stringify({
        all: {
          vars: {
            ansible_host: '127.0.0.1',
            ansible_user: 'root',
            gatewright_ssh_config: 'none',
            gatewright_known_hosts: known,
          },
          hosts: {
            bastion: {ansible_port: hop.port, ansible_ssh_private_key_file: hop.target.keyFiles[0]},
            gw1: {ansible_port: server.port, ansible_ssh_private_key_file: key, ...more},
          },
        },
      }),
    )
  const before = hop.log().split('Accepted publickey').length
  const named = await exec(hosts({gatewright_jump: 'bastion'}), ['-l', 'gw1'])
  t.is(named.code, 0, named.stdout + named.stderr)
  writeFileSync(join(hop.directory, 'user.pub'), readFileSync(`${key}.pub`), {flag: 'a'})
  const words = `-o ControlMaster=auto -J root@127.0.0.1:${hop.port}`
  const given = await exec(hosts({ansible_ssh_common_args: words}), ['-l', 'gw1'])
  t.is(given.code, 0, given.stdout + given.stderr)
  const openssh = await exec(hosts({ansible_ssh_common_args: words, gatewright_transport: 'openssh'}), ['-l', 'gw1'])
  t.is(openssh.code, 0, openssh.stdout + openssh.stderr)
  t.is(hop.log().split('Accepted publickey').length - before, 3)
})

test('ansible_connection: local reaches this machine', async t => {
  const hosts = file('local.yml', 'all: {hosts: {here: {ansible_connection: local}}}\n')
  const {code, stdout, stderr} = await exec(hosts, [])
  t.is(code, 0, stdout + stderr)
  t.regex(stdout, /root/)
})
