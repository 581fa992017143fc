// Names, times and states of an authority; the clock is the test's.
import {X509Certificate} from 'node:crypto'
import {readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {InvalidInput} from '../../src/diagnostic.ts'
import type {Desk} from '../../src/pki/desk.ts'
import {type Index, readIndex} from '../../src/pki/index-file.ts'
import {initAuthority} from '../../src/pki/init.ts'
import {type IssueOptions, issue, renew} from '../../src/pki/issue.ts'
import {publicDer} from '../../src/pki/keys.ts'
import {overview} from '../../src/pki/overview.ts'
import {openKey} from '../../src/pki/private-keys.ts'
import {refreshList, revoke} from '../../src/pki/revocations.ts'
import {isVaulted} from '../../src/vault/envelope.ts'
import {emptyDesk, later, newDesk, vaultKey} from '../support/pki.ts'

const client = (name: string, more: Partial<IssueOptions> = {}): IssueOptions => ({
  name,
  profile: 'client',
  alternativeNames: [],
  ...more,
})
const indexOf = ({place}: Desk): Index => readIndex(place) ?? {version: 1}
const states = (desk: Desk, isAll = false): readonly string[] =>
  overview(indexOf(desk), desk.now, isAll).map(
    ({name, state, needsAction}) => `${name} ${state}${needsAction ? '!' : ''}`,
  )
const ruleOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return 'nothing refused'
  } catch (error) {
    if (error instanceof InvalidInput) return error.diagnostics.map(({rule}) => rule).join()
    throw error
  }
}

test('keys lie encrypted and for their owner alone, certificates for everybody', async t => {
  const desk = await newDesk(t)
  await issue(desk, client('alice'))
  const {directory} = desk.place
  const mode = (name: string): number => statSync(join(directory, name)).mode & 0o777
  t.is(mode('private'), 0o700)
  for (const name of ['ca', 'alice']) {
    t.is(mode(`private/${name}.key`), 0o600)
    t.true(isVaulted(readFileSync(join(directory, `private/${name}.key`))))
  }
  t.is(mode('issued/alice.crt') & 0o044, 0o044)
  t.notRegex(readFileSync(join(directory, 'index.json'), 'utf8'), /PRIVATE KEY/)
})

test('serials are 16 bytes of chance, positive, and never the same', async t => {
  const desk = await newDesk(t)
  const issued = []
  for (let count = 0; count < 20; count++) issued.push(await issue(desk, client('alice', {again: true})))
  for (const {serial, pem} of issued) {
    t.regex(serial, /^[4-7][0-9a-f]{31}$/)
    t.is(new X509Certificate(pem).serialNumber.toLowerCase(), serial)
  }
  t.is(new Set(issued.map(({serial}) => serial)).size, 20)
})

test('a name has one valid certificate, unless a second one is wanted', async t => {
  const desk = await newDesk(t)
  await issue(desk, client('alice'))
  t.is(await ruleOf(issue(desk, client('alice'))), 'pki-valid')
  t.is(await ruleOf(issue(desk, client('Alice'))), 'pki-name')
  await issue(desk, client('alice', {again: true}))
  t.deepEqual(states(desk).slice(2), ['alice replaced', 'alice valid'])
  await revoke(desk, ['alice'], 'unspecified')
  await issue(desk, client('alice'))
  t.deepEqual(states(desk).slice(2), ['alice valid'])
  const gone = later(desk, 398)
  await issue(gone, client('alice'))
  t.deepEqual(states(gone).slice(2), ['alice valid'])
})

const refusesName = test.macro({
  exec: async (t, name: string) => t.is(await ruleOf(issue(await newDesk(t), client(name))), 'pki-name'),
  title: (_, name) => `no name for a certificate: ${JSON.stringify(name)}`,
})
for (const name of [
  '',
  '../x',
  'a/b',
  '.x',
  'x.',
  'a..b',
  'a b',
  'ä',
  'a\nb',
  'x'.repeat(65),
  'ca',
  'CA',
  'ssh-ca',
  '$(x)',
])
  test(refusesName, name)

