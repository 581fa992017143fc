import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {InvalidInput} from '../../src/diagnostic.ts'
import {seal} from '../../src/vault/cipher.ts'
import {isVaulted, writeEnvelope} from '../../src/vault/envelope.ts'
import {type Keyring, open, openAt} from '../../src/vault/keyring.ts'
import {keyringFrom} from '../../src/vault/passwords.ts'
import {VaultProblem} from '../../src/vault/vault-problem.ts'

const directory = join(import.meta.dirname, '../fixtures/vault')
const fixture = (name: string): string => readFileSync(join(directory, name), 'utf8')
const key = (file: string, label = 'default'): Keyring => keyringFrom([{label, from: {path: join(directory, file)}}])
const all: Keyring = [...key('password'), ...key('other-password', 'prod')]
const plain = (text: string, keys = all): string => open(text, keys).plain.toString()

test('what ansible-vault encrypted is read: formats 1.1 and 1.2, nothing, line ends of Windows, a full block', t => {
  t.is(plain(fixture('vars.yml')), 'number: 1234\nyes: true\ntext: café 🔑\nlist: [one, "{{ number }}"]\n')
  t.is(plain(fixture('labelled.yml')), plain(fixture('vars.yml')))
  t.is(plain(fixture('empty')), '')
  t.is(plain(fixture('crlf')), 'a\r\nb\r\n')
  t.is(plain(fixture('block')), '0123456789abcdef')
})

test('the key of the text’s own vault id is tried first, then all others', t => {
  const asked: string[] = []
  const watched = all.map(one => ({
    label: one.label,
    password() {
      asked.push(one.label)
      return one.password()
    },
  }))
  t.is(open(fixture('labelled.yml'), watched).label, 'prod')
  t.deepEqual(asked, ['prod'])
  t.is(plain(fixture('labelled.yml'), key('other-password', 'mislabelled')), plain(fixture('vars.yml')))
})

test('encrypted text has lines of 80 characters, another salt each time, and opens again', t => {
  const password = Buffer.from('x')
  const text = writeEnvelope(seal(Buffer.from('secret'), password), 'dev')
  t.true(isVaulted(text))
  t.regex(text, /^\$ANSIBLE_VAULT;1\.2;AES256;dev\n([0-9a-f]{80}\n)+[0-9a-f]{1,80}\n$/)
  t.not(text, writeEnvelope(seal(Buffer.from('secret'), password), 'dev'))
  t.is(plain(text.replaceAll('\n', '\r\n'), [{label: 'x', password: () => password}]), 'secret')
  t.regex(writeEnvelope(seal(Buffer.from(''), password)), /^\$ANSIBLE_VAULT;1\.1;AES256\n/)
})

const refuses = test.macro({
  exec(t, _name: string, text: string, keys: Keyring, expected: {rule: string; line: number; says: RegExp}) {
    const error = t.throws(() => openAt(text, {file: 'f.yml', line: 3, column: 5}, keys), {instanceOf: InvalidInput})
    const [diagnostic] = error?.diagnostics ?? []
    t.is(diagnostic?.rule, expected.rule)
    t.deepEqual(diagnostic?.at, {file: 'f.yml', line: expected.line, column: 5})
    t.regex(`${diagnostic?.what}, ${diagnostic?.why}, ${diagnostic?.fix}`, expected.says)
  },
  title: (_, name) => 'refused with its place: ' + name,
})
const good = fixture('vars.yml')
test(refuses, 'no password', good, [], {rule: 'vault-locked', line: 3, says: /--vault-password-file FILE/})
test(refuses, 'a wrong password', good, key('other-password'), {rule: 'vault-password', line: 3, says: /is wrong/})
test(refuses, 'wrong passwords, and the id that is wanted', fixture('labelled.yml'), key('password'), {
  rule: 'vault-password',
  line: 3,
  says: /encrypted for 'prod'.*--vault-id prod@FILE/,
})
test(refuses, 'another format', good.replace('1.1', '2.0'), all, {rule: 'vault-version', line: 3, says: /'2\.0'/})
test(refuses, 'another cipher', good.replace('AES256', 'AES'), all, {rule: 'vault-cipher', line: 3, says: /'AES'/})
test(refuses, 'a bare header', '$ANSIBLE_VAULT', all, {rule: 'vault-version', line: 3, says: /names no format/})
test(refuses, 'a foreign character', good.replace(/(\n[^\n]+\n)./, '$1x'), all, {
  rule: 'vault-damaged',
  line: 5,
  says: /something else than hexadecimal/,
})
test(refuses, 'a missing end', good.slice(0, 200), all, {rule: 'vault-damaged', line: 4, says: /not all there|pairs/})
test(
  refuses,
  'a changed byte',
  good.replace(/.(?=\n$)/, last => (last === '0' ? '1' : '0')),
  all,
  {
    rule: 'vault-password',
    line: 3,
    says: /right|damaged/,
  },
)

test('an error of a password file says which', t => {
  t.throws(() => plain(good, key('nowhere')), {instanceOf: VaultProblem, message: /nowhere cannot be read/})
  t.throws(() => plain(good, keyringFrom([{label: 'x', from: {path: '/dev/null'}}])), {message: /is empty/})
})
