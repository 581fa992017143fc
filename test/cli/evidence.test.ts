import {existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {evidenceOf, nothing} from '../../src/audit/evidence/chain.ts'
import {newSigningKey} from '../../src/audit/evidence/keys.ts'
import {signerFor} from '../../src/cli/evidence.ts'
import {passedResult} from '../audit/example.ts'
import {run} from './in-process.ts'

const directory = mkdtempSync(join(tmpdir(), 'gatewright-evidence-'))
test.after.always(() => rmSync(directory, {recursive: true}))
const path = (name: string): string => join(directory, name)
writeFileSync(path('password'), 'sesame\n')
const evidence = (...args: string[]) => run(['evidence', ...args], {cwd: directory})
const flags = {vaultPasswordFile: [path('password')]}
const io = {env: {}, cwd: directory} as unknown as Parameters<typeof signerFor>[2]

test.serial('init makes a key pair once, its private half encrypted', async t => {
  const made = await evidence('init', '--vault-password-file', path('password'))
  t.is(made.code, 0, made.stderr)
  t.regex(made.stdout, /signing\.key signs evidence, encrypted\n.*signing\.pub verifies it.*SHA256:/)
  t.regex(readFileSync(path('evidence/signing.key'), 'utf8'), /^\$ANSIBLE_VAULT;/)
  t.is(statSync(path('evidence/signing.key')).mode & 0o777, 0o600)
  t.regex(readFileSync(path('evidence/signing.pub'), 'utf8'), /^-----BEGIN PUBLIC KEY-----/)
  const again = await evidence('init', '--vault-password-file', path('password'))
  t.is(again.code, 5)
  t.regex(again.stderr, /signing\.key is there already, .*\[evidence-exists\]/)
})

test.serial('the key of the project signs, and verify needs the public one alone', async t => {
  const signer = signerFor(flags, directory, io)
  if (!signer) return t.fail('there is a key')
  const first = evidenceOf(passedResult, {...signer, before: nothing})
  const seal = JSON.parse(first.trimEnd().split('\n').at(-1) ?? '').hash
  writeFileSync(path('one.jsonl'), first)
  writeFileSync(path('two.jsonl'), evidenceOf(passedResult, {...signer, before: seal}))
  const key = ['--key', 'evidence/signing.pub']
  const sound = await evidence('verify', 'one.jsonl', 'two.jsonl', ...key)
  t.is(sound.code, 0)
  t.is(sound.stdout, 'one.jsonl: sound, 4 records\ntwo.jsonl: sound, 4 records\n')
  const turned = await evidence('verify', 'two.jsonl', 'one.jsonl', ...key)
  t.is(turned.code, 3)
  t.regex(turned.stdout, /^one\.jsonl:1: it says that there was no audit before it$/m)
  writeFileSync(path('bad.jsonl'), first.replace('"verdict":"pass"', '"verdict":"fail"'))
  const bad = await evidence('verify', 'bad.jsonl', ...key)
  t.is(bad.code, 3)
  t.is(bad.stdout, 'bad.jsonl:2: the record was changed\n')
})

test.serial('what is no key, or no file, is told with what to do', async t => {
  const {stderr} = await evidence('verify', 'one.jsonl', '--key', 'password')
  t.regex(stderr, /password is no public key: .*give the signing\.pub that evidence init made/)
  t.regex(
    (await evidence('verify', 'lost.jsonl', '--key', 'evidence/signing.pub')).stderr,
    /lost\.jsonl cannot be read/,
  )
  t.is(signerFor(flags, path('elsewhere'), io), undefined, 'without a key nothing is signed')
  t.throws(() => signerFor({...flags, signKey: 'lost.key'}, directory, io), {message: /lost\.key does not exist/})
  writeFileSync(path('plain.key'), newSigningKey().privateKey)
  t.throws(() => signerFor({...flags, signKey: 'plain.key'}, directory, io), {message: /plain\.key is not encrypted/})
  t.false(existsSync(path('elsewhere')))
})