test('what a server is reached under is a host name or an address', async t => {
  const desk = await newDesk(t)
  const server = (name: string, ...alternativeNames: string[]) =>
    issue(desk, {name, profile: 'server', alternativeNames})
  for (const bad of ['a b', '192.0.2.300', '1.2.3', 'fe80::1%eth0', '-x.net', 'x..net', '*', 'a.*.net', ''])
    t.is(await ruleOf(server('vpn1', bad)), 'pki-name', bad)
  t.is(await ruleOf(server('vpn@1')), 'pki-name')
  t.is(new X509Certificate((await server('vpn1.example.net')).pem).subjectAltName, 'DNS:vpn1.example.net')
  const mapped = await server('vpn2', '::ffff:192.0.2.1', '2001:db8::', '::')
  t.is(
    new X509Certificate(mapped.pem).subjectAltName,
    'IP Address:0:0:0:0:0:FFFF:C000:201, IP Address:2001:DB8:0:0:0:0:0:0, IP Address:0:0:0:0:0:0:0:0',
  )
})

test('what has fewer than 30 days left is renewed, with the same key; the rest and a second run change nothing', async t => {
  const desk = await newDesk(t)
  await issue(desk, client('alice'))
  await issue(later(desk, 300), client('bob'))
  const soon = later(desk, 368)
  t.deepEqual(states(soon), ['Test CA valid', 'crl.pem expired!', 'alice due!', 'bob valid'])
  const {issued, list} = await renew(soon, {names: []})
  t.deepEqual(
    issued.map(({name}) => name),
    ['alice'],
  )
  t.is(list?.number, 2)
  t.deepEqual(states(soon), ['Test CA valid', 'crl.pem valid', 'alice replaced', 'bob valid', 'alice valid'])
  const [first, , second] = indexOf(desk).x509?.certificates ?? []
  t.deepEqual(publicDer(first?.pem ?? ''), publicDer(second?.pem ?? ''))
  const before = indexOf(desk)
  t.deepEqual(await renew(soon, {names: []}), {issued: [], list: undefined})
  t.deepEqual(indexOf(desk), before)
})

test('the bound is 30 days, or a third of a shorter life', async t => {
  const desk = await newDesk(t)
  await issue(desk, client('long'))
  await issue(desk, client('short', {days: 9}))
  t.deepEqual(states(later(desk, 5)).slice(2), ['long valid', 'short valid'])
  t.deepEqual(states(later(desk, 7)).slice(2), ['long valid', 'short due!'])
  t.is(states(later(desk, 367))[2], 'long valid')
  t.is(states(later(desk, 367.01))[2], 'long due!')
  const {issued} = await renew(later(desk, 7), {names: []})
  t.deepEqual(
    issued.map(({name, days}) => [name, days]),
    [['short', 9]],
  )
})

test('a certificate that has ended is renewed by name only; a revoked one never', async t => {
  const desk = await newDesk(t)
  await issue(desk, client('alice'))
  const gone = later(desk, 400)
  t.deepEqual(states(gone).slice(2), ['alice expired!'])
  t.deepEqual((await renew(gone, {names: []})).issued, [])
  t.is((await renew(gone, {names: ['alice', 'alice']})).issued.length, 1)
  await revoke(gone, ['alice'], 'superseded')
  t.is(await ruleOf(renew(gone, {names: ['alice']})), 'pki-revoked')
  t.is(await ruleOf(renew(gone, {names: ['alicia']})), 'pki-unknown')
  t.deepEqual(states(gone), ['Test CA valid', 'crl.pem valid', 'alice revoked'])
})

test('a new key comes with its certificate', async t => {
  const desk = await newDesk(t)
  await issue(desk, client('alice'))
  const keyOf = (): Buffer => publicDer(openKey(desk.place, 'alice', [vaultKey]).text)
  const old = keyOf()
  const {issued} = await renew(desk, {names: ['alice'], newKey: true})
  t.notDeepEqual(keyOf(), old)
  t.deepEqual(keyOf(), publicDer(issued[0]?.pem ?? ''))
})

