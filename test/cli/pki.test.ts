import {createPrivateKey, X509Certificate} from 'node:crypto'
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {load} from 'js-yaml'
import {golden} from '../reporters/golden.ts'
import {keygen} from '../support/sshd.ts'
import {run} from './in-process.ts'

const monday = new Date('2026-11-23T08:00:00Z')

/** A site, and its authority on the command line at a time. */
const siteOf = (t: ExecutionContext) => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-pki-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  mkdirSync(join(directory, 'playbooks'))
  writeFileSync(join(directory, 'password'), 'a vault password\n')
  const env = {GATEWRIGHT_VAULT_PASSWORD_FILE: join(directory, 'password')}
  const pki = (line: string, {days = 0, cwd = directory} = {}) =>
    run(['pki', ...line.split(' ')], {cwd, env, now: () => new Date(monday.getTime() + days * 86_400_000)})
  return {directory, pki}
}
/** Serials and the directory are of chance. */
const masked = (text: string, directory: string): string =>
  text.replaceAll(directory, '').replaceAll(/[0-9a-f]{32}/g, serial => 'S'.repeat(serial.length))

test('from init to revocation, as it is shown', async t => {
  const {directory, pki} = siteOf(t)
  let shown = ''
  for (const [line, days] of [
    ['init --name Example', 0],
    ['issue vpn1.example.net --profile server --san 192.0.2.10', 0],
    ['issue alice --profile client', 0],
    ['issue alice --profile client', 0],
    ['list', 0],
    ['renew', 0],
    ['list', 370],
    ['renew', 370],
    ['renew', 370],
    ['revoke alice --reason keyCompromise', 371],
    ['revoke alice', 371],
    ['list', 371],
    ['list --all', 371],
    ['crl', 372],
    ['crl --force', 372],
    ['export alice', 372],
    ['renew --authority', 372],
    ['list', 800],
  ] as const) {
    const {code, stdout, stderr, connections} = await pki(line, {days})
    t.is(connections, 0)
    shown += `$ gatewright pki ${line}   # day ${days}\n${stdout}${stderr}exit code ${code}\n\n`
  }
  golden(t, import.meta.dirname, 'pki.txt', masked(shown, directory))
})

test('keys of tls-crypt-v2, as it is shown', async t => {
  const {directory, pki} = siteOf(t)
  for (const line of ['init', 'issue vpn1.example.net --profile server', 'issue alice --profile client'])
    await pki(line)
  let shown = ''
  for (const line of [
    'tls-crypt-v2',
    'tls-crypt-v2',
    'tls-crypt-v2 alice',
    'tls-crypt-v2 alice --again',
    'tls-crypt-v2 vpn1.example.net',
  ]) {
    const {code, stdout, stderr} = await pki(line)
    shown += `$ gatewright pki ${line}\n${stdout}${stderr}exit code ${code}\n\n`
  }
  golden(t, import.meta.dirname, 'pki-tls-crypt-v2.txt', masked(shown, directory))
  const keyOf = async (name: string) =>
    /^openvpn_tls_crypt_v2: !vault \|\n((?: .*\n)+)/m.exec((await pki(`export ${name}`)).stdout)?.[1]
  const file = (name: string) => readFileSync(join(directory, `pki/private/${name}.key`), 'utf8')
  t.is((await keyOf('alice'))?.replaceAll(/^ {2}/gm, ''), file('alice+tls-crypt-v2'))
  t.is((await keyOf('vpn1.example.net'))?.replaceAll(/^ {2}/gm, ''), file('tls-crypt-v2'))
})

test('certificates of SSH users, as it is shown', async t => {
  const {directory, pki} = siteOf(t)
  for (const name of ['alice', 'bob']) keygen(join(directory, name))
  let shown = ''
  for (const line of [
    'ssh-init',
    'ssh-init',
    'ssh-issue alice --key alice.pub --principals admin,root --valid 12h',
    'ssh-issue alice --key bob.pub --principals admin',
    'ssh-issue bob --key bob.pub --principals admin --source-address 192.0.2.0/24',
    'ssh-issue carol --key carol.pub --principals admin',
    'ssh-issue carol --key bob.pub --principals admin --valid soon',
    'ssh-revoke alice --reason privilegeWithdrawn',
    'ssh-revoke alice',
    'list',
  ]) {
    const {code, stdout, stderr} = await pki(line)
    shown += `$ gatewright pki ${line}\n${stdout}${stderr}exit code ${code}\n\n`
  }
  const serials = masked(shown, directory).replaceAll(/(serial |  )\d{15,}/g, '$1N')
  golden(t, import.meta.dirname, 'pki ssh.txt', serials.replaceAll(/(ssh-user.*) +N/g, '$1 N'))
})

