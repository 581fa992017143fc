// Opened as OpenVPN's doc/tls-crypt-v2.txt says a server does it. That real servers do is seen in test/e2e/openvpn.test.ts.
import {createDecipheriv, createHmac} from 'node:crypto'
import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {InvalidInput} from '../../src/diagnostic.ts'
import {readIndex} from '../../src/pki/index-file.ts'
import {issue} from '../../src/pki/issue.ts'
import {openKey} from '../../src/pki/private-keys.ts'
import {revoke} from '../../src/pki/revocations.ts'
import {realDisk} from '../../src/pki/store.ts'
import {makeTlsCryptKeys, newClientKey, newServerKey} from '../../src/pki/tls-crypt.ts'
import {monday, newDesk, vaultKey} from '../support/pki.ts'

const bytesOf = (pem: string, label: string): Buffer => {
  const [, base64 = ''] =
    new RegExp(`^-----BEGIN OpenVPN tls-crypt-v2 ${label} key-----\n([^-]+)-----END .*-----\n$`).exec(pem) ?? []
  return Buffer.from(base64, 'base64')
}

/** The client's 256 bytes and the metadata, out of the part that it sends to its server. */
const unwrap = (serverPem: string, clientPem: string) => {
  const [server, client] = [bytesOf(serverPem, 'server'), bytesOf(clientPem, 'client')]
  const [own, wrapped] = [client.subarray(0, 256), client.subarray(256)]
  const length = wrapped.subarray(-2)
  const tag = wrapped.subarray(0, 32)
  const cipher = createDecipheriv('aes-256-ctr', server.subarray(0, 32), tag.subarray(0, 16))
  const plain = cipher.update(wrapped.subarray(32, -2))
  const expected = createHmac('sha256', server.subarray(64, 96)).update(length).update(plain).digest()
  const rest = plain.subarray(256)
  return {
    own: own.toString('hex'),
    inside: plain.subarray(0, 256).toString('hex'),
    isWhole: tag.equals(expected) && length.readUInt16BE() === wrapped.length,
    metadata: [rest[0], Number(rest.readBigUInt64BE(1)), rest.length],
  }
}

test('a server opens what was wrapped with its key, and not with another', t => {
  const [server, other] = [newServerKey(), newServerKey()]
  t.is(bytesOf(server, 'server').length, 128)
  const client = newClientKey(server, monday)
  const {own, inside, isWhole, metadata} = unwrap(server, client)
  t.is(inside, own)
  t.true(isWhole)
  t.deepEqual(metadata, [1, monday.getTime() / 1000, 9])
  t.false(unwrap(other, client).isWhole)
  t.not(unwrap(server, newClientKey(server, monday)).own, own)
  t.throws(() => newClientKey(client, monday), {message: /no server key/})
})

test('one key for all servers, one for each client; what is there stays', async t => {
  const desk = await newDesk(t)
  for (const name of ['alice', 'bob', 'carol']) await issue(desk, {name, profile: 'client', alternativeNames: []})
  await issue(desk, {name: 'vpn', profile: 'server', alternativeNames: ['vpn.example.net']})
  await revoke(desk, ['carol'], 'unspecified')
  t.deepEqual(await makeTlsCryptKeys(desk, {names: []}), {isNew: true, clients: ['alice', 'bob']})
  t.deepEqual(await makeTlsCryptKeys(desk, {names: []}), {isNew: false, clients: []})
  const server = openKey(desk.place, 'tls-crypt-v2', [vaultKey]).text
  const alice = openKey(desk.place, 'alice+tls-crypt-v2', [vaultKey]).text
  t.true(unwrap(server, alice).isWhole)
  await t.throwsAsync(makeTlsCryptKeys(desk, {names: ['alice']}), {instanceOf: InvalidInput, message: /alice/})
  await t.throwsAsync(makeTlsCryptKeys(desk, {names: ['vpn']}), {instanceOf: InvalidInput, message: /client 'vpn'/})
  await makeTlsCryptKeys(desk, {names: ['alice'], again: true})
  t.not(openKey(desk.place, 'alice+tls-crypt-v2', [vaultKey]).text, alice)
  t.is(openKey(desk.place, 'tls-crypt-v2', [vaultKey]).text, server)
})

test('a run that ends at any step is undone or completed by the next', async t => {
  for (let step = 0, ended = false; !ended; step++) {
    t.true(step < 20)
    const desk = await newDesk(t)
    await issue(desk, {name: 'alice', profile: 'client', alternativeNames: []})
    let steps = 0
    const counted =
      <Args extends readonly unknown[]>(act: (...args: Args) => void) =>
      (...args: Args): void => {
        if (steps++ >= step) throw new Error('killed')
        act(...args)
      }
    const disk = {
      write: counted(realDisk.write),
      rename: counted(realDisk.rename),
      remove: counted(realDisk.remove),
    }
    ended = await makeTlsCryptKeys({...desk, disk}, {names: []}).then(
      () => true,
      () => false,
    )
    await makeTlsCryptKeys(desk, {names: []})
    const server = openKey(desk.place, 'tls-crypt-v2', [vaultKey]).text
    t.true(unwrap(server, openKey(desk.place, 'alice+tls-crypt-v2', [vaultKey]).text).isWhole)
    t.deepEqual(readdirSync(join(desk.place.directory, 'private')).toSorted(), [
      'alice+tls-crypt-v2.key',
      'alice.key',
      'ca.key',
      'tls-crypt-v2.key',
    ])
    t.is(readIndex(desk.place)?.tlsCrypt?.clients.length, 1)
  }
})