test('nothing outlives its authority, and what would get no longer is not renewed for ever', async t => {
  const desk = await newDesk(t)
  const late = later(desk, 3640)
  await issue(late, client('alice'))
  t.deepEqual(states(late), ['Test CA due!', 'crl.pem expired!', 'alice valid'])
  t.is(indexOf(desk).x509?.certificates[0]?.until, indexOf(desk).x509?.until)
  const last = later(desk, 3648)
  t.true(states(last).includes('alice due!'))
  t.deepEqual((await renew(last, {names: []})).issued, [])
  t.is(await ruleOf(issue(later(desk, 3651), client('bob'))), 'pki-ended')
})

test('the revocation list is made anew when half of its time is over, or when it is forced to be', async t => {
  const desk = await newDesk(t)
  t.false((await refreshList(later(desk, 89))).isNew)
  t.true((await refreshList(desk, true)).isNew)
  t.is((await refreshList(later(desk, 91))).list.number, 3)
  t.false((await refreshList(later(desk, 92))).isNew)
})

test('a name stands for all its certificates, a serial for one in any notation', async t => {
  const desk = await newDesk(t)
  const first = await issue(desk, client('alice'))
  const second = await issue(desk, client('alice', {again: true}))
  const third = await issue(desk, client('alice', {again: true}))
  const shown = second.serial.toUpperCase().replaceAll(/..(?=.)/g, '$&:')
  t.deepEqual(
    (await revoke(desk, [shown], 'superseded')).map(({serial}) => serial),
    [second.serial],
  )
  t.deepEqual(
    (await revoke(desk, ['alice'], 'keyCompromise')).map(({serial}) => serial),
    [first.serial, third.serial],
  )
  t.deepEqual(await revoke(desk, ['alice', first.serial], 'unspecified'), [])
  const reasons = indexOf(desk).x509?.certificates.map(({revoked}) => revoked?.reason)
  t.deepEqual(reasons, ['keyCompromise', 'superseded', 'keyCompromise'])
  t.is(await ruleOf(revoke(desk, ['bob'], 'unspecified')), 'pki-unknown')
})

test('what is not right about the files is refused', async t => {
  const empty = emptyDesk(t)
  t.is(await ruleOf(issue(empty, client('alice'))), 'pki-missing')
  const desk = await newDesk(t)
  const file = (name: string): string => join(desk.place.directory, name)
  t.is(await ruleOf(initAuthority(desk, {name: 'Other', curve: 'P-256', vaultKey})), 'pki-exists')
  t.is(await ruleOf(issue({...desk, keys: []}, client('alice'))), 'vault-locked')
  t.is(
    await ruleOf(issue({...desk, keys: [{...vaultKey, password: () => Buffer.from('x')}]}, client('a'))),
    'vault-password',
  )
  const key = readFileSync(file('private/ca.key'))
  writeFileSync(file('private/ca.key'), openKey(desk.place, 'ca', [vaultKey]).text)
  t.is(await ruleOf(issue(desk, client('alice'))), 'pki-plain-key')
  const other = await newDesk(t)
  writeFileSync(file('private/ca.key'), readFileSync(join(other.place.directory, 'private/ca.key')))
  t.is(await ruleOf(issue(desk, client('alice'))), 'pki-key')
  writeFileSync(file('private/ca.key'), key)
  await issue(desk, client('alice'))
  rmSync(join(other.place.directory, 'index.json'))
  t.is(await ruleOf(initAuthority(other, {name: 'Other', curve: 'P-256', vaultKey})), 'pki-exists')
  writeFileSync(file('index.json'), readFileSync(file('index.json')).subarray(0, 400))
  t.is(await ruleOf(issue(desk, client('bob'))), 'pki-index')
})
