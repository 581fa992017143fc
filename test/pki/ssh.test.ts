// User certificates, judged by ssh-keygen and by an sshd that trusts the authority.
import {appendFileSync, chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync} from 'node:fs'
import {userInfo} from 'node:os'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {run} from '../../lab/run.ts'
import {InvalidInput} from '../../src/diagnostic.ts'
import type {Desk} from '../../src/pki/desk.ts'
import {initSsh, issueSsh, revokeSsh, type SshOptions} from '../../src/pki/ssh-authority.ts'
import {daysLater, emptyDesk, later, monday, newDesk, vaultKey} from '../support/pki.ts'
import {keygen, startSshd} from '../support/sshd.ts'

const me = userInfo().username
const dayMs = 86_400_000

const sshDesk = async (t: ExecutionContext, now = monday): Promise<Desk> => {
  const desk = emptyDesk(t, now)
  await initSsh(desk, vaultKey)
  return desk
}
const at = ({place: {directory}}: Desk, name: string): string => join(directory, name)

/** A key pair of a person; the private key's file. */
const keyOf = (desk: Desk, name: string): string => {
  keygen(at(desk, name))
  return at(desk, name)
}
const request = (key: string, more: Partial<SshOptions> = {}): SshOptions => ({
  name: 'alice',
  publicKey: readFileSync(`${key}.pub`, 'utf8'),
  principals: [me],
  validMs: 30 * dayMs,
  sources: [],
  ...more,
})
const ruleOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof InvalidInput ? error.diagnostics.map(({rule}) => rule).join() : String(error)
}

test('a certificate says who, as whom, how long, from where, and allows no more than it has to', async t => {
  const desk = await sshDesk(t)
  const sources = ['192.0.2.0/24', '2001:db8::/32']
  const issued = await issueSsh(desk, request(keyOf(desk, 'key'), {principals: ['admin', 'root'], sources}))
  const env = {TZ: 'UTC'}
  const {stdout} = await run(['ssh-keygen', '-L', '-f', at(desk, 'ssh/alice-cert.pub')], {env})
  t.regex(stdout, /Type: ssh-ed25519-cert-v01@openssh\.com user certificate/)
  t.regex(stdout, /Key ID: "alice"\n/)
  t.regex(stdout, new RegExp(`Serial: ${issued.serial}\n`))
  t.regex(stdout, /Valid: from 2026-11-23T07:00:00 to 2026-12-23T08:00:00\n/)
  t.regex(stdout, /Principals: \n +admin\n +root\n/)
  t.regex(stdout, /Critical Options: \n +source-address 192\.0\.2\.0\/24,2001:db8::\/32\n/)
  t.regex(stdout, /Extensions: \n +permit-port-forwarding\n +permit-pty\n$/)
  const ofAuthority = await run(['ssh-keygen', '-l', '-f', at(desk, 'ssh/ca.pub')])
  t.regex(stdout, new RegExp(`Signing CA: ED25519 ${ofAuthority.stdout.split(' ')[1]?.replaceAll('+', '\\+')} `))
})

test('a revoked certificate is on the list; another one of the same person is not', async t => {
  const desk = await sshDesk(t)
  await issueSsh(desk, request(keyOf(desk, 'old')))
  copyFileSync(at(desk, 'ssh/alice-cert.pub'), at(desk, 'old-cert.pub'))
  await revokeSsh(desk, ['alice'], 'keyCompromise')
  await issueSsh(desk, request(keyOf(desk, 'new')))
  const asked = (file: string) => run(['ssh-keygen', '-Q', '-f', at(desk, 'ssh/revoked.krl'), at(desk, file)])
  t.is((await asked('old-cert.pub')).code, 1)
  t.is((await asked('ssh/alice-cert.pub')).code, 0)
  t.is(
    readFileSync(at(desk, 'ssh/revoked_keys'), 'utf8').trim(),
    readFileSync(at(desk, 'old.pub'), 'utf8').replace(/ test\n/, ''),
  )
  t.deepEqual(await revokeSsh(desk, ['alice'], 'unspecified').then(all => all.length), 1)
  t.deepEqual(await revokeSsh(desk, ['alice'], 'unspecified'), [])
})