test('keys of WireGuard, as it is shown', async t => {
  const {directory, pki} = siteOf(t)
  let shown = ''
  for (const [line, days] of [
    ['wireguard-key gw1-wg0', 0],
    ['wireguard-key gw1-wg0', 0],
    ['wireguard-key gw1-wg0 --psk branch', 0],
    ['wireguard-key gw1-wg0 --promote', 0],
    ['wireguard-key gw1-wg0 --next --promote', 0],
    ['list', 0],
    ['list', 340],
    ['wireguard-key gw1-wg0 --next', 340],
    ['list', 340],
    ['wireguard-key gw1-wg0 --promote', 341],
    ['list', 341],
    ['wireguard-key ../gw2', 341],
  ] as const) {
    const {code, stdout, stderr, connections} = await pki(line, {days})
    t.is(connections, 0)
    shown += `$ gatewright pki ${line}   # day ${days}\n${stdout}${stderr}exit code ${code}\n\n`
  }
  const keys = [...new Set(shown.match(/[A-Za-z0-9+/]{43}=/g))]
  t.is(keys.length, 2)
  golden(
    t,
    import.meta.dirname,
    'pki wireguard.txt',
    keys.reduce(
      (text, key, index) => text.replaceAll(key, `KEY${index + 1}`.padEnd(44, '=')),
      masked(shown, directory),
    ),
  )
  const completed = await run(['__complete', '--', 'pki', 'wireguard-key', 'g'], {cwd: directory})
  t.is(completed.stdout, 'gw1-wg0\n')
})

test('names of certificates are completed', async t => {
  const {directory, pki} = siteOf(t)
  const completed = async (...words: string[]): Promise<string> =>
    (await run(['__complete', '--', 'pki', ...words], {cwd: directory})).stdout
  t.is(await completed('renew', ''), '')
  await pki('init')
  for (const name of ['vpn2', 'vpn1', 'alice']) await pki(`issue ${name} --profile client`)
  t.is(await completed('renew', 'vpn'), 'vpn1\nvpn2\n')
  t.is(await completed('revoke', 'vpn1', ''), 'alice\nvpn2\n')
  t.is(await completed('ssh-revoke', ''), '')
  t.is(await completed('issue', 'x', '--profile', 's'), 'server\n')
})

test('list --json is for programs, and 2 says that something has to be done', async t => {
  const {pki} = siteOf(t)
  await pki('init')
  await pki('issue alice --profile client')
  t.is((await pki('list --json')).code, 0)
  const {code, stdout} = await pki('list --json', {days: 370})
  t.is(code, 2)
  const rows = JSON.parse(stdout) as readonly Record<string, unknown>[]
  t.deepEqual(
    rows.map(({name, kind, state, needsAction, daysLeft}) => [name, kind, state, needsAction, daysLeft]),
    [
      ['Gatewright CA', 'authority', 'valid', false, 3280],
      ['crl.pem', 'crl', 'expired', true, -190],
      ['alice', 'client', 'due', true, 27],
    ],
  )
})

test('export prints variables of a role, with the key still encrypted', async t => {
  const {directory, pki} = siteOf(t)
  await pki('init')
  await pki('issue vpn1 --profile server')
  const {stdout} = await pki('export vpn1 --prefix tunnel_')
  const file = (name: string): string => readFileSync(join(directory, 'pki', name), 'utf8')
  const values = load(stdout.replace('!vault ', '')) as Record<string, string>
  t.deepEqual(values, {
    tunnel_ca: file('ca.crt'),
    tunnel_crl: file('crl.pem'),
    tunnel_cert: file('issued/vpn1.crt'),
    tunnel_key: file('private/vpn1.key'),
  })
  writeFileSync(join(directory, 'vars.yml'), stdout)
  const view = ['vault', 'view', 'vars.yml', '--key', 'tunnel_key', '--vault-password-file', 'password']
  t.regex((await run(view, {cwd: directory})).stdout, /^-----BEGIN PRIVATE KEY-----\n/)
})

