import {execFileSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {
  fingerprintOf,
  hostKeyAlgorithms,
  judge,
  keyTypeOf,
  knownName,
  parseKnownHosts,
} from '../../src/transport/known-hosts.ts'
import {keygen} from '../support/sshd.ts'

const directory = mkdtempSync(join(tmpdir(), 'gatewright-known-'))
test.after.always(() => rmSync(directory, {recursive: true, force: true}))

const newKey = (name: string) => {
  const file = join(directory, name)
  keygen(file)
  const [type = '', key = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ')
  return {line: `${type} ${key}`, blob: Buffer.from(key, 'base64'), file}
}
const [ours, theirs] = [newKey('ours'), newKey('theirs')]

const verdict = (text: string, address = 'gw1', port = 22, blob = ours.blob) =>
  judge(parseKnownHosts(text, 'kh'), address, port, blob).is

test('a key is known under its name, with its port unless that is 22', t => {
  t.is(knownName('GW1', 22), 'gw1')
  t.is(knownName('127.0.0.1', 2222), '[127.0.0.1]:2222')
  t.is(verdict(`gw1,gw2 ${ours.line} a comment\n`), 'known')
  t.is(verdict(`gw1 ${ours.line}`, 'GW1'), 'known')
  t.is(verdict(`gw1 ${ours.line}`, 'gw1', 2222), 'unknown')
  t.is(verdict(`[gw1]:2222 ${ours.line}`, 'gw1', 2222), 'known')
  t.is(verdict(`fe80::1 ${ours.line}`, 'fe80::1'), 'known')
  t.is(verdict(`# gw1 ${ours.line}\n\n`), 'unknown')
})

test('another key of the same type means changed, of another type unknown', t => {
  t.is(verdict(`gw1 ${theirs.line}`), 'changed')
  t.is(verdict(`gw1 ${theirs.line}\ngw1 ${ours.line}`), 'known')
  t.is(verdict(`gw1 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==`), 'unknown')
})

test('patterns match and negations exclude', t => {
  t.is(verdict(`gw? ${ours.line}`), 'known')
  t.is(verdict(`*.example,!gw1.example ${ours.line}`, 'gw1.example'), 'unknown')
  t.is(verdict(`*.example,!gw1.example ${ours.line}`, 'gw2.example'), 'known')
  t.is(verdict(`[gw*]:2222 ${ours.line}`, 'gw1', 2222), 'known')
  t.is(verdict(`gw.1 ${ours.line}`, 'gwx1'), 'unknown')
})

test('a revoked key is refused whatever else says it is good', t => {
  t.is(verdict(`gw1 ${ours.line}\n@revoked * ${ours.line}`), 'revoked')
  t.is(verdict(`gw1 ${ours.line}\n@revoked * ${theirs.line}`), 'known')
  t.is(verdict(`@revoked gw1 ${ours.line}`), 'revoked')
})

test('a certificate authority alone vouches for nothing', t => {
  t.is(verdict(`@cert-authority *.example ${ours.line}`, 'gw1.example'), 'authority')
  t.is(verdict(`@cert-authority * ${theirs.line}\ngw1 ${ours.line}`), 'known')
})

test('hashed names as ssh-keygen writes them, and fingerprints as it prints them', t => {
  const file = join(directory, 'hashed')
  writeFileSync(file, `[10.0.0.1]:2222 ${ours.line}\ngw1 ${theirs.line}\n`)
  execFileSync('ssh-keygen', ['-q', '-H', '-f', file], {stdio: 'ignore'})
  const text = readFileSync(file, 'utf8')
  t.false(text.includes('10.0.0.1'))
  t.is(verdict(text, '10.0.0.1', 2222), 'known')
  t.is(verdict(text), 'changed')
  t.is(verdict(text, 'gw3'), 'unknown')
  t.true(
    execFileSync('ssh-keygen', ['-l', '-f', `${ours.file}.pub`], {encoding: 'utf8'}).includes(fingerprintOf(ours.blob)),
  )
  t.is(keyTypeOf(ours.blob), 'ssh-ed25519')
})

test('the server is asked first for the kinds of key that are filed', t => {
  const entries = parseKnownHosts('gw1 ssh-rsa AAAA\ngw2 ecdsa-sha2-nistp256 AAAA', 'kh')
  t.deepEqual(hostKeyAlgorithms(entries, 'gw1', 22).slice(0, 3), ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519'])
  t.is(hostKeyAlgorithms(entries, 'gw2', 22)[0], 'ecdsa-sha2-nistp256')
  t.is(hostKeyAlgorithms([], 'gw2', 22)[0], 'ssh-ed25519')
})
