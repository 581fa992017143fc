import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import type {Event} from '../../src/events.ts'
import {Connection} from '../../src/executor/connection.ts'
import {lineReader, outputFragment} from '../../src/executor/follow.ts'
import type {PlanItem} from '../../src/executor/plan.ts'
import {Requests} from '../../src/executor/requests.ts'
import {runStage} from '../../src/executor/stage.ts'
import {openState} from '../../src/executor/state-directory.ts'
import {stepFragment} from '../../src/executor/step-script.ts'
import {emitter} from '../../src/reporters/emit.ts'
import {raw} from '../../src/shell/command.ts'
import {quote} from '../../src/shell/quote.ts'
import {localSession} from '../../src/transport/scripted.ts'
import {type Fragment, type Session, TransportError} from '../../src/transport/transport.ts'
import {targetOf} from '../support/fake-host.ts'

const shells = [['/bin/dash'], ['/bin/bash'], ['/bin/busybox', 'sh']].filter(([binary]) => existsSync(binary as string))

const temporary = (t: ExecutionContext): string => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-follow-'))
  t.teardown(() => rmSync(directory, {recursive: true, force: true, maxRetries: 5}))
  return directory
}

type Aside = (fragments: readonly Fragment[]) => Promise<never> | undefined

/** Runs one step on a local shell; `onEvent` sees what is told, `aside` may answer for the second shell. */
const runStep = async (
  directory: string,
  command: string,
  onEvent: (event: Event) => void,
  {isLive = true, aside = () => undefined}: {isLive?: boolean; aside?: Aside} = {},
): Promise<void> => {
  const [, where = ''] = openState({runId: 'r1'}).split('\n')
  const redirect = (fragment: Fragment): Fragment => ({
    ...fragment,
    script: fragment.script.replaceAll(where, `gw=${quote(join(directory, 'state'))}`),
    ...(fragment.prelude !== undefined && {
      prelude: fragment.prelude.replaceAll(where, `gw=${quote(join(directory, 'state'))}`),
    }),
  })
  const connect = async (): Promise<Session> => {
    const session = localSession({host: 'gw1'})
    return {
      ...session,
      shell(options) {
        const shell = session.shell(options)
        return {
          hello: () => shell.hello(),
          request: (fragments, watch) =>
            (options.isAside ? aside(fragments) : undefined) ?? shell.request(fragments.map(redirect), watch),
        }
      },
    }
  }
  const {signal} = new AbortController()
  const connection = new Connection(connect, targetOf('gw1'), {become: undefined, readOnly: false, signal, isLive})
  const emit = emitter([{on: onEvent}], {secrets: new Set(['hunter22'])})
  const requests = new Requests({connection, mode: 'apply', runId: 'r1', emit, signal, lockWaitSeconds: 30})
  const item: PlanItem = {
    id: 'command long',
    kind: 'command',
    play: 0,
    become: undefined,
    verdict: 'changed',
    tentative: false,
    changes: [],
    steps: ['long'],
    realise: [{do: 'run', title: 'long', command: raw(command)}],
    barrier: false,
    origin: {play: 0, become: undefined, slot: 0, blocks: []},
  }
  await requests.gather([])
  try {
    await runStage([{item, index: 0}], {
      connection,
      requests,
      become: undefined,
      runId: 'r1',
      emit,
      signal,
      onDone() {},
      onAnswer() {},
      host: 'gw1',
    })
  } finally {
    await connection.close()
  }
}

const waitFor = (file: string): string => `until [ -e ${quote(file)} ]; do sleep 0.1; done`

test('the output of a step is told while it runs, in whole lines, without secrets and without losing anything', async t => {
  const directory = temporary(t)
  const go = (n: number): string => join(directory, `go${n}`)
  const parts: string[] = []
  let end = ''
  const command = `printf 'é one\\nhun'; ${waitFor(go(1))}; printf 'ter22 two\\nthree\\n' >&2; ${waitFor(go(2))}; echo four`
  await runStep(directory, command, event => {
    if (event.event === 'step-output') writeFileSync(go(parts.push(event.text)), '')
    if (event.event === 'step-end') end = event.output
  })
  t.deepEqual(parts, ['é one\n', '*** two\nthree\n'])
  t.is(end, 'é one\n*** two\nthree\nfour')
})

test('a step is not followed unless that is asked for', async t => {
  const names: string[] = []
  await runStep(temporary(t), 'echo one; sleep 2', event => void names.push(event.event), {isLive: false})
  t.false(names.includes('step-output'))
})

const silent = test.macro({
  async exec(t, _name: string, aside: Aside) {
    const directory = temporary(t)
    const names: string[] = []
    let asked = 0
    await runStep(directory, `echo one; ${waitFor(join(directory, 'go'))}`, event => void names.push(event.event), {
      aside(fragments) {
        asked++
        setTimeout(() => writeFileSync(join(directory, 'go'), ''), 50)
        return aside(fragments)
      },
    })
    t.true(asked > 0)
    t.is(names.at(-1), 'step-end')
    t.false(names.includes('step-output'))
  },
  title: (_, name) => 'a run goes on as if nothing was when the second shell ' + name,
})
test(silent, 'cannot be had', async () => {
  throw new TransportError('connection-lost', 'gw1', 'no more channels')
})
test(silent, 'never answers', () => new Promise<never>(() => {}))

test('characters and lines may be cut anywhere', t => {
  const text = 'one\nzwölf 🚦 tables\n\nend'
  const bytes = Buffer.from(text)
  for (let first = 0; first <= bytes.length; first++)
    for (let second = first; second <= bytes.length; second++) {
      const reader = lineReader()
      const told = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)].map(part =>
        reader.push(part),
      )
      t.is(told.join(''), text.slice(0, text.lastIndexOf('\n') + 1))
      t.true(told.every(part => part === '' || part.endsWith('\n')))
    }
})

test('after a gap, and within a line without end, the next whole line is the next that is told', t => {
  const reader = lineReader()
  reader.push(Buffer.from('half'))
  reader.skip()
  t.is(reader.push(Buffer.from(' of another\nwhole\n')), 'whole\n')
  t.is(reader.push(Buffer.alloc(70_000, 'x')), '')
  t.is(reader.push(Buffer.from('end of it\nnext\n')), 'next\n')
})

for (const shell of shells)
  test(`what a running step has said is read in parts: ${shell.join(' ')}`, async t => {
    const directory = temporary(t)
    const place = {runId: 'r1', stateDirectory: join(directory, 'state')}
    const go = join(directory, 'go')
    const session = localSession({shell})
    const script = `printf %70000s x | tr ' ' y; echo; : >${go}.said; ${waitFor(go)}`
    const step = {do: 'run', title: 'long', command: raw(script)} as const
    const ended = session.shell({}).request([stepFragment(step, {...place, stepId: 's1'})])
    const ask = async (offset: number): Promise<[number, number]> => {
      const [outcome] = await session.shell({isAside: true}).request([outputFragment('s1', offset, place)])
      if (outcome?.status !== 'done') return [-1, -1]
      const [start = '', ...base64] = outcome.stdout.split('\n')
      return [Number(start), Buffer.from(base64.join(''), 'base64').length]
    }
    while (!existsSync(`${go}.said`)) await new Promise(resolve => setTimeout(resolve, 20))
    t.deepEqual(await ask(0), [70_001 - 65_536, 65_536])
    t.deepEqual(await ask(69_000), [69_000, 1001])
    t.deepEqual(await ask(70_001), [70_001, 0])
    writeFileSync(go, '')
    await ended
    await session.close()
  })
