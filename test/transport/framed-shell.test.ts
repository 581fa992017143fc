import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test from 'ava'
import {FrameReader, NotAFrame} from '../../src/transport/frames.ts'
import {type LineOptions, localSession, scripted} from '../../src/transport/scripted.ts'
import {type Fragment, type Outcome, TransportError} from '../../src/transport/transport.ts'

const shells = [['/bin/dash'], ['/bin/bash'], ['/bin/busybox', 'sh']].filter(([binary]) => existsSync(binary as string))

const run = async (fragments: readonly Fragment[], options: LineOptions = {}): Promise<readonly Outcome[]> => {
  const session = localSession(options)
  try {
    return await session.shell({}).request(fragments)
  } finally {
    await session.close()
  }
}

const one = async (script: string, more: Partial<Fragment> = {}, options: LineOptions = {}) => {
  const [outcome] = await run([{id: 'one', script, ...more}], options)
  if (outcome?.status !== 'done') throw new Error('skipped')
  return outcome
}

const failure = async (promise: Promise<unknown>): Promise<TransportError> => {
  try {
    await promise
  } catch (error) {
    if (error instanceof TransportError) return error
    throw error
  }
  throw new Error('it succeeded')
}

for (const shell of shells) {
  const on = shell.join(' ')

  test(`${on}: stdout keeps its exact bytes, stderr and code come apart`, async t => {
    const outcome = await one(String.raw`printf 'a\n\n\303\244 x'; echo warn >&2; exit 7`, {}, {shell})
    t.deepEqual(outcome, {status: 'done', code: 7, stdout: 'a\n\nä x', stderr: 'warn\n'})
    t.is((await one(String.raw`printf 'a\n\n\n'`, {}, {shell})).stdout, 'a\n\n\n')
    t.is((await one('printf x5', {}, {shell})).stdout, 'x5')
    t.is((await one(':', {}, {shell})).stdout, '')
  })

  test(`${on}: fragments read their input or nothing, and what they leave of it is drained`, async t => {
    const input = Buffer.from(`${'line\n'.repeat(50_000)}end`)
    const outcomes = await run(
      [
        {id: 'all', script: 'cat | wc -c', input},
        {id: 'nothing', script: 'cat'},
        {id: 'some', script: 'read -r line; echo "$line"', input},
        {id: 'none', script: 'exec <&-; echo not read', input},
        {id: 'big', script: 'cat | wc -c', input: Buffer.alloc(3_000_000, 'x')},
        {id: 'after', script: 'echo in step'},
      ],
      {shell},
    )
    const texts = outcomes.map(outcome => (outcome.status === 'done' ? outcome.stdout.trim() : 'skipped'))
    t.deepEqual(texts, [String(input.length), '', 'line', 'not read', '3000000', 'in step'])
  })

  test(`${on}: no fragment disturbs those after it`, async t => {
    const scripts = {
      exit: 'exit 3',
      exec: 'exec false',
      syntax: 'if then fi (',
      unset: 'set -eu; : "$nothing"',
      errexit: 'set -e; false; echo not reached',
      variable: 'm=other; failed=f; LC_ALL=de_DE.UTF-8; trap "echo trapped" EXIT',
      return: 'return 5',
      closed: 'exec >&- 2>&-; echo lost',
      fake: `echo "$m O 3 0 4"; echo fake; echo "$m S 4"`,
      background: '(sleep 0.2; echo late; echo late >&2) >/dev/null 2>&1 & echo started',
      subshell: 'kill -9 $(exec sh -c "echo \\$PPID"); echo not reached',
      last: 'echo last',
    }
    const outcomes = await run(
      Object.entries(scripts).map(([id, script]) => ({id, script})),
      {shell},
    )
    const codes = outcomes.map(outcome => (outcome.status === 'done' ? outcome.code : -1))
    t.deepEqual(codes.slice(0, 2), [3, 1])
    t.not(codes[2], 0)
    t.not(codes[3], 0)
    t.deepEqual(codes.slice(4, 7), [1, 0, 5])
    t.is(codes.length, 12)
    t.deepEqual(outcomes.at(-1), {status: 'done', code: 0, stdout: 'last\n', stderr: ''})
    const [variable, fake] = [outcomes[5], outcomes[8]]
    t.is(variable?.status === 'done' && variable.stdout, 'trapped\n')
    t.regex(fake?.status === 'done' ? fake.stdout : '', /^gw\w+ O 3 0 4\nfake\ngw\w+ S 4\n$/)
  })

  test(`${on}: megabytes with and without newlines arrive whole`, async t => {
    const lines = await one('i=0; seq 1 700000', {}, {shell})
    t.is(lines.stdout.length, 4_788_895)
    const bare = await one(
      "head -c 5000000 /dev/zero | tr '\\0' x; head -c 300000 /dev/zero | tr '\\0' e >&2",
      {},
      {shell},
    )
    t.is(bare.stdout, 'x'.repeat(5_000_000))
    t.is(bare.stderr, 'e'.repeat(300_000))
  })

  test(`${on}: steps after a failed step are skipped, in this request only`, async t => {
    const session = localSession({shell})
    const seen: string[] = []
    const outcomes = await session.shell({}).request(
      [
        {id: 'a', script: 'true', step: true},
        {id: 'b', script: 'cat; false', step: true, input: Buffer.from('x')},
        {id: 'c', script: 'echo no', step: true, input: Buffer.from('unread')},
        {id: 'd', script: 'echo probe'},
      ],
      {onStart: id => seen.push(`start ${id}`), onEnd: id => seen.push(`end ${id}`)},
    )
    t.deepEqual(
      outcomes.map(({status}) => status),
      ['done', 'done', 'skipped', 'done'],
    )
    t.deepEqual(seen, ['start a', 'end a', 'start b', 'end b', 'end c', 'start d', 'end d'])
    const [next] = await session.shell({}).request([{id: 'e', script: 'echo again', step: true}])
    t.like(next, {status: 'done', stdout: 'again\n'})
    await session.close()
  })

  test(`${on}: requests issued at once are answered in order`, async t => {
    const session = localSession({shell})
    const answers = await Promise.all(
      Array.from({length: 20}, (_, n) => session.shell({}).request([{id: `r${n}`, script: `echo ${n}`}])),
    )
    t.deepEqual(
      answers.map(([outcome]) => outcome?.status === 'done' && outcome.stdout.trim()),
      answers.map((_, n) => String(n)),
    )
    await session.close()
  })

  test(`${on}: a fragment that kills the shell is named, and what came before is kept`, async t => {
    const error = await failure(
      run(
        [
          {id: 'ok', script: 'echo fine'},
          {id: 'killer', script: 'kill -9 $$; sleep 5'},
          {id: 'rest', script: 'true'},
        ],
        {shell},
      ),
    )
    t.is(error.fault, 'shell-died')
    t.is(error.fragment, 'killer')
    t.deepEqual([...error.answered], [['ok', {status: 'done', code: 0, stdout: 'fine\n', stderr: ''}]])
  })

  test(`${on}: a fragment with a limit is stopped with its children, and the shell lives on`, async t => {
    const [slow, next] = await run(
      [
        {id: 'slow', script: 'echo begun; sleep 60 | sleep 60', timeoutMs: 1000},
        {id: 'next', script: 'echo next'},
      ],
      {shell},
    )
    t.like(slow, {status: 'done', code: 124, stdout: 'begun\n', stderr: 'stopped after 1 s\n'})
    t.like(next, {status: 'done', stdout: 'next\n'})
  })

  test(`${on}: a prelude lasts as long as the shell, only for steps`, async t => {
    const directory = mkdtempSync(join(tmpdir(), 'gatewright-prelude-'))
    const open = {prelude: `exec 9>>${directory}/lock`, script: 'echo one >&9'}
    const [first, second, third] = await run(
      [
        {id: 'open', ...open},
        {id: 'step', script: 'echo two >&9', step: true},
        {id: 'probe', script: '(echo three >&9) 2>/dev/null'},
      ],
      {shell},
    )
    t.like(first, {code: 0})
    t.like(second, {code: 0})
    t.true(third?.status === 'done' && third.code !== 0)
    t.is(readFileSync(`${directory}/lock`, 'utf8'), 'one\ntwo\n')
    rmSync(directory, {recursive: true})
  })
}

