// Keys of WireGuard on the control machine; what wg(8) makes of them is seen in the lab.
import {createPrivateKey, createPublicKey, diffieHellman} from 'node:crypto'
import {existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {InvalidInput} from '../../src/diagnostic.ts'
import {wireguardRows} from '../../src/pki/overview.ts'
import {makePresharedKey, makeWireguardKey, promoteWireguardKey, readWireguardKeys} from '../../src/pki/wireguard.ts'
import {openAt} from '../../src/vault/keyring.ts'
import {isWireguardKey, newPresharedKey, newWireguardKey, wireguardPublicKey} from '../../src/wireguard-key.ts'
import {daysLater, emptyDesk, monday, vaultKey} from '../support/pki.ts'

const deskOf = (t: ExecutionContext) => {
  const {place} = emptyDesk(t)
  const read = (name: string): string => readFileSync(join(place.directory, 'wireguard', name), 'utf8')
  const opened = (name: string): string =>
    openAt(read(name), {file: name, line: 1, column: 1}, [vaultKey]).toString().trim()
  return {desk: {place, now: monday, vaultKey}, place, read, opened}
}
const ruleOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return 'nothing refused'
  } catch (error) {
    if (error instanceof InvalidInput) return error.diagnostics.map(({rule}) => rule).join()
    throw error
  }
}

/** SubjectPublicKeyInfo of X25519 (RFC 8410) around a point. */
const point = (bytes: Buffer) =>
  createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), bytes]),
    format: 'der',
    type: 'spki',
  })

test('a public key is the private one times the base point (RFC 7748, 6.1)', t => {
  const base = Buffer.alloc(32)
  base[0] = 9
  for (let count = 0; count < 10; count++) {
    const text = newWireguardKey()
    const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), Buffer.from(text, 'base64')])
    const privateKey = createPrivateKey({key: der, format: 'der', type: 'pkcs8'})
    t.is(wireguardPublicKey(text), diffieHellman({privateKey, publicKey: point(base)}).toString('base64'))
  }
})

test('a key lies encrypted and for its owner alone, its public half for everybody', async t => {
  const {desk, place, read, opened} = deskOf(t)
  const {publicKey, created} = await makeWireguardKey(desk, 'gw1-wg0')
  t.is(created, '2026-11-23')
  t.is(read('gw1-wg0.pub'), `${publicKey}\n`)
  t.is(wireguardPublicKey(opened('gw1-wg0.key')), publicKey)
  t.is(statSync(join(place.directory, 'wireguard/gw1-wg0.key')).mode & 0o777, 0o600)
  for (const file of readdirSync(join(place.directory, 'wireguard')))
    t.false(read(file).includes(opened('gw1-wg0.key')), file)
})

test('the next key comes beside the present one, and takes its place once', async t => {
  const {desk, place, read, opened} = deskOf(t)
  t.is(await ruleOf(makeWireguardKey(desk, 'a', {next: true})), 'pki-missing')
  t.is(await ruleOf(promoteWireguardKey(place, 'a')), 'pki-missing')
  const first = await makeWireguardKey(desk, 'a')
  t.is(await ruleOf(makeWireguardKey(desk, 'a')), 'pki-exists')
  t.is(await ruleOf(promoteWireguardKey(place, 'a')), 'pki-missing')
  const next = await makeWireguardKey({...desk, now: daysLater(360)}, 'a', {next: true})
  t.is(await ruleOf(makeWireguardKey(desk, 'a', {next: true})), 'pki-exists')
  t.deepEqual([read('a.pub'), read('a.next.pub')], [`${first.publicKey}\n`, `${next.publicKey}\n`])
  t.deepEqual(await promoteWireguardKey(place, 'a'), next)
  t.is(wireguardPublicKey(opened('a.key')), next.publicKey)
  t.is(read('a.pub'), `${next.publicKey}\n`)
  for (const file of ['a.next.pub', 'a.next.key']) t.false(existsSync(join(place.directory, 'wireguard', file)))
  t.deepEqual(readWireguardKeys(place), {a: next})
})

test('a promotion that was killed half way is completed by the next one', async t => {
  const {desk, place, opened} = deskOf(t)
  await makeWireguardKey(desk, 'a')
  const next = await makeWireguardKey(desk, 'a', {next: true})
  const file = (name: string): string => join(place.directory, 'wireguard', name)
  renameSync(file('a.next.key'), file('a.key'))
  await promoteWireguardKey(place, 'a')
  t.is(wireguardPublicKey(opened('a.key')), next.publicKey)
  t.is(readWireguardKeys(place)['a']?.publicKey, next.publicKey)
})

test('two devices have one secret, whoever is named first', async t => {
  const {desk, opened} = deskOf(t)
  t.is(await makePresharedKey(desk, 'gw1', 'branch'), 'pki/wireguard/branch+gw1.psk')
  t.is(await ruleOf(makePresharedKey(desk, 'branch', 'gw1')), 'pki-exists')
  t.is(Buffer.from(opened('branch+gw1.psk'), 'base64').length, 32)
})

test('names that could be another file are refused, and so is a damaged list', async t => {
  const {desk, place} = deskOf(t)
  for (const name of ['../a', 'a/b', '', 'a.next', 'a+b'])
    t.is(await ruleOf(makeWireguardKey(desk, name)), 'pki-name', name)
  t.is(await ruleOf(makePresharedKey(desk, 'a', 'b/c')), 'pki-name')
  await makeWireguardKey(desk, 'a')
  writeFileSync(join(place.directory, 'wireguard/keys.json'), '{')
  t.is(await ruleOf(makeWireguardKey(desk, 'b')), 'pki-index')
})

test('two runs at a time lose no key', async t => {
  const {desk, place} = deskOf(t)
  await Promise.all(['a', 'b', 'c', 'd'].map(name => makeWireguardKey(desk, name)))
  t.deepEqual(Object.keys(readWireguardKeys(place)), ['a', 'b', 'c', 'd'])
})

test('a key of a year is due, one that has its successor needs nothing more', t => {
  const made = {publicKey: newPresharedKey(), created: '2026-11-23'}
  const stateAfter = (days: number, more = {}): string => {
    const [row] = wireguardRows({a: {...made, ...more}}, daysLater(days))
    return `${row?.state} ${row?.daysLeft}${row?.needsAction ? '!' : ''}`
  }
  t.deepEqual(
    [0, 334, 336, 366].map(days => stateAfter(days)),
    ['valid 364', 'valid 30', 'due 28!', 'expired -2!'],
  )
  t.is(stateAfter(400, {next: made}), 'expired -36')
})

test('what a key is', t => {
  const key = newWireguardKey()
  t.true(isWireguardKey(key))
  const bytes = Buffer.from(key, 'base64')
  t.is((bytes[0] ?? 0) & 7, 0)
  t.is((bytes[31] ?? 0) & 192, 64)
  for (const text of ['', 'garbage', `${key}=`, key.slice(1), key.replace(/.=$/, 'B=')]) {
    t.false(isWireguardKey(text), text)
    t.is(wireguardPublicKey(text), undefined)
  }
})
