import {spawn, spawnSync} from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test from 'ava'
import {root} from '../support/gatewright.ts'
import {run} from './in-process.ts'

const fixtures = join(import.meta.dirname, '../fixtures/vault')
const directory = mkdtempSync(join(tmpdir(), 'gatewright-vault-'))
test.after.always(() => rmSync(directory, {recursive: true}))

const keys = ['--vault-id', `default@${fixtures}/password`, '--vault-id', `prod@${fixtures}/other-password`]
const newKey = join(directory, 'new password')
writeFileSync(newKey, 'the third one\n')

let count = 0
/** A copy of a fixture to work on. */
const copy = (name: string): string => {
  const path = join(directory, `${++count}-${name}`)
  copyFileSync(join(fixtures, name), path)
  return path
}
const vault = (...args: string[]) => run(['vault', ...args], {cwd: directory})
const text = (path: string): string => readFileSync(path, 'utf8')

test('view prints files and single values', async t => {
  const whole = await vault('view', join(fixtures, 'vars.yml'), ...keys)
  t.is(whole.stdout, 'number: 1234\nyes: true\ntext: café 🔑\nlist: [one, "{{ number }}"]\n')
  t.is((await vault('view', join(fixtures, 'inline.yml'), '--key', 'short', ...keys)).stdout, 'hunter2\n')
})

test('what cannot be viewed is refused with what to do', async t => {
  const plain = await vault('view', join(fixtures, 'inline.yml'), ...keys)
  t.is(plain.code, 5)
  t.regex(plain.stderr, /inline\.yml:1:1: the file is not encrypted, .* --key: short, lines \[vault-plain\]/)
  const misspelt = await vault('view', join(fixtures, 'inline.yml'), '--key', 'shrt', ...keys)
  t.regex(misspelt.stderr, /no encrypted value 'shrt', did you mean 'short'\? \[unknown-key\]/)
  const wrong = await vault('view', join(fixtures, 'inline.yml'), '--key', 'lines', '--vault-password-file', newKey)
  t.regex(wrong.stderr, /inline\.yml:11:11: the vault password is wrong, .*encrypted for 'prod'/)
  const missing = await vault('view', 'nowhere.yml', '--vault-password-file', 'nowhere')
  t.regex(missing.stderr, /^--vault-password-file: the vault password file .*nowhere does not exist/)
})

test('encrypt and decrypt keep mode and links, and give back the same bytes', async t => {
  const path = join(directory, 'bytes')
  const bytes = Buffer.from([0, 255, 10, 13, 128, ...Buffer.from('é\r\n')])
  writeFileSync(path, bytes)
  chmodSync(path, 0o640)
  symlinkSync(path, join(directory, 'link'))
  t.is((await vault('encrypt', 'link', '--vault-id', `prod@${newKey}`)).code, 0)
  t.regex(text(path), /^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/)
  t.is(statSync(path).mode & 0o777, 0o640)
  t.regex((await vault('encrypt', 'bytes', '--vault-password-file', newKey)).stderr, /is encrypted already/)
  t.is((await vault('decrypt', 'link', '--vault-password-file', newKey)).code, 0)
  t.deepEqual(readFileSync(path), bytes)
  t.is(statSync(path).mode & 0o777, 0o640)
})

test('of several passwords the one to encrypt with must be named', async t => {
  const path = copy('password')
  t.regex(
    (await vault('encrypt', path, ...keys)).stderr,
    /several passwords: default, prod, choose one with --encrypt-vault-id/,
  )
  t.is((await vault('encrypt', path, ...keys, '--encrypt-vault-id', 'prod')).code, 0)
  t.regex(text(path), /;prod\n/)
})

test('a problem in one file leaves all as they are', async t => {
  const [good, bad] = [copy('vars.yml'), copy('labelled.yml')]
  t.is((await vault('decrypt', good, bad, '--vault-password-file', join(fixtures, 'password'))).code, 5)
  t.is(text(good), text(join(fixtures, 'vars.yml')))
})

test('one value is decrypted, the rest of the file stays byte for byte', async t => {
  const path = copy('inline.yml')
  const before = text(path)
  t.is((await vault('decrypt', path, '--key', 'lines', ...keys)).code, 0)
  const [head = '', rest = ''] = before.split(/lines: !vault \|\n(?: +\S+\n?)+/)
  t.is(text(path), `${head}lines: "line 1\\nline 2 é\\n"\n${rest}`)
})

test('rekey: a file, one value, all values; new text at the old place', async t => {
  const whole = copy('labelled.yml')
  t.is((await vault('rekey', whole, ...keys, '--new-vault-id', `third@${newKey}`)).code, 0)
  t.regex(text(whole), /;third\n/)
  const path = copy('inline.yml')
  const before = text(path)
  t.is((await vault('rekey', path, '--key', 'short', ...keys, '--new-vault-password-file', newKey)).code, 0)
  t.is((await vault('view', path, '--key', 'short', '--vault-password-file', newKey)).stdout, 'hunter2\n')
  t.is((await vault('view', path, '--key', 'lines', ...keys)).stdout, 'line 1\nline 2 é\n')
  const masked = (file: string): string => file.replaceAll(/^ +[0-9a-f]+$/gm, '')
  t.is(masked(text(path)).replaceAll(/\n+/g, '\n'), masked(before).replaceAll(/\n+/g, '\n'))
  t.is((await vault('rekey', path, ...keys, '--vault-password-file', newKey, '--new-vault-id', `x@${newKey}`)).code, 0)
  for (const key of ['short', 'lines'])
    t.is((await vault('view', path, '--key', key, '--vault-password-file', newKey)).code, 0)
  t.is(text(path).match(/1\.2;AES256;x/g)?.length, 2)
})

