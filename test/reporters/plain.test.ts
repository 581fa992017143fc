import test from 'ava'
import {Chalk} from 'chalk'
import {plain} from '../../src/reporters/plain.ts'
import {styleFor} from '../../src/reporters/style.ts'
import {golden} from './golden.ts'
import {memoryOutput} from './memory-output.ts'
import {type Fate, stream} from './streams.ts'

type Case = {
  readonly mode: 'check' | 'apply'
  readonly hosts: number
  readonly second?: Fate
  readonly diff?: boolean
  readonly verbosity?: number
  readonly width?: number
}

const shown = async ({mode, hosts, second = 'fine', diff = false, verbosity = 0, width}: Case): Promise<string> => {
  const output = memoryOutput()
  const style = new Chalk({level: 0})
  const reporter = plain(output, {style, view: {diff, verbosity}, ...(width !== undefined && {width})})
  for (const event of stream(mode, hosts, index => (index === 1 ? second : 'fine'))) reporter.on(event)
  await reporter.close?.()
  return output.text()
}

const reads = test.macro({
  exec: async (t, name: string, options: Case) => golden(t, import.meta.dirname, `${name}.txt`, await shown(options)),
  title: (_, name) => 'plain output: ' + name,
})

test(reads, 'check of 2 hosts', {mode: 'check', hosts: 2})
test(reads, 'check of 2 hosts with diff', {mode: 'check', hosts: 2, diff: true})
test(reads, 'check of 2 hosts with diff, 80 columns', {mode: 'check', hosts: 2, diff: true, width: 80})
test(reads, 'check of 2 hosts, one converged', {mode: 'check', hosts: 2, second: 'converged'})
test(reads, 'check of 2 hosts, verbose', {mode: 'check', hosts: 2, verbosity: 1})
test(reads, 'check of 50 hosts, one unreachable', {mode: 'check', hosts: 50, second: 'unreachable'})
test(reads, 'check of 50 hosts, 80 columns', {mode: 'check', hosts: 50, width: 80})
test(reads, 'apply on 2 hosts', {mode: 'apply', hosts: 2})
test(reads, 'apply on 2 hosts, very verbose', {mode: 'apply', hosts: 2, verbosity: 2})
test(reads, 'apply on 2 hosts, one fails', {mode: 'apply', hosts: 2, second: 'fails'})
test(reads, 'apply on 2 hosts, one fails, 80 columns', {mode: 'apply', hosts: 2, second: 'fails', width: 80})
test(reads, 'apply on 2 hosts, one unreachable', {mode: 'apply', hosts: 2, second: 'unreachable'})
test(reads, 'apply on 2 hosts, interrupted', {mode: 'apply', hosts: 2, second: 'interrupted'})
test(reads, 'apply on 50 hosts, one fails, 160 columns', {mode: 'apply', hosts: 50, second: 'fails', width: 160})

test('a run that is cut off still ends with a recap', async t => {
  const output = memoryOutput()
  const reporter = plain(output, {style: new Chalk({level: 0}), view: {diff: false, verbosity: 0}})
  const events = stream('apply', 2)
  for (const event of events.slice(0, events.findLastIndex(({event}) => event === 'item-end') - 20)) reporter.on(event)
  await reporter.close?.()
  golden(t, import.meta.dirname, 'apply on 2 hosts, cut off.txt', output.text())
})

test('no line of the recap is wider than the terminal, and no word is broken', async t => {
  for (const width of [60, 80, 160])
    for (const second of ['fine', 'fails', 'unreachable', 'interrupted'] as const) {
      const text = await shown({mode: 'apply', hosts: 2, second, width})
      const wide = await shown({mode: 'apply', hosts: 2, second})
      t.deepEqual(
        text.split('\n').filter(line => line.length > width),
        [],
      )
      t.deepEqual(
        text.split(/\s+/).filter(word => !wide.split(/\s+/).includes(word) && !/^(chg|skip|unsup|fail)$/.test(word)),
        [],
      )
    }
})

test('colour is for terminals, unless NO_COLOR is set or FORCE_COLOR asks for it', t => {
  t.is(styleFor({isTTY: true}, {}).level, 1)
  t.is(styleFor({isTTY: true}, {NO_COLOR: '1'}).level, 0)
  t.is(styleFor({isTTY: true}, {TERM: 'dumb'}).level, 0)
  t.is(styleFor({}, {}).level, 0)
  t.is(styleFor({}, {FORCE_COLOR: '1'}).level, 1)
  t.is(styleFor({}, {FORCE_COLOR: '1', NO_COLOR: '1'}).level, 0)
})
