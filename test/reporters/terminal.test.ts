import {setTimeout as sleep} from 'node:timers/promises'
import test from 'ava'
import {Chalk} from 'chalk'
import type {Event} from '../../src/events.ts'
import {plain} from '../../src/reporters/plain.ts'
import {terminal} from '../../src/reporters/terminal.ts'
import {golden} from './golden.ts'
import {memoryOutput} from './memory-output.ts'
import {screenOf} from './screen.ts'
import {type Fate, stream} from './streams.ts'

type Case = {
  readonly mode: 'check' | 'apply'
  readonly hosts: number
  readonly columns: number
  readonly second?: Fate
  readonly colour?: boolean
}

const played = async (
  {mode, hosts, columns, second = 'fine', colour = false}: Case,
  slowly = false,
): Promise<string> => {
  const output = memoryOutput(columns)
  const style = new Chalk({level: colour ? 1 : 0})
  let now = 0
  const reporter = terminal(output, {style, view: {diff: false, verbosity: 0}, now: () => now})
  for (const event of stream(mode, hosts, index => (index === 1 ? second : 'fine'))) {
    now = Date.parse(event.time) - Date.parse('2026-11-22T10:00:00.000Z')
    reporter.on(event)
    if (slowly) await sleep(event.event === 'play-start' ? 250 : 5)
  }
  await reporter.close?.()
  return output.text()
}

const shows = test.macro({
  exec: async (t, name: string, options: Case) =>
    golden(t, import.meta.dirname, `terminal ${name}.txt`, screenOf(await played(options), options.columns).join('\n')),
  title: (_, name) => 'a terminal shows: ' + name,
})

test(shows, 'check of 2 hosts, 80 columns', {mode: 'check', hosts: 2, columns: 80})
test(shows, 'apply on 2 hosts, one fails, 80 columns', {mode: 'apply', hosts: 2, columns: 80, second: 'fails'})
test(shows, 'apply on 2 hosts, one fails, 160 columns', {mode: 'apply', hosts: 2, columns: 160, second: 'fails'})
test(shows, 'apply on 2 hosts, interrupted, 80 columns', {mode: 'apply', hosts: 2, columns: 80, second: 'interrupted'})
test(shows, 'apply on 50 hosts, one unreachable, 80 columns', {
  mode: 'apply',
  hosts: 50,
  columns: 80,
  second: 'unreachable',
})

test('lines above the live ones come in order and none is lost', async t => {
  const screen = screenOf(await played({mode: 'apply', hosts: 2, columns: 100}, true), 100)
  const changes = screen.filter(line => /^gw-a\d  [+~]/.test(line))
  t.is(changes.length, 14)
  t.is(screen.filter(line => line.includes('play gateways')).length, 1)
  t.is(screen.filter(line => line.startsWith('✔ facts and plans')).length, 1)
  t.true(screen.findLastIndex(line => /^gw-a\d  [+~]/.test(line)) < screen.findIndex(line => line.startsWith('✔')))
})

test('without colour no colour code is written', async t => {
  // oxlint-disable-next-line no-control-regex
  const colours = /\x1b\[[\d;]*m/g
  const without = await played({mode: 'apply', hosts: 2, columns: 80})
  const withColour = await played({mode: 'apply', hosts: 2, columns: 80, colour: true})
  t.is(without.match(colours), null)
  t.true((withColour.match(colours)?.length ?? 0) > 20)
})

test('200 hosts cost little time and few writes', async t => {
  const cpu = process.cpuUsage()
  const text = await played({mode: 'apply', hosts: 200, columns: 120})
  const {user, system} = process.cpuUsage(cpu)
  t.log(`${Math.round((user + system) / 1000)} ms of processor time, ${text.length} bytes`)
  t.true(user + system < 5_000_000)
  t.true(text.length < 200_000)
})

/** Events up to the middle of a step that has said `text`. */
const running = (text: string): readonly Event[] => {
  const events = stream('apply', 2)
  const until = events.findIndex(({event}) => event === 'step-start') + 1
  const begun = events[until - 1]
  if (begun?.event !== 'step-start') throw new Error('no step')
  const {event: _event, title: _title, ...at} = begun
  return [...events.slice(0, until), {event: 'step-output', ...at, text}]
}
const said = 'one\ntwo\nReading 5%\rReading 100%\nzwölf\tGiB \x1b[2J done\n'

test('the last lines of a step stand below what runs', async t => {
  const output = memoryOutput(80)
  const reporter = terminal(output, {style: new Chalk({level: 0}), view: {diff: false, verbosity: 1}, now: () => 0})
  for (const event of running(said)) {
    reporter.on(event)
    if (event.event === 'play-start') await sleep(250)
  }
  const shown = (): string[] => screenOf(output.text(), 80)
  while (!shown().some(line => line.includes('| two'))) await sleep(20)
  const screen = shown()
  const at = screen.findIndex(line => line.includes('gw-a1: package keepalived'))
  t.deepEqual(
    screen.slice(at + 1, at + 4).map(line => line.trim()),
    ['| two', '| Reading 100%', '| zwölf GiB ^[[2J done'],
  )
  await reporter.close?.()
  t.false(shown().some(line => line.includes('| two')))
})

test('where nothing is drawn the lines of a step scroll by, and each is told once', t => {
  const output = memoryOutput()
  const reporter = plain(output, {style: new Chalk({level: 0}), view: {diff: false, verbosity: 2}})
  const events = running(said)
  const last = events.at(-1)
  if (last?.event !== 'step-output') throw new Error('no output')
  const {event: _event, text: _text, ...at} = last
  for (const event of events) reporter.on(event)
  reporter.on({event: 'step-end', ...at, title: 'long', code: 0, output: `${said}end`})
  const lines = output.text().split('\n')
  t.deepEqual(
    lines.filter(line => line.includes('    | ')).map(line => line.split('    | ')),
    ['one', 'two', 'Reading 100%', 'zwölf\tGiB ^[[2J done', 'end'].map(line => ['gw-a1  ', line]),
  )
})