test('one text is encrypted for a YAML file', async t => {
  const {stdout} = await vault('encrypt', '--string', 'a\nb', '--name', 'foo', '--vault-password-file', newKey)
  t.regex(stdout, /^foo: !vault \|\n {10}\$ANSIBLE_VAULT;1\.1;AES256\n( {10}[0-9a-f]+\n)+$/)
  const path = join(directory, 'encrypted-text.yml')
  writeFileSync(path, `list:\n- a: 1\n  ${stdout.replaceAll('\n', '\n  ')}\n`)
  t.is((await vault('view', path, '--key', 'list[0].foo', '--vault-password-file', newKey)).stdout, 'a\nb\n')
  t.is((await vault('view', path, '--key', 'list.0.foo', '--vault-password-file', newKey)).code, 0)
})

test('a program gives the password; one called -client is told the vault id', async t => {
  const path = copy('labelled.yml')
  const program = (name: string, script: string): string => {
    const file = join(directory, name)
    writeFileSync(file, `#!/bin/sh\n${script}\n`)
    chmodSync(file, 0o755)
    return file
  }
  const client = program('keys-client.sh', `[ "$1 $2" = "--vault-id prod" ] && cat '${fixtures}/other-password'`)
  t.is((await vault('view', path, '--vault-id', `prod@${client}`)).code, 0)
  const other = program('keys.sh', `[ $# = 0 ] && cat '${fixtures}/other-password'`)
  t.is((await vault('view', path, '--vault-id', `prod@${other}`)).code, 0)
  const failed = await vault('view', path, '--vault-id', `prod@${program('failing.sh', 'exit 3')}`)
  t.regex(failed.stderr, /failing\.sh gave no vault password for 'prod', it ended with code 3/)
  const env = {GATEWRIGHT_VAULT_PASSWORD_FILE: other, ANSIBLE_VAULT_PASSWORD_FILE: '/nowhere'}
  t.is((await run(['vault', 'view', path], {cwd: directory, env})).code, 0)
})

const main = ['--disable-warning=ExperimentalWarning', join(root, 'src/cli/main.ts')]
test('edit: private while it is edited, encrypted again, untouched when nothing changed, removed in every case', async t => {
  const path = copy('labelled.yml')
  const seen = join(directory, 'seen')
  const edit = (editor: string) =>
    spawnSync(process.execPath, [...main, 'vault', 'edit', path, ...keys], {
      env: {...process.env, VISUAL: '', EDITOR: editor},
    })
  const before = text(path)
  t.is(edit(`stat -c '%a %n' >'${seen}' "$1" "$(dirname "$1")" && true`).status, 0)
  t.regex(text(seen), /^600 .*\/\d+-labelled\.yml\n700 \//)
  t.is(text(path), before)
  t.is(edit('sed -i s/1234/4321/').status, 0)
  t.regex(text(path), /^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/)
  t.regex((await vault('view', path, ...keys)).stdout, /^number: 4321\n/)
  const after = text(path)
  t.is(edit(`echo "$1" >'${seen}.2'; false`).status, 5)
  t.is(text(path), after)
  for (const [file] of [text(seen), text(`${seen}.2`)].map(said => /\/.*/.exec(said) ?? []))
    t.false(existsSync(file ?? '/'))
})

test('edit: a signal ends the editor and removes the text', async t => {
  const path = copy('vars.yml')
  const marker = join(directory, 'editing')
  const child = spawn(process.execPath, [...main, 'vault', 'edit', path, ...keys], {
    env: {...process.env, VISUAL: `sh -c 'echo "$0" >"${marker}.new"; mv "${marker}.new" "${marker}"; exec sleep 60'`},
    stdio: 'ignore',
  })
  const ended = new Promise(resolve => child.on('close', resolve))
  while (!readdirSync(directory).includes('editing')) await sleep(20)
  child.kill('SIGTERM')
  t.is(await ended, 5)
  t.false(existsSync(text(marker).trim()))
})

test('without a password it is asked for on the terminal, without echo', t => {
  const words = [process.execPath, ...main, 'vault', 'view', join(fixtures, 'vars.yml')]
  const command = words.map(word => `'${word}'`).join(' ')
  const {stdout} = spawnSync('script', ['-qec', command, '/dev/null'], {input: 'first password\n', encoding: 'utf8'})
  t.regex(stdout, /Vault password: /)
  t.regex(stdout, /number: 1234/)
})

test('without a terminal it says what to do', t => {
  const words = [...main, 'vault', 'view', join(fixtures, 'vars.yml')]
  const {status, stderr} = spawnSync('setsid', ['-w', process.execPath, ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.is(status, 5)
  t.regex(stderr, /there is no terminal to ask for the vault password on, give it with --vault-password-file/)
})
