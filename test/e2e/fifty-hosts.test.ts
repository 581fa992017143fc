// Fifty hosts without systemd, each with an sshd of its own; one is dead, one is frozen. Nobody waits for those two, they
// are named at the end, and what is told can be read at 80 columns.
import {execFileSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import type {Event} from '../../src/events.ts'
import {quote} from '../../src/shell/quote.ts'
import {screenOf} from '../reporters/screen.ts'
import {type Containers, canContain, startContainers} from '../support/containers.ts'
import {eventsOf, root, start} from '../support/gatewright.ts'
import {freePort} from '../support/sshd.ts'

const names = Array.from({length: 50}, (_, index) => `gw${String(index + 1).padStart(2, '0')}`)
const dead = 'gw13'
const frozen = 'gw04'
const living = names.filter(name => name !== dead && name !== frozen)

const playbook = `- name: fifty
  hosts: all
  tasks:
    - directory: {path: /srv/fifty, mode: '0755'}
    - file: {path: /srv/fifty/name, content: "{{ inventory_hostname }}\\n"}
    - file: {path: /srv/fifty/release, content: "{{ release }}\\n"}
    - file: {path: /srv/fifty/secret, content: "{{ release }} is kept\\n", mode: '0600'}
    - link: {path: /srv/fifty/current, to: /srv/fifty/release}
    - fileset:
        name: pair
        files:
          - {path: /srv/fifty/one, content: "1\\n"}
          - {path: /srv/fifty/two, content: "2\\n"}
        check: test -s /srv/fifty/one -a -s /srv/fifty/two
    - exec: {run: touch /srv/fifty/ran, creates: /srv/fifty/ran}
    - exec: {run: sleep 1 && touch /srv/fifty/slow, creates: /srv/fifty/slow}
    - directory: {path: /srv/fifty/empty, mode: '0700'}
    - file: {path: /srv/fifty/last, content: "done\\n"}
`

let site: {
  readonly directory: string
  readonly containers: Containers
  /** The frozen host is given up after some seconds. */
  readonly args: readonly string[]
  /** After as many as the others may need on a busy machine. */
  readonly slowly: readonly string[]
  /** It is waited for longer than the test may take. */
  readonly patiently: readonly string[]
}
const hostOf = (name: string) => {
  const host = site.containers.hosts.find(each => each.name === name)
  if (!host) throw new Error(`${name} does not run`)
  return host
}

test.before(async () => {
  if (!canContain()) return
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-fifty-'))
  const containers = await startContainers(names.filter(name => name !== dead))
  const nobody = await freePort()
  const ports = new Map(containers.hosts.map(({name, port}) => [name, port]))
  const inventoryWith = (frozenTimeout: number): string => {
    const timeoutOf = (name: string): number => (name === frozen ? frozenTimeout : 60)
    const hosts = Object.fromEntries(
      names.map(name => [name, {ansible_port: ports.get(name) ?? nobody, ansible_ssh_timeout: timeoutOf(name)}]),
    )
    const vars = {
      ansible_host: '127.0.0.1',
      ansible_user: 'root',
      ansible_ssh_private_key_file: containers.keyFile,
      gatewright_known_hosts: containers.knownHosts,
    }
    const file = join(directory, `hosts-${frozenTimeout}.yml`)
    writeFileSync(file, JSON.stringify({all: {hosts, vars}}))
    return file
  }
  writeFileSync(join(directory, 'site.yml'), playbook)
  const argsWith = (timeout: number): string[] => [join(directory, 'site.yml'), '-i', inventoryWith(timeout)]
  site = {directory, containers, args: argsWith(6), slowly: argsWith(30), patiently: argsWith(600)}
})
test.after.always(async () => {
  if (!site) return
  await site.containers.stop()
  rmSync(site.directory, {recursive: true, force: true})
})
const withContainers = canContain() ? test.serial : test.serial.skip

/** Where the last of a host's events of this kind stands. */
const lastOf = (events: readonly Event[], kind: Event['event'], host: string): number =>
  events.findLastIndex(event => event.event === kind && 'host' in event && event.host === host)

const failureOf = (events: readonly Event[], host: string) => eventsOf(events, 'host-failed', host)[0]

const isWaitedFor = test.macro({
  async exec(t, command: 'check' | 'play', done: Event['event']) {
    const host = hostOf(frozen)
    const ended = new Set<string>()
    host.signal('SIGSTOP')
    try {
      const args = [command, ...site.patiently, '-e', 'release=first', '--json']
      const {code, events} = await start(args, event => {
        if (event.event === done && 'host' in event) ended.add(event.host)
        if (ended.size === living.length) host.signal('SIGCONT')
      }).finished
      t.is(code, 4)
      t.is(ended.size, living.length + 1)
      const last = lastOf(events, 'connected', frozen)
      for (const name of living) t.true(lastOf(events, done, name) < last, name)
      t.regex(failureOf(events, dead)?.message ?? '', /refused/)
      if (command === 'play') for (const name of living) t.is(eventsOf(events, 'item-end', name).length, 10, name)
    } finally {
      host.signal('SIGCONT')
    }
  },
  title: (_, command) => command + ': all others are done while one host takes the connection and says nothing',
})
withContainers(isWaitedFor, 'check', 'planned')
withContainers(isWaitedFor, 'play', 'verified')

withContainers('each host has what is meant for it', t => {
  t.is(hostOf('gw50').run('cat /srv/fifty/name /srv/fifty/current'), 'gw50\nfirst\n')
  t.is(hostOf('gw01').run('cat /srv/fifty/name'), 'gw01\n')
})

withContainers('play: a host that freezes within a step does not stop the queue, and is given up', async t => {
  const host = hostOf(frozen)
  try {
    const {code, events} = await start(['play', ...site.slowly, '-e', 'release=second', '--json'], event => {
      if (event.event === 'step-start' && event.host === frozen) host.signal('SIGSTOP')
    }).finished
    t.is(code, 4)
    const stopped = lastOf(events, 'step-start', frozen)
    const failed = lastOf(events, 'host-failed', frozen)
    const doneAt = (name: string): number => lastOf(events, 'verified', name)
    t.deepEqual(
      living.filter(name => doneAt(name) === -1),
      [],
    )
    // More than are worked on at the same time: the queue goes on.
    const meanwhile = living.filter(name => doneAt(name) > stopped && doneAt(name) < failed)
    t.true(meanwhile.length > 10, `${meanwhile.length} hosts`)
    const [summary] = eventsOf(events, 'summary')
    t.deepEqual(
      summary?.hosts.filter(({status}) => status !== 'changed').map(({host: name, status}) => [name, status]),
      [
        [frozen, 'unreachable'],
        [dead, 'unreachable'],
      ],
    )
    const mebibytes = Math.round((summary?.peakMemoryBytes ?? 0) / 2 ** 20)
    t.true(mebibytes > 20 && mebibytes < 400, `${mebibytes} MiB`)
    t.log(`50 hosts, 10 tasks: ${mebibytes} MiB; ${meanwhile.length} hosts done before the frozen one was given up`)
  } finally {
    host.signal('SIGCONT')
  }
})

/** What a terminal of so many columns shows at the end. */
const onTerminal = (columns: number, args: readonly string[]): string[] => {
  const main = join(root, 'src/cli/main.ts')
  const words = [process.execPath, '--disable-warning=ExperimentalWarning', main, ...args]
  const command = `stty cols ${columns} rows 50; ${words.map(quote).join(' ')}`
  const env = {...process.env, TERM: 'xterm', CI: '', NO_COLOR: '1'}
  const bytes = execFileSync('script', ['-qec', command, '/dev/null'], {
    cwd: root,
    encoding: 'utf8',
    env,
    input: '',
    maxBuffer: 2 ** 26,
  })
  return screenOf(bytes, columns)
}
const readable = test.macro({
  exec(t, columns: number, args: readonly string[], expected: readonly RegExp[]) {
    const host = hostOf(frozen)
    host.signal('SIGSTOP')
    let screen: string[] = []
    try {
      screen = onTerminal(columns, [...args.slice(0, 1), ...site.args, ...args.slice(1)])
    } catch (error) {
      // The exit code is that of the run.
      const {stdout = '', status} = error as {stdout?: string; status?: number}
      t.is(status, 4)
      screen = screenOf(stdout, columns)
    } finally {
      host.signal('SIGCONT')
    }
    const text = screen.join('\n')
    if (process.env['SHOW_SCREEN']) console.log(text)
    for (const line of expected) t.regex(text, line)
    t.deepEqual(
      screen.filter(line => Array.from(line).length > columns),
      [],
    )
    // With -v every host tells its steps.
    if (!args.includes('-v')) t.true(screen.length < 60, text)
  },
  title: (_, columns, args) => `a terminal can be read: ${String(columns)} columns, ${String(args)}`,
})
const reasons = [/gw04 +unreachable/, /gw13 +unreachable/, /gw04: .*no\s+complete\s+key/s, /gw13: .*refused/s]
const group = /\n48 hosts +(changed|would change).*\n {2}gw\[01:03\], gw\[05:12\], gw\[14:50\]\n/
withContainers(readable, 80, ['check', '-e', 'release=third'], [...reasons, group])
withContainers(
  readable,
  80,
  ['play', '-v', '-e', 'release=third'],
  [...reasons, group, /memory of the engine at its peak/],
)
withContainers(readable, 160, ['play', '--profile', '-e', 'release=fourth'], [...reasons, group, /slowest hosts/])
