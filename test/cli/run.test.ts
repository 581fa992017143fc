import {EventEmitter} from 'node:events'
import test from 'ava'
import type {Event} from '../../src/events.ts'
import {type Connect, TransportError} from '../../src/transport/transport.ts'
import {inventory, local, playbook, run} from './in-process.ts'

const refused: Connect = async ({host}) => {
  throw new TransportError('unreachable', host, `${host}: no route; the password correct-horse stays here`)
}
const never: Connect = () => new Promise(() => {})
const neverAnswers: Connect = async target => ({
  ...(await local(target)),
  shell: () => ({hello: () => new Promise(() => {}), request: () => new Promise(() => {})}),
})
const onSite = ['-i', inventory]
const eventsIn = (stdout: string): Event[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Event)

test('check says what would change and ends with 2', async t => {
  const {code, stdout, stderr, connections} = await run(['check', playbook('message'), ...onSite])
  t.is(stderr, '')
  t.is(code, 2)
  t.is(connections, 2)
  t.regex(stdout, /gw-a1, gw-a2 {2}would change 1\n {2}tasks\n {4}\+ file \/nonexistent-gatewright-test {2}new\n/)
  t.regex(stdout, /exit code 2: changes are pending \(check mode\)\n$/)
})

test('-C makes a check of play', async t => {
  const {code} = await run(['play', '-C', playbook('message'), ...onSite, '-l', 'gw-a1'])
  t.is(code, 2)
})

test('nothing to do ends with 0; -e reaches the playbook', async t => {
  const {code, stdout} = await run(['check', playbook('message'), ...onSite, '-e', '{"wanted": false}'])
  t.is(code, 0)
  t.regex(stdout, /2 hosts: 2 as desired, in .*\nexit code 0: everything is as desired\n$/)
})

test('the inventory may come from the environment', async t => {
  const {code} = await run(['check', playbook('message')], {env: {GATEWRIGHT_INVENTORY: inventory}})
  t.is(code, 2)
})

test('--json prints events and nothing else', async t => {
  const {stdout, stderr} = await run(['check', playbook('message'), ...onSite, '--json', '-e', 'api_token=x1'])
  const events = eventsIn(stdout)
  t.is(stderr, '')
  t.is(events[0]?.event, 'run-start')
  t.is(events.at(-1)?.event, 'summary')
  t.true(events.every(({time}) => !Number.isNaN(Date.parse(time))))
  t.notRegex(stdout, /correct-horse|x1/)
})

test('an unreachable host ends with 4, and the others are told of', async t => {
  const {code, stdout} = await run(['check', playbook('message'), ...onSite], {connect: refused})
  t.is(code, 4)
  t.regex(stdout, /unreachable gw-a1\n {2}problem {2}gw-a1: no route; the password \*\*\* stays here\n/)
  t.regex(stdout, /2 unreachable/)
})

test('exec prints what hosts say, and ends with 3 when one fails', async t => {
  const good = await run(['exec', 'all', ...onSite, '--', 'echo one; echo two >&2'])
  t.is(good.code, 0)
  t.regex(good.stdout, /^gw-a1\n {2}one\n {2}two\ngw-a2\n {2}one\n {2}two\n$|^gw-a2/)
  const bad = await run(['exec', 'gw-a2', ...onSite, '--', 'echo no; exit 7'])
  t.is(bad.code, 3)
  t.is(bad.stdout, 'gw-a2  exit code 7\n  no\n1 of 1 host not done: gw-a2; exit code 3: a host failed\n')
})

test('exec: several arguments are one command, quoted', async t => {
  const {code, stdout} = await run(['exec', 'gw-a1', ...onSite, '--', 'printf', '[%s]', `it's`, '$HOME'])
  t.is(code, 0)
  t.is(stdout, `gw-a1\n  [it's][$HOME]\n`)
})

test('facts are YAML, or events with --json', async t => {
  const {code, stdout} = await run(['facts', 'gw-a1', ...onSite])
  t.is(code, 0, stdout)
  t.regex(stdout, /^gw-a1:\n {2}\w/)
  const json = await run(['facts', 'gw-a1', ...onSite, '--json'])
  t.true(eventsIn(json.stdout).some(({event}) => event === 'facts'))
})

test('the first interruption lets what runs end, and the summary is printed', async t => {
  const signals = new EventEmitter()
  const started = run(['exec', 'all', '-f', '1', ...onSite, '--', 'sleep 1; echo done'], {signals})
  setTimeout(() => signals.emit('SIGINT'), 500)
  const {code, stdout, stderr} = await started
  t.is(code, 130)
  t.is(stderr, 'finishing what is running; again to leave it to the hosts\n')
  t.regex(stdout, /^gw-a1\n {2}done\ngw-a2 {2}interrupted\n/)
  t.is(signals.listenerCount('SIGINT') + signals.listenerCount('SIGTERM'), 0)
})

test('an interruption does not wait for hosts that do not answer, in play and in exec', async t => {
  for (const argv of [
    ['play', playbook('message'), ...onSite],
    ['exec', 'all', ...onSite, '--', 'true'],
  ]) {
    const signals = new EventEmitter()
    let asked = false
    const connect: Connect = target => {
      if (!asked) setImmediate(() => signals.emit('SIGINT'))
      asked = true
      return never(target)
    }
    const {code, stdout} = await run(argv, {signals, connect})
    t.is(code, 130)
    t.regex(stdout, /gw-a1 {2}interrupted/)
  }
})

test('the second interruption ends at once, with a summary of what is known', async t => {
  const signals = new EventEmitter()
  const started = run(['play', playbook('message'), ...onSite], {signals, connect: neverAnswers})
  setTimeout(() => signals.emit('SIGINT'), 300)
  setTimeout(() => signals.emit('SIGTERM'), 400)
  const {code, stdout, stderr} = await started
  t.is(code, 130)
  t.regex(stderr, /finishing what is running.*\nended; steps that were begun go on on the hosts and are journalled/)
  t.regex(stdout, /gw-a1 {2}interrupted/)
  t.regex(stdout, /exit code 130: interrupted\n$/)
})