test('what is not right is refused', async t => {
  const desk = await sshDesk(t)
  const key = keyOf(desk, 'key')
  const refused = (more: Partial<SshOptions>) => ruleOf(issueSsh(desk, request(key, more)))
  t.is(await refused({principals: []}), 'pki-principals')
  t.is(await refused({principals: ['root,admin']}), 'pki-principals')
  t.is(await refused({principals: ['-O']}), 'pki-principals')
  t.is(await refused({name: '-x'}), 'pki-name')
  t.is(await refused({publicKey: readFileSync(key, 'utf8')}), 'pki-ssh-key')
  t.is(await refused({publicKey: 'ssh-ed25519 AAAA'}), 'pki-ssh')
  t.is(await refused({publicKey: ''}), 'pki-ssh-key')
  t.is(await refused({sources: ['somewhere']}), 'pki-ssh')
  await issueSsh(desk, request(key))
  t.is(await refused({}), 'pki-valid')
  await issueSsh(later(desk, 31), request(key))
  t.is(await ruleOf(revokeSsh(desk, ['bob'], 'unspecified')), 'pki-unknown')
  await revokeSsh(desk, ['alice'], 'unspecified')
  t.is(await refused({}), 'pki-revoked')
  t.is(await ruleOf(initSsh(desk, vaultKey)), 'pki-exists')
  t.is(await ruleOf(issueSsh({...desk, keys: []}, request(keyOf(desk, 'other')))), 'vault-locked')
  const x509 = await newDesk(t)
  t.is(await ruleOf(issueSsh(x509, request(key))), 'pki-missing')
})

test('an authority may certify users of SSH alone, servers and clients alone, or both', async t => {
  const desk = await newDesk(t)
  await initSsh(desk, vaultKey)
  await issueSsh(desk, request(keyOf(desk, 'key')))
  for (const file of ['ca.crt', 'crl.pem', 'ssh/ca.pub', 'private/ca.key', 'private/ssh-ca.key'])
    t.true(existsSync(at(desk, file)))
})

for (const list of ['revoked.krl', 'revoked_keys'])
  test(`sshd lets a certificate in; not one that is revoked (${list}), over, for another name or of another authority`, async t => {
    const now = new Date()
    const desk = await sshDesk(t, now)
    // sshd reads as another user would.
    chmodSync(desk.place.directory, 0o755)
    const trust = [`TrustedUserCAKeys ${at(desk, 'ssh/ca.pub')}`, `RevokedKeys ${at(desk, `ssh/${list}`)}`]
    const server = await startSshd([...trust, 'AuthorizedKeysFile none', 'LogLevel VERBOSE'])
    t.teardown(() => server.stop())
    const knownHosts = at(desk, 'known_hosts')
    writeFileSync(knownHosts, '')
    appendFileSync(knownHosts, `[127.0.0.1]:${server.port} ${server.hostKey}\n`)
    const login = async (key: string, certificate: string): Promise<number> => {
      const options = [
        'BatchMode=yes',
        'IdentitiesOnly=yes',
        `UserKnownHostsFile=${knownHosts}`,
        `CertificateFile=${certificate}`,
      ]
      const words = ['-F', 'none', '-i', key, '-p', String(server.port), ...options.flatMap(option => ['-o', option])]
      return (await run(['ssh', ...words, `${me}@127.0.0.1`, 'true'], {timeoutMs: 60_000})).code
    }
    const issueTo = async (from: Desk, name: string, more: Partial<SshOptions> = {}): Promise<[string, string]> => {
      const key = keyOf(from, name)
      await issueSsh(from, request(key, {name, ...more}))
      return [key, at(from, `ssh/${name}-cert.pub`)]
    }
    const alice = await issueTo(desk, 'alice')
    t.is(await login(...alice), 0, server.log())
    t.regex(server.log(), /Accepted publickey for \S+ .*ED25519-CERT .* ID alice \(serial \d+\) CA ED25519/)

    t.is(await login(...(await issueTo({...desk, now: daysLater(-60, now)}, 'bob'))), 255)
    t.regex(server.log(), /Certificate invalid: expired/)
    t.is(await login(...(await issueTo(desk, 'carol', {principals: ['nobody-else']}))), 255)
    t.regex(server.log(), /does not contain an authorized principal|name is not a listed principal/)
    t.is(await login(...(await issueTo(desk, 'dave', {sources: ['203.0.113.0/24']}))), 255)
    t.is(await login(...(await issueTo(await sshDesk(t, now), 'eve'))), 255)

    await revokeSsh(desk, ['alice'], 'keyCompromise')
    t.is(await login(...alice), 255)
    t.regex(server.log(), /revoked/i)
    t.is(await login(...(await issueTo(desk, 'frank'))), 0, server.log())
  })
