import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {Findings} from '../../src/diagnostics/findings.ts'
import {conditionsOf, holds} from '../../src/playbook/conditions.ts'
import {EvaluationError} from '../../src/playbook/evaluation-error.ts'
import {Scope} from '../../src/playbook/scope.ts'
import {parseYaml} from '../../src/playbook/yaml.ts'
import {registeredSecrets, registeringSecrets, Secret} from '../../src/shell/secret.ts'
import {seal} from '../../src/vault/cipher.ts'
import {writeEnvelope} from '../../src/vault/envelope.ts'
import {keyringFrom} from '../../src/vault/passwords.ts'

const directory = join(import.meta.dirname, '../fixtures/vault')
const password = Buffer.from('x')
const keys = [{label: 'default', password: () => password}]
const vaulted = (text: string): string => writeEnvelope(seal(Buffer.from(text), password))
const inline = (text: string): string => `!vault |\n${vaulted(text).replaceAll(/^/gm, '  ')}`

/** Variables of a plain file, among them the vaulted value `s`, and of an encrypted file. */
const scope = (text: string, secret = 'Hunter2'): Scope =>
  new Scope(
    [
      {
        name: 'encrypted',
        vars: parseYaml(
          vaulted('pin: 1234\non: true\ngreeting: "hi {{ name }}"\nusers: [{name: ann, key: k1}]\n'),
          'e.yml',
          new Findings(keys),
        ) as object as Record<string, unknown>,
      },
      {
        name: 'plain',
        vars: parseYaml(`s: ${inline(secret)}\nname: ann\n${text}`, 'p.yml', new Findings(keys)) as object as Record<
          string,
          unknown
        >,
      },
    ],
    new Map(),
  )

/** The value with each secret as `{secret: …}`. */
const shown = (value: unknown): unknown => {
  if (value instanceof Secret) return {secret: value.reveal()}
  if (Array.isArray(value)) return value.map(shown)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, shown(held)]))
}

const gives = test.macro({
  exec(t, text: string, expected: unknown) {
    t.deepEqual(shown(scope(`v: ${text}\n`).lookup('v')), expected)
  },
  title: (_, text) => 'secret or not: ' + text,
})
const secret = (text: string) => ({secret: text})
test(gives, '"{{ s }}"', secret('Hunter2'))
test(gives, '"a {{ s }} b"', secret('a Hunter2 b'))
test(gives, '"{{ s | upper }}"', secret('HUNTER2'))
test(gives, '"{{ s | b64encode }}"', secret('SHVudGVyMg=='))
test(gives, '"{{ s | hash(\'sha256\') | length }}"', '64')
test(gives, '"{{ name ~ s[:2] }}"', secret('annHu'))
test(gives, "\"{{ 'yes' if s == 'Hunter2' else name }}\"", 'yes')
test(gives, '"{{ s == \'Hunter2\' }}"', true)
test(gives, '"{{ nope | default(s) }}"', secret('Hunter2'))
test(gives, "\"{{ {'user': name, 'key': s} }}\"", {user: 'ann', key: secret('Hunter2')})
test(gives, '"{{ [name, s, s ~ name] }}"', ['ann', secret('Hunter2'), secret('Hunter2ann')])
test(gives, '[x, {y: "{{ s }}"}]', ['x', {y: secret('Hunter2')}])
test(gives, '"{{ pin }}"', secret('1234'))
test(gives, '"{{ pin + 1 }}"', secret('1235'))
test(gives, '"{{ on }}"', true)
test(gives, '"{{ greeting }}"', secret('hi ann'))
test(gives, '"{{ users[0].name }}"', secret('ann'))
test(gives, "\"{{ users | map(attribute='key') | join(',') }}\"", secret('k1'))
test(gives, '"{{ name | upper }}"', 'ANN')

test('text that has its form only with the true secret is secret altogether', t => {
  const vars = scope('v: "{{ s | from_json }}"\n', '{"user": "ann", "n": 7}')
  t.deepEqual(shown(vars.lookup('v')), {user: secret('ann'), n: secret('7')})
})

test('a vaulted value is text that is not evaluated, as in Ansible', t => {
  t.deepEqual(shown(scope('v: "{{ s }}"\n', '{{ name }}').lookup('v')), secret('{{ name }}'))
})

test('conditions see through secrets', t => {
  const check = (when: unknown): boolean => holds(conditionsOf({when}, 'when'), scope(''))
  t.true(check("s == 'Hunter2'"))
  t.true(check('pin > 1000'))
  t.true(check('s'))
  t.false(check('pin == "1234"'))
})

test('a secret cannot name an entry', t => {
  t.throws(() => scope('v: "{{ {s: 1} }}"\n').lookup('v'), {instanceOf: EvaluationError, message: /name of an entry/})
})

test('every secret that is made or opened is in the register of its run, what is not used is not decrypted', t => {
  registeringSecrets(() => {
    const vars = scope('v: "{{ s | upper }}!"\nw: "{{ s }}"\n')
    vars.lookup('w')
    t.false(registeredSecrets().has('Hunter2'))
    vars.lookup('v')
    for (const text of ['Hunter2', 'HUNTER2!', '1234']) t.true(registeredSecrets().has(text), text)
  })
})

test('files of ansible-vault: inline values of two vault ids, and what is computed from them', t => {
  const findings = new Findings(
    keyringFrom([
      {label: 'default', from: {path: join(directory, 'password')}},
      {label: 'prod', from: {path: join(directory, 'other-password')}},
    ]),
  )
  const vars = parseYaml(readFileSync(join(directory, 'inline.yml'), 'utf8'), 'inline.yml', findings)
  const own = new Scope([{name: 'inline', vars: vars as Record<string, unknown>}], new Map())
  t.deepEqual(shown(['short', 'plain', 'lines', 'computed'].map(name => own.lookup(name))), [
    secret('hunter2'),
    'x',
    secret('line 1\nline 2 é\n'),
    secret('user:hunter2'),
  ])
})

test('a value that cannot be opened is reported where it stands', t => {
  const vars = parseYaml(`a: 1\ns: ${inline('x')}\nv: "{{ s | upper }}"\n`, 'p.yml', new Findings())
  const error = t.throws(() => new Scope([{name: 'p', vars: vars as Record<string, unknown>}], new Map()).lookup('v'), {
    instanceOf: EvaluationError,
  })
  t.deepEqual([error?.rule, error?.at], ['vault-locked', {file: 'p.yml', line: 3, column: 3}])
})
