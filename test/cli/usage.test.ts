import test from 'ava'
import {golden} from '../reporters/golden.ts'
import {run} from './in-process.ts'

const helps = test.macro({
  async exec(t, command: string) {
    const {code, stdout, stderr, connections} = await run([...command.split(' ').filter(Boolean), '--help'])
    t.is(code, 0)
    t.is(stderr, '')
    t.is(connections, 0)
    t.deepEqual(
      stdout.split('\n').filter(line => line.length > 80),
      [],
    )
    golden(t, import.meta.dirname, `help ${command}`.trim() + '.txt', stdout)
  },
  title: (_, command) => 'help: gatewright ' + command,
})
const ofInventory = ['inventory', 'inventory list', 'inventory graph', 'inventory host', 'vars', 'vars explain']
const ofSites = ['init', 'lint', 'schema']
const pkiNames =
  'init issue renew revoke list crl export tls-crypt-v2 ssh-init ssh-issue ssh-revoke wireguard-key'.split(' ')
const ofPki = ['pki', ...pkiNames.map(name => `pki ${name}`)]
for (const command of [
  '',
  'play',
  'check',
  'task',
  'drill',
  'audit',
  'evidence',
  'evidence init',
  'evidence verify',
  'exec',
  'facts',
  'status',
  'completion',
  ...ofInventory,
  ...ofSites,
  ...ofPki,
])
  test(helps, command)

test('gatewright help COMMAND is what COMMAND --help prints', async t => {
  const asked = await run(['help', 'play'])
  t.is(asked.code, 0)
  t.is(asked.stdout, (await run(['play', '--help'])).stdout)
  t.is((await run(['help'])).stdout, (await run(['--help'])).stdout)
})

test('the version is that of the package', async t => {
  const {code, stdout} = await run(['--version'])
  t.is(code, 0)
  t.regex(stdout, /^\d+\.\d+\.\d+\n$/)
})

const refuses = test.macro({
  async exec(t, line: string, said: RegExp) {
    const {code, stdout, stderr, connections} = await run(line.split(' ').filter(Boolean))
    t.is(code, 5)
    t.is(stdout, '')
    t.is(connections, 0)
    t.regex(stderr, said)
  },
  title: (_, line) => 'wrong usage: gatewright ' + line,
})
test(refuses, '', /Usage: gatewright/)
test(refuses, 'ply site.yml', /unknown command 'ply'\n\(Did you mean play\?\)/)
test(refuses, 'help ply', /unknown command 'ply'\n\(Did you mean play\?\)/)
test(refuses, 'completion tcsh', /Allowed choices are bash, zsh, fish/)
test(refuses, 'play', /missing required argument 'playbook'/)
test(refuses, 'play site.yml --dif', /unknown option '--dif'\n\(Did you mean --diff\?\)/)
test(refuses, 'play site.yml -f 0', /whole number, 1 or more/)
test(refuses, 'play site.yml -f many', /whole number, 1 or more/)
test(refuses, 'play site.yml --lock-wait', /argument missing/)
test(refuses, 'exec all', /missing required argument 'command'/)
test(refuses, 'facts', /missing required argument 'pattern'/)
test(refuses, 'task gw-a1', /missing required argument 'role.task'/)
