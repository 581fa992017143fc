import test from 'ava'
import ssh2 from 'ssh2'
import {newSshKeyPair, type SshKeyPair} from '../../src/pki/ssh-key-pair.ts'

const whole = newSshKeyPair('whole')

/** As ssh2 1.17.0 writes it when the key begins with a zero byte: 31 bytes instead of 32. */
const cutOff = ((): string => {
  const blob = Buffer.from(whole.public.split(' ')[1] ?? '', 'base64')
  const short = Buffer.concat([blob.subarray(0, 15), Buffer.from([0, 0, 0, 31]), blob.subarray(20)])
  return `ssh-ed25519 ${short.toString('base64')} whole`
})()

test('a malformed pair, and keys that do not belong together, are thrown away', t => {
  const other = newSshKeyPair('other')
  const made: SshKeyPair[] = [{...whole, public: cutOff}, {...whole, public: other.public}, whole]
  t.true(ssh2.utils.parseKey(cutOff) instanceof Error)
  t.is(
    newSshKeyPair('whole', () => made.shift() ?? other),
    whole,
  )
  t.deepEqual(made, [])
})

test('a pair has its comment and is read by ssh2', t => {
  t.regex(whole.public, /^ssh-ed25519 [A-Za-z0-9+/=]{68} whole$/)
  t.false(ssh2.utils.parseKey(whole.private) instanceof Error)
})