const small: readonly Fragment[] = [
  {id: 'a', script: 'echo a'},
  {id: 'b', script: 'cat; echo e >&2; exit 2', input: Buffer.from('bb'), step: true},
  {id: 'c', script: 'echo c', step: true},
]
const expected: readonly Outcome[] = [
  {status: 'done', code: 0, stdout: 'a\n', stderr: ''},
  {status: 'done', code: 2, stdout: 'bb', stderr: 'e\n'},
  {status: 'skipped'},
]

test('a line cut at any byte gives the full result or an error with the right answers, and never hangs', async t => {
  const whole = localSession()
  t.deepEqual(await whole.shell({}).request(small), expected)
  const {sent, received} = whole.bytes
  await whole.close()
  const cuts: LineOptions[] = [
    ...Array.from({length: sent + 1}, (_, n) => ({cutAfterBytesSent: n})),
    // The greeting holds a process id: the answer of a later shell may be longer or shorter by some digits.
    ...Array.from({length: received + 6}, (_, n) => ({cutAfterBytesReceived: n})),
  ]
  t.true(cuts.length > 200)
  let complete = 0
  const tryCut = async (options: LineOptions) => {
    const where = JSON.stringify(options)
    const session = localSession(options)
    const request = session.shell({}).request(small)
    const settled = await Promise.race([request.catch((error: unknown) => error), sleep(10_000, 'hangs', {ref: false})])
    await session.close()
    if (Array.isArray(settled)) {
      t.deepEqual(settled, expected, where)
      complete += 1
      return
    }
    if (!(settled instanceof TransportError)) {
      t.fail(`${where}: ${String(settled)}`)
      return
    }
    t.is(settled.fault, 'connection-lost', where)
    const answered: unknown[] = [...settled.answered]
    t.deepEqual(
      answered,
      small.slice(0, answered.length).map(({id}, n): unknown => [id, expected[n]]),
      where,
    )
    t.true(settled.fragment === undefined || settled.fragment === small[answered.length]?.id, where)
  }
  const next = cuts.values()
  const work = async () => {
    for (const cut of next) await tryCut(cut)
  }
  await Promise.all(Array.from({length: 8}, work))
  // Only a cut behind the last byte leaves the result whole.
  t.true(complete >= 1 && complete <= 12, String(complete))
})

