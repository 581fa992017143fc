// Debian's ansible-vault reads what gatewright encrypts, and the other way round.
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {run} from '../cli/in-process.ts'
import {ansible, ansibleIsHere} from '../support/ansible.ts'

const oracle = ansibleIsHere ? test.serial : test.skip
const directory = mkdtempSync(join(tmpdir(), 'gatewright-vault-'))
test.after.always(() => rmSync(directory, {recursive: true}))

const path = (name: string): string => join(directory, name)
const text = (name: string): string => readFileSync(path(name), 'utf8')
writeFileSync(path('one'), 'ä password with spaces\n')
writeFileSync(path('two'), 'zwei')

const contents: Readonly<Record<string, Buffer>> = {
  empty: Buffer.alloc(0),
  'one line': Buffer.from('hunter2'),
  'a full block': Buffer.from('0123456789abcdef'),
  unicode: Buffer.from('käse: "🧀"\n'),
  'line ends of Windows': Buffer.from('a\r\nb\r\n'),
  bytes: Buffer.from(Array.from({length: 256}, (_, byte) => byte)),
  '1 MB': Buffer.alloc(1_048_576, 'gateway\n'),
}

const theirs = async (t: {is(a: unknown, b: unknown, m?: string): unknown}, ...command: string[]): Promise<string> => {
  const {code, stdout, stderr} = await ansible(directory, ['ansible-vault', ...command])
  t.is(code, 0, stderr)
  return stdout
}
const ours = async (t: {is(a: unknown, b: unknown, m?: string): unknown}, ...args: string[]): Promise<string> => {
  const {code, stdout, stderr} = await run(['vault', ...args], {cwd: directory})
  t.is(code, 0, stderr)
  return stdout
}
const files = Object.keys(contents)
const fill = (): void => {
  for (const [name, content] of Object.entries(contents)) writeFileSync(path(name), content)
}

oracle('files of gatewright are read by ansible-vault', async t => {
  fill()
  await ours(t, 'encrypt', ...files, '--vault-id', 'prod@two')
  await theirs(t, 'decrypt', '--vault-id', 'prod@two', ...files)
  for (const name of files) t.deepEqual(readFileSync(path(name)), contents[name], name)
})

oracle('files of ansible-vault are read by gatewright', async t => {
  fill()
  await theirs(t, 'encrypt', '--vault-password-file', 'one', ...files)
  await ours(t, 'decrypt', ...files, '--vault-password-file', 'one')
  for (const name of files) t.deepEqual(readFileSync(path(name)), contents[name], name)
})

oracle('each rekeys what the other has encrypted, with vault ids', async t => {
  writeFileSync(path('both'), 'shared')
  await theirs(t, 'encrypt', '--encrypt-vault-id', 'a', '--vault-id', 'a@one', 'both')
  await ours(t, 'rekey', 'both', '--vault-id', 'a@one', '--new-vault-id', 'b@two')
  t.regex(text('both'), /^\$ANSIBLE_VAULT;1\.2;AES256;b\n/)
  await theirs(t, 'rekey', '--vault-id', 'b@two', '--new-vault-id', 'c@one', 'both')
  t.regex(text('both'), /;c\n/)
  t.is(await ours(t, 'view', 'both', '--vault-password-file', 'one'), 'shared')
})

oracle('values in YAML files, both ways, and after a rekey of ours', async t => {
  const plain = 'käse\n"two" lines'
  writeFileSync(path('text'), plain)
  const ofAnsible = await ansible(
    directory,
    ['ansible-vault', 'encrypt_string', '--vault-password-file', 'one', '--stdin-name', 'theirs'],
    {input: plain},
  )
  const ofOurs = await ours(t, 'encrypt', '--string', plain, '--name', 'ours', '--vault-id', 'prod@two')
  writeFileSync(path('vars.yml'), `plain: x\n${ofAnsible.stdout}\n${ofOurs}last: y\n`)
  const ids = ['--vault-id', 'default@one', '--vault-id', 'prod@two']
  const both = async (...keys: string[]): Promise<void> => {
    const {stdout} = await ansible(directory, [
      'ansible',
      'localhost',
      '-e',
      '@vars.yml',
      ...keys,
      '-m',
      'debug',
      '-a',
      'msg={{ [theirs, ours, last] | to_json }}',
    ])
    t.true(
      stdout.includes(
        JSON.stringify(JSON.stringify([plain, plain, 'y']))
          .slice(1, -1)
          .replaceAll('ä', '\\\\u00e4')
          .replaceAll(',', ', '),
      ),
      stdout,
    )
    for (const key of ['theirs', 'ours']) t.is(await ours(t, 'view', 'vars.yml', '--key', key, ...keys), `${plain}\n`)
  }
  await both(...ids)
  await ours(t, 'rekey', 'vars.yml', ...ids, '--new-vault-id', 'new@one')
  await both('--vault-id', 'new@one')
})
