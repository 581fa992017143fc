// Facts about certificates, from what the authority and Debian's openssl write.
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {run} from '../../lab/run.ts'
import type {Fact} from '../../src/facts/fact.ts'
import {
  certificate,
  isKeyOf,
  isListSignedBy,
  isSignedBy,
  readCertificate,
  readRevocationList,
  revocationList,
  Secret,
} from '../../src/index.ts'
import {issue} from '../../src/pki/issue.ts'
import {openKey} from '../../src/pki/private-keys.ts'
import {revoke} from '../../src/pki/revocations.ts'
import {Unreadable} from '../../src/resources/resource.ts'
import {openssl} from '../support/openssl.ts'
import {emptyDesk, monday, newDesk, vaultKey} from '../support/pki.ts'

/** Asks this machine, at a time of the test's. */
const ask = async <Value>(t: ExecutionContext, fact: Fact<Value>, now = monday): Promise<Value> => {
  const fixed = fact.command.text.replace('date +%s', `echo ${now.getTime() / 1000}`)
  t.not(fixed, fact.command.text)
  const {code, stdout, stderr} = await run(['sh', '-c', fixed])
  return fact.parse({code, stdout, stderr})
}

test('a certificate and a list on a host: whose, which, and how many days are left', async t => {
  const desk = await newDesk(t)
  const at = (name: string): string => join(desk.place.directory, name)
  const {serial} = await issue(desk, {name: 'vpn1', profile: 'server', alternativeNames: []})
  t.deepEqual(await ask(t, certificate(at('issued/vpn1.crt'))), {
    subject: 'CN=vpn1',
    issuer: 'CN=Test CA',
    serial,
    from: new Date('2026-11-23T07:00:00Z'),
    until: new Date('2027-12-25T08:00:00Z'),
    purposes: ['1.3.6.1.5.5.7.3.1'],
    daysLeft: 397,
  })
  const empty = await ask(t, revocationList(at('crl.pem')), new Date('2027-05-22T08:00:01Z'))
  t.deepEqual(empty, {
    from: new Date('2026-11-23T07:00:00Z'),
    until: new Date('2027-05-22T08:00:00Z'),
    serials: [],
    daysLeft: -1,
  })
  await revoke(desk, ['vpn1'], 'superseded')
  t.deepEqual((await ask(t, revocationList(at('crl.pem'))))?.serials, [serial])
})

test('a file that is missing is no error, one that is no certificate is', async t => {
  const {directory} = emptyDesk(t).place
  const file = join(directory, 'x')
  t.is(await ask(t, certificate(file)), undefined)
  t.is(await ask(t, revocationList(file)), undefined)
  writeFileSync(file, 'no certificate\n')
  await t.throwsAsync(ask(t, certificate(file)), {instanceOf: Unreadable, message: /holds no certificate in PEM/})
  await t.throwsAsync(ask(t, revocationList(file)), {instanceOf: Unreadable})
})

for (const curve of ['P-256', 'P-384'] as const)
  test(`who signed a certificate and a list, and whose key it is: ${curve}`, async t => {
    const [desk, other] = [await newDesk(t, monday, curve), await newDesk(t, monday, curve)]
    const [mine, theirs] = [desk, other].map(({place}) => readFileSync(join(place.directory, 'ca.crt'), 'utf8'))
    const {pem} = await issue(desk, {name: 'vpn1', profile: 'server', alternativeNames: []})
    const {pem: foreign} = await issue(other, {name: 'vpn1', profile: 'server', alternativeNames: []})
    t.true(isSignedBy(pem, mine ?? '') && isSignedBy(pem, `${theirs}${mine}`))
    t.false(isSignedBy(pem, theirs ?? '') || isSignedBy(pem, '') || isSignedBy('x', mine ?? ''))
    const list = readFileSync(join(desk.place.directory, 'crl.pem'), 'utf8')
    t.true(isListSignedBy(list, mine ?? '') && isListSignedBy(list, `${theirs}${mine}`))
    t.false(isListSignedBy(list, theirs ?? '') || isListSignedBy('x', mine ?? '') || isListSignedBy(list, ''))
    const key = new Secret(openKey(desk.place, 'vpn1', [vaultKey]).text)
    t.true(isKeyOf(key, pem))
    t.false(isKeyOf(key, foreign) || isKeyOf(new Secret('x'), pem) || isKeyOf(key, 'x'))
  })

test('the clock is the host’s', t => {
  t.regex(certificate('/x').command.text, /^date \+%s; /)
})

test('lists of openssl are read: many entries, reasons, times beyond 2049, none revoked', async t => {
  const {directory} = emptyDesk(t).place
  const at = (name: string): string => join(directory, name)
  const database = [...Array(300).keys()].map(
    number =>
      `R\t300101000000Z\t260101000000Z${number % 2 ? ',keyCompromise' : ''}\t${(number + 1).toString(16).padStart(4, '0').toUpperCase()}\tunknown\t/CN=c${number}\n`,
  )
  writeFileSync(at('index.txt'), database.join(''))
  writeFileSync(at('none.txt'), '')
  const settings = ['[ca]', 'default_ca = ca_1', '[ca_1]', `database = ${at('index.txt')}`, 'default_md = sha256']
  writeFileSync(at('conf'), `${settings.join('\n')}\n`)
  writeFileSync(at('conf-none'), `${settings.join('\n').replace('index.txt', 'none.txt')}\n`)
  const made = await openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/O=Example/CN=Old CA',
    '-keyout',
    at('key'),
    '-out',
    at('ca'),
  )
  t.is(made.code, 0, made.stderr)
  t.is(readCertificate(readFileSync(at('ca'), 'utf8'))?.subject, 'O=Example\nCN=Old CA')
  const list = async (configuration: string, ...more: string[]) => {
    const key = ['-keyfile', at('key'), '-cert', at('ca')]
    const {code, stderr} = await openssl(
      'ca',
      '-gencrl',
      '-config',
      at(configuration),
      ...key,
      '-out',
      at('crl'),
      ...more,
    )
    t.is(code, 0, stderr)
    return readRevocationList(readFileSync(at('crl'), 'utf8'))
  }
  const times = ['-crl_lastupdate', '20261123070000Z', '-crl_nextupdate', '20610101000000Z']
  const full = await list('conf', ...times)
  t.deepEqual([full?.from, full?.until], [new Date('2026-11-23T07:00:00Z'), new Date('2061-01-01T00:00:00Z')])
  t.is(full?.serials.length, 300)
  t.deepEqual([full?.serials[0], full?.serials[299]], ['01', '012c'])
  t.deepEqual((await list('conf-none', ...times))?.serials, [])
})

test('text that is cut or spoilt anywhere is no list and never another one', async t => {
  const desk = await newDesk(t)
  const pem = readFileSync(join(desk.place.directory, 'crl.pem'), 'utf8')
  const whole = readRevocationList(pem)
  const der = Buffer.from(pem.replaceAll(/-----.*-----|\n/g, ''), 'base64')
  const again = (bytes: Buffer): string =>
    `-----BEGIN X509 CRL-----\n${bytes.toString('base64')}\n-----END X509 CRL-----\n`
  t.deepEqual(readRevocationList(`text before\n${again(der)}`), whole)
  for (let length = 0; length < der.length; length++)
    t.is(readRevocationList(again(der.subarray(0, length))), undefined)
  for (let at = 0; at < der.length; at++) {
    const spoilt = Buffer.from(der)
    spoilt[at] = 0xff
    t.notThrows(() => readRevocationList(again(spoilt)))
  }
})
