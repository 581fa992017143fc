import {mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {InvalidInput} from '../../src/diagnostic.ts'
import {readSource} from '../../src/playbook/modules/read-source.ts'
import {Bytes, bytesOf} from '../../src/resources/content.ts'
import {Secret} from '../../src/shell/secret.ts'
import {seal} from '../../src/vault/cipher.ts'
import {writeEnvelope} from '../../src/vault/envelope.ts'
import {resourcesOf} from '../support/file-run.ts'

const at = {file: 'playbook.yml', line: 1, column: 1}
const password = Buffer.from('correct horse')
const keys = [{label: 'default', password: () => password}]
const source = (content: Buffer | string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'gatewright-source-')), 's')
  writeFileSync(path, content)
  return path
}

test('a source file is read as it is, byte for byte', t => {
  const bytes = Buffer.from([0, 255, 10, 13])
  const content = readSource(source(bytes), at, [])
  t.true(content instanceof Bytes)
  t.deepEqual(bytesOf(content), bytes)
})

test('a source file encrypted with Ansible Vault is a secret, and needs its password', t => {
  const path = source(writeEnvelope(seal(Buffer.from('s3cret-word\n'), password)))
  t.throws(() => readSource(path, at, []), {instanceOf: InvalidInput, message: /vault/i})
  const [file] = resourcesOf({copy: {src: path, dest: '/etc/key', mode: '0600'}}, keys)
  t.true(file?.desired.content instanceof Secret)
  t.is(bytesOf(file?.desired.content).toString(), 's3cret-word\n')
  t.false(JSON.stringify(file?.desired).includes('s3cret-word'))
})

test('what is encrypted and no text is refused', t => {
  const path = source(writeEnvelope(seal(Buffer.from([0, 255]), password)))
  t.throws(() => readSource(path, at, keys), {instanceOf: InvalidInput, message: /no text/})
})