test('a playbook reads certificates and keys where they lie; the key is a secret', async t => {
  const {directory, pki} = siteOf(t)
  await pki('init')
  await pki('issue vpn1 --profile server')
  const write = (name: string, value: unknown): void => writeFileSync(join(directory, name), JSON.stringify(value))
  write('hosts.yml', {all: {hosts: {vpn1: null}}})
  mkdirSync(join(directory, 'group_vars'))
  write('group_vars/all.yml', {
    certificate: "{{ lookup('file', playbook_dir ~ '/../pki/issued/' ~ inventory_hostname ~ '.crt') }}",
    key: "{{ lookup('file', playbook_dir ~ '/../pki/private/' ~ inventory_hostname ~ '.key') }}",
  })
  const copied = join(directory, 'copied')
  const copy = {content: '{{ certificate }}\n{{ key }}\n', dest: copied, mode: '0600'}
  write('playbooks/site.yml', [{hosts: 'all', gather_facts: false, tasks: [{copy}]}])
  const play = (...more: string[]) =>
    run(['play', 'playbooks/site.yml', '-i', 'hosts.yml', '--diff', '-vvv', ...more], {cwd: directory})
  const locked = await play()
  t.is(locked.code, 5)
  t.regex(locked.stderr, /private\/vpn1\.key:1:1: .*encrypted with Ansible Vault.*\[vault-locked\]/)
  const {code, stdout, stderr} = await play('--vault-password-file', 'password')
  t.is(code, 0, stdout + stderr)
  const [certificate = '', key = ''] = readFileSync(copied, 'utf8').split(/(?<=END CERTIFICATE-----\n)/)
  t.is(certificate, readFileSync(join(directory, 'pki/issued/vpn1.crt'), 'utf8'))
  t.true(new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)))
  for (const line of key.split('\n').slice(1, -2)) t.false((stdout + stderr).includes(line))
  t.regex((await play('--vault-password-file', 'password')).stdout, /1 host: 1 unchanged/)
})

test('the authority is that of the site, also from a directory inside of it; another is named', async t => {
  const {directory, pki} = siteOf(t)
  const cwd = join(directory, 'playbooks')
  t.regex((await pki('list', {cwd})).stderr, /there is no certificate authority in .*pki\/, make one .*\[pki-missing\]/)
  t.is((await pki('init', {cwd})).code, 0)
  t.true(existsSync(join(directory, 'pki/index.json')))
  t.is((await pki('init --directory pki/branches', {cwd})).code, 0)
  t.true(existsSync(join(directory, 'pki/branches/index.json')))
})

test('without a vault password nothing is written', async t => {
  const {directory} = siteOf(t)
  writeFileSync(join(directory, 'empty'), '')
  const bad = await run(['pki', 'init', '--vault-password-file', 'empty'], {cwd: directory})
  t.is(bad.code, 5)
  t.regex(bad.stderr, /the vault password in .*empty is empty/)
  t.false(existsSync(join(directory, 'pki/index.json')))
  t.deepEqual(existsSync(join(directory, 'pki/ca.crt')), false)
})

const refuses = test.macro({
  async exec(t, line: string, said: RegExp) {
    const {pki} = siteOf(t)
    await pki('init')
    const {code, stderr} = await pki(line)
    t.is(code, 5)
    t.regex(stderr, said)
  },
  title: (_, line) => 'refused: gatewright pki ' + line,
})
test(refuses, 'init', /holds the authority 'Gatewright CA' already.*\[pki-exists\]/)
test(refuses, 'init --curve P-521', /Allowed choices are P-256, P-384/)
test(refuses, 'issue alice', /required option '--profile <profile>' not specified/)
test(refuses, 'issue ../alice --profile client', /'\.\.\/alice' cannot name a certificate.*\[pki-name\]/)
test(refuses, 'issue vpn1 --profile server --san 192.0.2.999', /'192\.0\.2\.999' is no host name and no address/)
test(refuses, 'issue alice --profile client --days 0', /whole number, 1 to 36500/)
test(refuses, 'issue alice --profile client --days 99999999', /whole number, 1 to 36500/)
test(refuses, 'renew bob', /has issued no certificate 'bob'.*\[pki-unknown\]/)
test(refuses, 'renew bob --authority', /--authority goes with neither names nor --new-key/)
test(refuses, 'revoke bob', /has issued no certificate 'bob'.*\[pki-unknown\]/)
test(refuses, 'revoke bob --reason whatever', /Allowed choices are/)
test(refuses, 'export bob', /has issued no certificate 'bob'.*\[pki-unknown\]/)
