import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {run} from './in-process.ts'

const folder = (t: ExecutionContext): string => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-init-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  return directory
}

test('a fresh site has nothing to complain of, and says what is next', async t => {
  const cwd = folder(t)
  const made = await run(['init', 'office'], {cwd})
  t.is(made.code, 0, made.stderr)
  t.regex(made.stdout, /^office is a site now:\n {2}README\.md\n/)
  const office = join(cwd, 'office')
  for (const [, line = ''] of made.stdout.matchAll(/^ {2}gatewright (lint.*)$/gm)) {
    const {code, stdout} = await run(line.split(' '), {cwd: office})
    t.is(code, 0)
    t.is(stdout, '8 playbooks for 3 hosts: 0 problems, 0 of advice; nothing was connected\n')
  }
  const drill = await run(['drill', '--list'], {cwd: office})
  t.is(drill.code, 0, drill.stderr)
  t.regex(drill.stdout, /^lan-cable +3 s +0\.1 s +The LAN cable of the holder is pulled \(S3\)$/m)
  const schema = readFileSync(join(office, '.schemas/variables.json'), 'utf8')
  t.true(schema.includes('"banner_owner"') && schema.includes('"vrrp_priority"'))
})

test('the role of a fresh site loads whatever package.json is above it', async t => {
  const cwd = folder(t)
  writeFileSync(join(cwd, 'package.json'), '{"name": "ours", "type": "commonjs"}')
  t.is((await run(['init', '.'], {cwd})).code, 0)
  const {code, stderr} = await run(['lint'], {cwd})
  t.is(code, 0, stderr)
})

test('init into what exists is refused, and touches nothing', async t => {
  const cwd = folder(t)
  mkdirSync(join(cwd, 'office/inventory'), {recursive: true})
  writeFileSync(join(cwd, 'office/README.md'), 'ours')
  const {code, stderr} = await run(['init', 'office'], {cwd})
  t.is(code, 5)
  t.is(
    stderr,
    'office has README.md, inventory already, nothing that exists is overwritten, name another directory [init-exists]\n1 problem; nothing was connected\n',
  )
  t.is(readFileSync(join(cwd, 'office/README.md'), 'utf8'), 'ours')

  writeFileSync(join(cwd, 'file'), '')
  const onFile = await run(['init', 'file'], {cwd})
  t.is(onFile.code, 5)
  t.regex(onFile.stderr, /^file is a file, nothing that exists is overwritten/)
})
