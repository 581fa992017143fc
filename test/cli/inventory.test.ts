import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, relative} from 'node:path'
import test from 'ava'
import {lastFailed, rememberFailed} from '../../src/cli/last-failed.ts'
import {type Event, type HostStatus, noCounts} from '../../src/events.ts'
import {type Connect, TransportError} from '../../src/transport/transport.ts'
import {golden} from '../reporters/golden.ts'
import {inventory, playbook, run} from './in-process.ts'

const site = relative(process.cwd(), join(import.meta.dirname, '../fixtures/cli/explain'))
const onSite = ['-i', join(site, 'inventory')]
const withPlaybook = ['-p', join(site, 'playbooks/site.yml')]

const shows = test.macro({
  async exec(t, line: string, ...flags: readonly string[]) {
    const {code, stdout, stderr, connections} = await run([...line.split(' '), ...onSite, ...flags])
    t.is(stderr, '')
    t.is(code, 0)
    t.is(connections, 0)
    t.notRegex(stdout, /correct-horse/)
    const tooLong = stdout.split('\n').filter(shown => shown.length > 80 && !shown.includes(site))
    if (!/json|graph/.test(line)) t.deepEqual(tooLong, [])
    golden(t, import.meta.dirname, `${[line, ...flags.map(() => 'with playbook').slice(0, 1)].join(' ')}.txt`, stdout)
  },
  title: (_, ...words) => words.join(' '),
})
test(shows, 'inventory list')
test(shows, 'inventory list --limit frankfurt')
test(shows, 'inventory list --json')
test(shows, 'inventory graph')
test(shows, 'inventory graph leipzig --vars')
test(shows, 'inventory host lej-gw1')
test(shows, 'inventory host fra-gw2 --json')
test(shows, 'vars explain fra-gw1 priority')
test(shows, 'vars explain fra-gw2 priority', ...withPlaybook)
test(shows, 'vars explain fra-gw2 colour', ...withPlaybook)
test(shows, 'vars explain fra-gw2 from_file --json', ...withPlaybook)
test(shows, 'vars explain lej-gw1', ...withPlaybook)
test(shows, 'vars explain lej-gw1 greeting')
test(shows, 'vars explain lej-gw1 ansible_password')
test(shows, 'vars explain lej-gw1 broken')
test(shows, 'vars explain lej-gw1 needs_host')
test(shows, 'vars explain lej-gw1 long')
test(shows, 'vars explain lej-gw1 group_names')
test(shows, 'vars explain lej-gw1 --json')

const refuses = test.macro({
  async exec(t, line: string, said: RegExp) {
    const {code, stdout, stderr} = await run([...line.split(' '), ...onSite])
    t.is(code, 5)
    t.is(stdout, '')
    t.regex(stderr, said)
  },
  title: (_, line) => 'refused: ' + line,
})
test(
  refuses,
  'inventory host fra-gw3',
  /the inventory has no host 'fra-gw3', did you mean 'fra-gw\d'\? \[unknown-host\]/,
)
test(refuses, 'inventory host monitor --limit gateways', /--limit leaves the host 'monitor' out/)
test(refuses, 'inventory graph gatways', /no group 'gatways', did you mean 'gateways'\? \[unknown-group\]/)
test(refuses, 'vars explain fra-gw1 priorty', /fra-gw1: no .* gives 'priorty' a value, did you mean 'priority'\?/)
test(refuses, 'inventory lst', /unknown command 'lst'\n\(Did you mean list\?\)/)

const unreachable: Connect = async ({host}) => {
  throw new TransportError('unreachable', host, 'no route')
}
const summary = (exitCode: number, ...statuses: readonly HostStatus[]): Event => ({
  event: 'summary',
  time: '',
  mode: 'apply',
  exitCode,
  interrupted: false,
  hosts: statuses.map((status, index) => ({host: `gw-a${index + 1}`, status, counts: noCounts(), unsupported: []})),
  elapsedMs: 0,
})

test('@last-failed: what failed in the last play of the project, until all is well', async t => {
  const state = mkdtempSync(join(tmpdir(), 'gatewright-state-'))
  t.teardown(() => rmSync(state, {recursive: true}))
  const env = {XDG_STATE_HOME: state}
  const gatewright = (command: string, ...flags: readonly string[]) =>
    run([command, playbook('message'), '-i', inventory, ...flags], {env, connect: unreachable})
  const again = () => gatewright('check', '--limit', '@last-failed')
  t.regex((await again()).stderr, /no run of this project is on record here/)
  t.is((await gatewright('check')).code, 4)
  t.regex((await again()).stderr, /no run of this project/, 'a check is no run')

  t.is((await gatewright('play', '--limit', 'gw-a2')).code, 4)
  const [name = ''] = readdirSync(join(state, 'gatewright'))
  const file = join(state, 'gatewright', name)
  t.is(statSync(file).mode & 0o777, 0o600)
  const {project, failed} = JSON.parse(readFileSync(file, 'utf8')) as {project: string; failed: unknown}
  t.deepEqual(failed, ['gw-a2'])
  t.is((await again()).connections, 1)

  const said: string[] = []
  const remember = rememberFailed(project, {env, stderr: {write: text => said.push(text)}})
  remember.on(summary(130, 'ok', 'interrupted'))
  t.deepEqual(lastFailed(project, env), ['gw-a2'], 'an interrupted run says nothing about the rest')
  remember.on(summary(3, 'failed', 'ok', 'unreachable', 'refused'))
  t.deepEqual(lastFailed(project, env), ['gw-a1', 'gw-a3', 'gw-a4'])
  t.regex((await again()).stderr, /'gw-a3' in --limit matches no host/)
  remember.on(summary(0, 'ok', 'changed'))
  t.regex((await again()).stderr, /nothing failed in the last run/)
  t.deepEqual(said, [])
  rememberFailed(project, {env: {XDG_STATE_HOME: file}, stderr: {write: text => said.push(text)}}).on(summary(0))
  t.regex(said.join(), /^--limit @last-failed will not know this run: /)
})