test('after a cut the fragment that runs is the last one', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-cut-'))
  const session = localSession({cutAfterBytesReceived: 60})
  const error = await failure(
    session.shell({}).request([
      {id: 'a', script: `until [ -e ${directory}/go ]; do sleep 0.05; done; touch ${directory}/a`},
      {id: 'b', script: `touch ${directory}/b`},
    ]),
  ).finally(() => writeFileSync(join(directory, 'go'), ''))
  t.is(error.fault, 'connection-lost')
  for (let tries = 0; tries < 200 && !existsSync(join(directory, 'a')); tries += 1) await sleep(50)
  await sleep(500)
  t.true(existsSync(join(directory, 'a')))
  t.false(existsSync(join(directory, 'b')))
  rmSync(directory, {recursive: true})
})

test('an error names the fragment during which the line was cut', async t => {
  const session = localSession()
  const cut = session.shell({}).request([{id: 'a', script: 'sleep 30'}], {onStart: () => void session.close()})
  const error = await failure(cut)
  t.is(error.fragment, 'a')
  t.regex(error.message, /\(during a\)/)
})

test('a frozen line is given up', async t => {
  const error = await failure(run(small, {freezeAfterBytesReceived: 60, keepaliveMs: 200}))
  t.is(error.fault, 'timeout')
})

test('a request after the end fails as the one before it', async t => {
  const session = localSession({cutAfterBytesReceived: 1})
  await failure(session.shell({}).request(small))
  const error = await failure(session.shell({}).request(small))
  t.is(error.fault, 'connection-lost')
  t.regex(error.message, /before a/)
})

test('frames are found wherever the stream is cut, behind any banner', t => {
  const stream = Buffer.from('Welcome!\nM H 0 12 rw\nM B 0\nM O 0 3 4\na\nM \nM E 0 3 0\n\nM S 1\n')
  const read = (pieces: readonly Buffer[]) => {
    const reader = new FrameReader('M')
    return pieces.flatMap(piece => [...reader.push(piece)])
  }
  const whole = read([stream])
  t.deepEqual(
    whole.map(({is}) => is),
    ['hello', 'begin', 'stdout', 'stderr', 'skipped'],
  )
  for (let at = 0; at <= stream.length; at += 1) t.deepEqual(read([stream.subarray(0, at), stream.subarray(at)]), whole)
  t.deepEqual(read([...stream].map(byte => Buffer.of(byte))), whole)
  t.throws(() => read([Buffer.from('M H 0 1 rw\nstray\n')]), {instanceOf: NotAFrame})
})

test('a canned session answers without a host, and remembers what it was asked', async t => {
  const session = scripted(({id}) => ({status: 'done', code: id === 'b' ? 1 : 0, stdout: id, stderr: ''}))
  const outcomes = await session.shell({become: 'root'}).request(small)
  t.deepEqual(
    outcomes.map(({status}) => status),
    ['done', 'done', 'skipped'],
  )
  t.deepEqual(session.requests, [{shell: {become: 'root'}, fragments: small}])
})
