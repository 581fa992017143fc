import {join} from 'node:path'
import test from 'ava'
import {golden} from '../reporters/golden.ts'
import {run} from './in-process.ts'

const cwd = join(import.meta.dirname, '../fixtures/cli/lint')
const lint = (...args: string[]) => run(['lint', '-i', 'hosts.yml', ...args], {cwd})
const relative = (text: string): string => text.replaceAll(/[^\s"]*fixtures\/cli\/lint\//g, '')

test('lint tells the problems and the advice of all playbooks, and connects to nothing', async t => {
  const {code, stdout, stderr, connections} = await lint()
  t.is(code, 5)
  t.is(connections, 0)
  golden(t, import.meta.dirname, 'lint.txt', relative(`${stderr}${stdout}`))
})

test('advice alone is no failure', async t => {
  const {code, stderr} = await lint('playbooks/advice.yml')
  t.is(code, 0)
  t.is(stderr, '')
})

test('lint --json', async t => {
  const {code, stdout, stderr} = await lint('--json')
  t.is(code, 5)
  t.is(stderr, '')
  golden(t, import.meta.dirname, 'lint --json.txt', relative(stdout))
})

test('a project without playbooks is refused', async t => {
  const {code, stderr} = await run(['lint'], {cwd: join(cwd, '..')})
  t.is(code, 5)
  t.regex(stderr, /there is no playbook here, name one, or run gatewright init/)
})
