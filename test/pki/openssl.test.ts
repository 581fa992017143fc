// What the authority writes, judged by Debian's openssl.
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import type {Desk} from '../../src/pki/desk.ts'
import {issue} from '../../src/pki/issue.ts'
import {openKey} from '../../src/pki/private-keys.ts'
import {renewAuthority} from '../../src/pki/renew-authority.ts'
import {refreshList, revoke} from '../../src/pki/revocations.ts'
import {openssl} from '../support/openssl.ts'
import {daysLater, later, monday, newDesk, vaultKey} from '../support/pki.ts'

const at = ({place: {directory}}: Desk, name: string): string => join(directory, name)

/** `openssl verify` as a peer would at a time; the code and what was said. */
const verify = async (desk: Desk, name: string, when: Date, ...more: readonly string[]) => {
  const files = ['-CAfile', at(desk, 'ca.crt'), '-CRLfile', at(desk, 'crl.pem')]
  const time = ['-attime', String(Math.floor(when.getTime() / 1000))]
  const {code, stdout, stderr} = await openssl('verify', '-x509_strict', '-crl_check', ...files, ...time, ...more, name)
  return {code, said: stdout + stderr}
}

for (const curve of ['P-256', 'P-384'] as const)
  test(`certificates of servers and clients are what RFC 5280 asks for: ${curve}`, async t => {
    const desk = await newDesk(t, monday, curve)
    const names = ['vpn1.example.net', '*.example.net', '192.0.2.10', '2001:db8::10']
    await issue(desk, {name: 'vpn1', profile: 'server', alternativeNames: names})
    await issue(desk, {name: 'alice', profile: 'client', alternativeNames: []})
    const server = at(desk, 'issued/vpn1.crt')
    const client = at(desk, 'issued/alice.crt')
    t.is((await verify(desk, server, monday, '-purpose', 'sslserver', '-verify_ip', '2001:db8::10')).code, 0)
    t.is((await verify(desk, server, monday, '-purpose', 'sslserver', '-verify_hostname', 'vpn1.example.net')).code, 0)
    t.is((await verify(desk, client, monday, '-purpose', 'sslclient')).code, 0)
    t.regex((await verify(desk, client, monday, '-purpose', 'sslserver')).said, /unsuitable certificate purpose/)
    t.regex((await verify(desk, server, monday, '-purpose', 'sslclient')).said, /unsuitable certificate purpose/)

    const {stdout} = await openssl('x509', '-in', server, '-noout', '-text')
    const digest = curve === 'P-256' ? 'SHA256' : 'SHA384'
    t.regex(stdout, new RegExp(`Signature Algorithm: ecdsa-with-${digest}`))
    t.regex(stdout, new RegExp(`NIST CURVE: ${curve}`))
    t.regex(stdout, /Basic Constraints: critical\n +CA:FALSE/)
    t.regex(stdout, /Key Usage: critical\n +Digital Signature\n/)
    t.regex(stdout, /Extended Key Usage: \n +TLS Web Server Authentication\n/)
    t.regex(
      stdout,
      /DNS:vpn1.example.net, DNS:\*.example.net, IP Address:192.0.2.10, IP Address:2001:DB8:0:0:0:0:0:10\n/,
    )
    t.regex(stdout, /Not Before: Nov 23 07:00:00 2026 GMT\n +Not After : Dec 25 08:00:00 2027 GMT/)
    const authority = (await openssl('x509', '-in', at(desk, 'ca.crt'), '-noout', '-text')).stdout
    t.regex(authority, /Basic Constraints: critical\n +CA:TRUE, pathlen:0/)
    t.regex(authority, /Key Usage: critical\n +Certificate Sign, CRL Sign\n/)
    const [, identifier] = /Subject Key Identifier: \n +([0-9A-F:]+)/.exec(authority) ?? []
    t.regex(stdout, new RegExp(`Authority Key Identifier: \\n +${identifier}`))
  })

test('a private key is that of its certificate, and OpenSSL reads it', async t => {
  const desk = await newDesk(t)
  await issue(desk, {name: 'alice', profile: 'client', alternativeNames: []})
  const file = at(desk, 'opened')
  writeFileSync(file, openKey(desk.place, 'alice', [vaultKey]).text, {mode: 0o600})
  const ofKey = await openssl('pkey', '-in', file, '-pubout')
  const ofCertificate = await openssl('x509', '-in', at(desk, 'issued/alice.crt'), '-noout', '-pubkey')
  t.is(ofKey.code, 0)
  t.is(ofKey.stdout, ofCertificate.stdout)
})

test('what is revoked is refused, with its reason on the list; others are not', async t => {
  const desk = await newDesk(t)
  for (const name of ['alice', 'bob']) await issue(desk, {name, profile: 'client', alternativeNames: []})
  const before = await verify(desk, at(desk, 'issued/alice.crt'), monday)
  t.is(before.code, 0)
  const [revoked] = await revoke(desk, ['alice'], 'keyCompromise')
  t.regex((await verify(desk, at(desk, 'issued/alice.crt'), monday)).said, /certificate revoked/)
  t.is((await verify(desk, at(desk, 'issued/bob.crt'), monday)).code, 0)
  const {stdout, stderr} = await openssl(
    'crl',
    '-in',
    at(desk, 'crl.pem'),
    '-CAfile',
    at(desk, 'ca.crt'),
    '-noout',
    '-text',
  )
  t.regex(stderr, /verify OK/)
  t.regex(
    stdout,
    new RegExp(`Serial Number: ${revoked?.serial.toUpperCase()}\n.*\n.*\n.*Reason Code: \n +Key Compromise`),
  )
  t.regex(stdout, /CRL Number: \n +2\n/)
  t.regex(stdout, /Last Update: Nov 23 07:00:00 2026 GMT\n +Next Update: May 22 08:00:00 2027 GMT/)
})

test('what has ended is refused, certificate and list', async t => {
  const desk = await newDesk(t)
  await issue(desk, {name: 'alice', profile: 'client', alternativeNames: [], days: 200})
  const file = at(desk, 'issued/alice.crt')
  t.is((await verify(desk, file, daysLater(179))).code, 0)
  t.regex((await verify(desk, file, daysLater(181))).said, /CRL has expired/)
  await refreshList(later(desk, 100))
  t.is((await verify(desk, file, daysLater(199))).code, 0)
  t.regex((await verify(desk, file, daysLater(201))).said, /certificate has expired/)
})

test('a certificate of another authority of the same name is refused', async t => {
  const [desk, other] = [await newDesk(t), await newDesk(t)]
  await issue(other, {name: 'alice', profile: 'client', alternativeNames: []})
  t.not((await verify(desk, at(other, 'issued/alice.crt'), monday)).code, 0)
})

test('after the authority is renewed, what it issued before is good under the old and the new certificate', async t => {
  const desk = await newDesk(t)
  await issue(desk, {name: 'alice', profile: 'client', alternativeNames: [], days: 3200})
  const [old, then] = [readFileSync(at(desk, 'ca.crt')), daysLater(3001)]
  const next = later(desk, 3000)
  await renewAuthority(next)
  await issue(next, {name: 'bob', profile: 'client', alternativeNames: []})
  t.notDeepEqual(readFileSync(at(desk, 'ca.crt')), old)
  for (const name of ['alice', 'bob']) t.is((await verify(desk, at(desk, `issued/${name}.crt`), then)).code, 0)
  writeFileSync(at(desk, 'ca.crt'), old)
  for (const name of ['alice', 'bob']) t.is((await verify(desk, at(desk, `issued/${name}.crt`), then)).code, 0)
})
