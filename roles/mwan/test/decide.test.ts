// The decisions of the tracker, fed with events of a virtual time: nothing here sleeps.
import {spawnSync} from 'node:child_process'
import {mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {decideAwk} from '../programs/decide.ts'

const conf = (settings: Record<string, number | string> = {}, rest = '', a = 'flush'): string =>
  `${Object.entries({
    interval: 1,
    timeout: 1,
    required: 2,
    down: 3,
    up: 10,
    window: 30,
    latency_down: 150,
    latency_up: 100,
    loss_down: 3,
    loss_up: 1,
    hold: 60,
    flaps: 6,
    damp: 900,
    failback: 'keep',
    drain: 300,
    better_ms: 20,
    better_percent: 20,
    better_time: 60,
    penalty: 100,
    reconcile: 30,
    ...settings,
  })
    .map(([name, value]) => `set ${name} ${value}\n`)
    .join('')}uplink a wan-a 256/16128 ${a} 30
uplink b bond0.20 512/16128 flush 30
path a 4 t1 t2 t3
path b 4 t1 t2 t3
${rest || 'policy both 65536 unreachable metric a:1:2 b:1:1\n'}`

/** What a target answers on an uplink at a time: milliseconds, or undefined when it is lost. */
type World = (uplink: string, target: string, second: number) => number | undefined

/** A run of so many seconds; `events` are lines put in at their second, `%` being the time. */
const seconds = (from: number, to: number, world: World, events: Record<number, string[]> = {}): string => {
  const lines: string[] = []
  for (let second = from; second < to; second++) {
    for (const line of events[second] ?? []) lines.push(line.replace('%', String(second)))
    for (const uplink of ['a', 'b'])
      for (const target of ['t1', 't2', 't3']) {
        const ms = world(uplink, target, second)
        lines.push(`probe ${second}.5 ${uplink} 4 ${target} ${ms ?? 'lost'}`)
      }
    lines.push(`tick ${second}.9 ${1_800_000_000 + second}`)
  }
  return `${lines.join('\n')}\n`
}

type Done = {readonly lines: string[]; readonly directory: string}
const decide = (
  configuration: string,
  input: string,
  directory = mkdtempSync(join(tmpdir(), 'gatewright-mwan-')),
): Done => {
  for (const [name, text] of [
    ['decide.awk', decideAwk],
    ['conf', configuration],
  ] as const)
    writeFileSync(join(directory, name), text)
  writeFileSync(join(directory, 'memory'), '', {flag: 'a'})
  const of = (name: string): string => join(directory, name)
  const {stdout, stderr, status} = spawnSync(
    'awk',
    ['-v', `dir=${directory}`, '-f', of('decide.awk'), of('conf'), of('memory'), '-'],
    {input: `steer 0 yes\n${input}`, encoding: 'utf8', maxBuffer: 1e9},
  )
  if (status !== 0 || stderr !== '') throw new Error(`awk ended with ${status}: ${stderr}`)
  const lines = stdout.split('\n')
  const last = (word: string): string | undefined => lines.findLast(line => line.startsWith(`${word} `))?.split(' ')[1]
  for (const [word, file, name] of [
    ['publish', 'state', 'state.json'],
    ['publish', 'metrics', 'metrics.prom'],
    ['memorise', 'memory', 'memory'],
  ] as const) {
    const number = last(word)
    if (number !== undefined) writeFileSync(of(name), readFileSync(of(`${file}.${number}`)))
  }
  return {lines, directory}
}

/** The states that an uplink entered, in order. */
const entered = ({lines}: Done, uplink = 'a'): string[] =>
  lines.flatMap(line => new RegExp(`^log ${uplink}/4 is (\\w+),`).exec(line)?.[1] ?? [])
/** Who got the buckets, after each change of the map. */
const shares = ({lines}: Done): string[] =>
  lines
    .filter(line => line.startsWith('nft '))
    .map(line => ['a', 'b'].map(name => `${name}=${line.split(`goto use_${name}`).length - 1}`).join(' '))
    .filter((share, index, all) => share !== all[index - 1])
const stateOf = ({directory}: Done) => JSON.parse(readFileSync(join(directory, 'state.json'), 'utf8'))
const well: World = () => 5

test('an uplink that answers nothing any more is left after three losses and comes back once, after the hold', t => {
  const world: World = (uplink, _, second) => (uplink === 'a' && second >= 40 && second < 50 ? undefined : 5)
  const done = decide(conf(), seconds(0, 200, world))
  // Two rounds are a loss rate already, the third is the end.
  t.deepEqual(entered(done), ['degraded', 'down', 'degraded', 'up'])
  t.deepEqual(shares(done), ['a=40 b=20', 'a=0 b=60', 'a=40 b=20'])
  const at = (word: string): number =>
    done.lines
      .slice(
        0,
        done.lines.findIndex(line => line.includes(word)),
      )
      .filter(line => line.startsWith('publish')).length
  t.is(at('a/4 is down'), 42, 'with the third loss')
  t.true(at('a/4 is up') >= 42 + 60, 'not before the hold')
  t.is(done.lines.filter(line => line === 'flush 4 256/16128 all').length, 1)
  t.deepEqual(
    done.lines.filter(line => line.startsWith('flush 4 512')),
    [],
    'flows of the other uplink are left alone',
  )
})

test('the new choice is there before the flows of the dead uplink are deleted', t => {
  const {lines} = decide(
    conf(),
    seconds(0, 20, (uplink, _, second) => (uplink === 'a' && second > 5 ? undefined : 5)),
  )
  const flush = lines.indexOf('flush 4 256/16128 all')
  t.true(flush > 0)
  t.false(
    lines
      .slice(0, flush)
      .findLast(line => line.startsWith('nft '))
      ?.includes('use_a'),
  )
})

test('two of three targets decide: one that is dead, slow or lossy condemns nothing', t => {
  for (const bad of [undefined, 500] as const) {
    const one = decide(
      conf(),
      seconds(0, 90, (uplink, target, second) => (uplink === 'a' && target === 't2' && second > 30 ? bad : 5)),
    )
    t.deepEqual(entered(one), [])
    const two = decide(
      conf(),
      seconds(0, 90, (uplink, target, second) => (uplink === 'a' && target !== 't2' && second > 30 ? bad : 5)),
    )
    t.deepEqual(entered(two), [bad === undefined ? 'down' : 'degraded'])
  }
})

test('200 ms more move new flows within 30 s, leave the old ones alone, and come back once when it is over', t => {
  const world: World = (uplink, _, second) => (uplink === 'a' && second >= 60 && second < 100 ? 205 : 5)
  const done = decide(conf(), seconds(0, 300, world))
  t.deepEqual(entered(done), ['degraded', 'up'])
  t.deepEqual(shares(done), ['a=40 b=20', 'a=0 b=60', 'a=40 b=20'])
  const moved =
    Number(/"since":(\d+)/.exec(JSON.stringify(stateOf(decide(conf(), seconds(0, 100, world))).uplinks[0]))?.[1]) -
    1_800_000_060
  t.true(moved > 0 && moved <= 30, `moved after ${moved} s`)
  t.deepEqual(
    done.lines.filter(line => line.startsWith('flush')),
    [],
  )
})

test('latency between both thresholds neither sends away nor brings back', t => {
  const steady = decide(
    conf(),
    seconds(0, 120, uplink => (uplink === 'a' ? 120 : 5)),
  )
  t.deepEqual(entered(steady), [])
  const back = decide(
    conf(),
    seconds(0, 300, (uplink, _, second) => (uplink !== 'a' ? 5 : second < 40 ? 200 : 120)),
  )
  t.deepEqual(entered(back), ['degraded'])
})

test('one outlier in a window is no latency, and one lost packet no loss', t => {
  const world: World = (uplink, _, second) => (uplink !== 'a' ? 5 : second === 40 ? 900 : second === 80 ? undefined : 5)
  t.deepEqual(entered(decide(conf(), seconds(0, 150, world))), [])
})

test('5 % of lost packets move new flows', t => {
  const world: World = (uplink, target, second) =>
    uplink === 'a' && second >= 60 && (second * 3 + Number(target.slice(1))) % 20 < 2 ? undefined : 5
  t.deepEqual(entered(decide(conf(), seconds(0, 90, world))), ['degraded'])
})

test('an uplink that goes on losing packets does not come back in a lucky moment', t => {
  const world: World = (uplink, target, second) =>
    uplink === 'a' && second >= 60 && (second * 7 + Number(target.slice(1)) * 13) % 40 === 0 ? undefined : 5
  t.deepEqual(entered(decide(conf({loss_down: 2}), seconds(0, 900, world))).slice(1), [])
})

test('an uplink whose prober is silent is down, and a paused tracker hears nobody being silent', t => {
  const lines = seconds(0, 60, well).split('\n')
  const silent = lines.filter(line => !/^probe [2-5]\d\.5 a /.test(line)).join('\n')
  t.true(entered(decide(conf(), `${silent}\n`)).includes('down'))
  const paused = lines.filter(line => !/^\w+ [2-4]\d\./.test(line)).join('\n')
  t.deepEqual(entered(decide(conf(), `${paused}\n`)), [])
})

test('a pulled cable needs no probe; its flows end with the first answers that another uplink gets', t => {
  const pulled = `${seconds(0, 10, well)}device 10 wan-a down\n`
  const {lines} = decide(conf(), pulled)
  t.true(lines.includes('log a/4 is down, it was up: no carrier on wan-a'))
  t.false(lines.includes('flush 4 256/16128 all'))
  const next = [1, 2].map(target => `probe 10.5 b 4 t${target} 5\n`).join('')
  t.true(decide(conf(), pulled + next).lines.includes('flush 4 256/16128 all'))
})

const flushesOf = ({lines}: Done): string[] => lines.filter(line => line.startsWith('flush'))

test('when every uplink falls silent at once no flow is ended, neither then nor when all are back', t => {
  // The second time one of them answers a little longer, so that it is no longer down at the same moment.
  const world: World = (uplink, _, second) => (second >= 20 && second < (uplink === 'a' ? 27 : 26) ? undefined : 5)
  const late: Record<number, string[]> = {22: ['probe % b 4 t1 5', 'probe % b 4 t2 5', 'probe % b 4 t3 5']}
  for (const events of [{}, late]) {
    const done = decide(conf({up: 5, hold: 5, window: 10}), seconds(0, 120, world, events))
    t.true(entered(done).includes('down') && entered(done, 'b').includes('down'))
    t.deepEqual([entered(done).at(-1), entered(done, 'b').at(-1)], ['up', 'up'])
    t.deepEqual(flushesOf(done), [])
  }
})

test('when every uplink was silent and one of them is back, the flows of the others end', t => {
  const world: World = (uplink, _, second) => (second >= 20 && (uplink === 'a' || second < 30) ? undefined : 5)
  t.deepEqual(flushesOf(decide(conf(), seconds(0, 30, world))), [])
  t.deepEqual(flushesOf(decide(conf(), seconds(0, 60, world))), ['flush 4 256/16128 all'])
})

test('flows are ended for an uplink of one of their policies only', t => {
  const dead: World = (uplink, _, second) => (uplink === 'a' && second > 5 ? undefined : 5)
  const alone = 'policy one 65536 unreachable metric a:1:1\npolicy two 65664 unreachable metric b:1:1\n'
  t.deepEqual(flushesOf(decide(conf({}, alone), seconds(0, 40, dead))), [])
  const both = `${alone}policy three 65792 unreachable metric b:1:1 a:2:1\n`
  t.deepEqual(flushesOf(decide(conf({}, both), seconds(0, 40, dead))), ['flush 4 256/16128 all'])
})

/** The marks that are to choose anew, after each change. */
const movedMarks = ({lines}: Done): string[] =>
  lines
    .filter(line => line.startsWith('nft '))
    .map(line => /add element inet gatewright_mwan moved4 \{ (.*?) \}/.exec(line)?.[1] ?? '')
    .filter((marks, index, all) => marks !== all[index - 1])

const standby = 'policy main 65536 unreachable metric a:1:1 b:2:1\n'

test('flows of an uplink that can move choose anew while it is dead and another answers; what has NAT is ended', t => {
  const world: World = (uplink, _, second) => (uplink === 'a' && second >= 20 && second < 60 ? undefined : 5)
  const done = decide(conf({hold: 10}, standby, 'move'), seconds(0, 200, world))
  t.deepEqual(movedMarks(done), ['', '256', ''])
  t.deepEqual(flushesOf(done), ['flush 4 256/16128 nat'])
  const all: World = (_, __, second) => (second >= 20 && second < 26 ? undefined : 5)
  t.deepEqual(movedMarks(decide(conf({}, standby, 'move'), seconds(0, 200, all))), [''], 'nowhere to go')
})

for (const [failback, marks] of [
  ['keep', ['', '512', '']],
  ['flush', ['', '512', '', '512']],
  ['drain', ['', '512', '', '512']],
] as const)
  test(`failback ${failback} of flows that can move: those of the spare uplink when the first is back`, t => {
    const world: World = (uplink, _, second) =>
      (uplink === 'b' && second >= 20 && second < 40) || (uplink === 'a' && second >= 100 && second < 120)
        ? undefined
        : 5
    const text = conf({failback, drain: 20, hold: 10}, standby).replace('512/16128 flush', '512/7936 move')
    t.deepEqual(movedMarks(decide(text, seconds(0, 300, world))), [...marks])
  })

test('a policy of tunnels alone leads into them, and loses what none carries, of either family', t => {
  const policy = 'policy site 65536 confined_blackhole metric a:1:1 b:2:1\n'
  const world: World = (_, __, second) => (second >= 20 ? undefined : 5)
  const maps = decide(conf({}, policy), seconds(0, 40, world)).lines.filter(line => line.startsWith('nft '))
  const chains = (line = '') => [
    ...new Set(
      [...line.matchAll(/(\d+) : goto (\w+)/g)].map(([, key, chain]) => `${Number(key) < 65600 ? 4 : 6} ${chain}`),
    ),
  ]
  t.deepEqual(chains(maps[0]), ['4 confine_a', '6 lost_confined_blackhole'])
  t.deepEqual(chains(maps.at(-1)), ['4 lost_confined_blackhole', '6 lost_confined_blackhole'])
})

test('a device that vanishes takes its uplink away at once, and its routes are made anew when it comes back', t => {
  const gone = `${seconds(0, 10, well)}device 10 wan-a down\n`
  t.true(decide(conf(), gone).lines.includes('log a/4 is down, it was up: no carrier on wan-a'))
  const {lines} = decide(conf(), `${gone}device 11 wan-a down\ndevice 12 wan-a up\n`)
  t.is(lines.filter(line => line === 'reconcile').length, 2 + 1, 'for each change, and once at the start')
})

test('only the master steers; the one that takes over applies what it saw and ends what hangs on a dead uplink', t => {
  const world: World = uplink => (uplink === 'a' ? undefined : 5)
  const standby = `steer 0 no\n${seconds(0, 20, world)}`
  const before = decide(conf(), standby)
  t.deepEqual(entered(before), ['down'], 'it watches')
  t.deepEqual(before.lines.filter(line => /^(nft|flush) /.test(line)).slice(1), [], 'and touches nothing')
  t.false(stateOf(before).steering)
  const after = decide(conf(), `${standby}steer 20 yes\n`)
  const log = after.lines.lastIndexOf('log steers')
  t.true(after.lines[log + 1]?.startsWith('nft flush map') && !after.lines[log + 1]?.includes('use_a'))
  t.is(after.lines[log + 2], 'flush 4 256/16128 all')
})

test('without any uplink the VRRP priority falls, policies take their last resort, and the first uplink to answer is used', t => {
  const world: World = (_, __, second) => (second < 20 ? undefined : 5)
  const done = decide(conf(), seconds(0, 40, world))
  t.deepEqual(
    done.lines.filter(line => line.startsWith('track')),
    ['track 0', 'track 100', 'track 0'],
  )
  t.true(
    done.lines.some(
      line => line.startsWith('nft ') && line.includes('goto lost_unreachable') && !line.includes('use_'),
    ),
  )
  t.deepEqual(shares(done).at(-1), 'a=40 b=20', 'degraded as they are, before the hold ends')
})

test('where there is nothing else the first answers are enough; where there is, an uplink has to prove itself', t => {
  const world: World = (uplink, _, second) => (second >= (uplink === 'a' ? 20 : 30) ? 5 : undefined)
  const done = decide(conf(), seconds(0, 60, world))
  const at = (word: string): number =>
    done.lines
      .slice(
        0,
        done.lines.findIndex(line => line.startsWith(word)),
      )
      .filter(line => line.startsWith('publish')).length
  t.is(at('log a/4 is degraded, it was down'), 20)
  t.is(at('log b/4 is degraded, it was down'), 30 + 10 - 1)
})

test('a tracker that is started anew goes on where the last one was', t => {
  const first = decide(
    conf(),
    seconds(0, 30, uplink => (uplink === 'a' ? undefined : 5)),
  )
  const second = decide(conf(), seconds(30, 50, well), first.directory)
  t.deepEqual(entered(second), ['degraded'], 'still away for the rest of its hold')
  t.deepEqual(shares(second), ['a=0 b=60'])
  const third = decide(conf(), seconds(50, 110, well), second.directory)
  t.deepEqual(entered(third), ['up'])
})

test('an operator prefers and drains; a preferred uplink that dies is left, and one that is drained keeps its flows', t => {
  const preferred = decide(
    conf({failback: 'flush'}),
    seconds(0, 120, (uplink, _, second) => (uplink === 'b' && second > 40 ? undefined : 5), {
      10: ['override % prefer b'],
    }),
  )
  t.deepEqual(shares(preferred), ['a=40 b=20', 'a=0 b=60', 'a=60 b=0'])
  t.is(stateOf(preferred).override, 'prefer b')
  const drained = decide(
    conf({failback: 'flush'}),
    seconds(0, 60, well, {10: ['override % drain a'], 40: ['override % none']}),
  )
  t.deepEqual(shares(drained), ['a=40 b=20', 'a=0 b=60', 'a=40 b=20'])
  t.deepEqual(
    drained.lines.filter(line => line.startsWith('flush')),
    [],
  )
})

const spare = 'policy main 65536 unreachable metric a:1:1 b:2:1\n'
for (const [failback, expected] of [
  ['keep', []],
  ['flush', [[0, 'flush 4 512/16128 all']]],
  ['drain', [[20, 'flush 4 512/16128 all']]],
] as const)
  test(`failback ${failback}: flows of the spare uplink when the first is back`, t => {
    const world: World = (uplink, _, second) => (uplink === 'a' && second < 20 ? undefined : 5)
    const {lines} = decide(conf({failback, drain: 20, hold: 10}, spare), seconds(0, 120, world))
    const back = lines.findIndex(line => line.startsWith('log a/4 is up'))
    const ticks = (index: number): number => lines.slice(back, index).filter(line => line.startsWith('publish')).length
    const flushes = lines.flatMap((line, index) => (line.startsWith('flush 4 512') ? [[ticks(index), line]] : []))
    t.deepEqual(
      flushes,
      expected.map(each => [...each]),
    )
  })

test('the fastest uplink is taken when it is clearly faster for a minute, and never for one ping', t => {
  const policy = 'policy fast 65536 unreachable latency a:1:1 b:1:1\n'
  const world =
    (b: number): World =>
    (uplink, _, second) =>
      uplink === 'a' ? (second > 40 ? 60 : 10) : b
  t.deepEqual(shares(decide(conf({}, policy), seconds(0, 160, world(20)))), ['a=60 b=0', 'a=0 b=60'])
  t.deepEqual(shares(decide(conf({}, policy), seconds(0, 95, world(20)))), ['a=60 b=0'], 'not yet a minute')
  t.deepEqual(shares(decide(conf({}, policy), seconds(0, 160, world(45)))), ['a=60 b=0'], 'by 15 ms only')
})

test('a source keeps its uplink while that is usable, and the buckets follow the weights', t => {
  const policy = 'policy s 65536 unreachable metric a:1:3 b:1:2\n'
  const {lines} = decide(
    conf({hold: 5}, policy),
    seconds(0, 120, (uplink, _, second) => (uplink === 'a' && second > 10 && second < 20 ? undefined : 5)),
  )
  const maps = lines
    .filter(line => line.startsWith('nft '))
    .map(line => [...line.matchAll(/goto use_(\w)/g)].map(([, name]) => name))
  const [whole = [], without = []] = [maps[0], maps.find(map => !map.includes('a'))]
  t.deepEqual([whole.length, whole.filter(name => name === 'a').length], [60, 36])
  t.true(whole.every((name, bucket) => name === 'a' || without[bucket] === 'b'))
  t.deepEqual(maps.at(-1), whole, 'as before')
})

/** Random but the same in each run. */
const dice = (seed: number) => () => {
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed / 2147483648
}

test('whatever happens on the wire: never back before the hold, never more than so many departures an hour, always an uplink', t => {
  for (const seed of [1, 2, 3]) {
    const roll = dice(seed)
    let [bad, until] = [false, 0]
    const weather: boolean[] = []
    for (let second = 0; second < 4000; second++) {
      if (second >= until) [bad, until] = [!bad, second + 1 + Math.floor(roll() * (bad ? 400 : 40))]
      weather.push(bad)
    }
    const kind = seed % 3
    const world: World = (uplink, target, second) =>
      uplink === 'a' && weather[second] ? (kind === 0 ? undefined : kind === 1 ? 400 : target === 't1' ? 5 : 250) : 5
    const done = decide(conf(), seconds(0, 4000, world))
    let [second, left] = [0, -1e9]
    const departures: number[] = []
    let state = 'up'
    for (const line of done.lines) {
      if (line.startsWith('publish')) second++
      const to = /^log a\/4 is (\w+),/.exec(line)?.[1]
      if (to === undefined) continue
      if (to === 'up') t.true(second - left >= 59, `seed ${seed}: back after ${second - left} s`)
      if (state === 'up') departures.push(second)
      if (state === 'up' || to === 'down') left = second
      state = to
    }
    t.true(departures.length > 2, `seed ${seed}: the weather did something`)
    for (const [index, time] of departures.entries()) {
      const hour = departures.slice(index).filter(other => other < time + 3600).length
      // Six are free; damped, one comes back after 900 s at the earliest.
      t.true(hour <= 7 + 4, `seed ${seed}: ${hour} departures in an hour`)
    }
    t.true(shares(done).every(share => share !== 'a=0 b=0'))
  }
})

test('state and metrics are what their readers expect', t => {
  const done = decide(
    conf(),
    seconds(0, 40, (uplink, target, second) =>
      uplink === 'a' && second > 30 ? undefined : target === 't3' ? undefined : 12.3,
    ),
  )
  const [a, b] = stateOf(done).uplinks
  t.like(a, {
    name: 'a',
    family: 4,
    device: 'wan-a',
    state: 'down',
    score: 0,
    flaps: 1,
    damped: false,
    selected: false,
    targets_up: 0,
    targets: 3,
  })
  t.like(b, {
    name: 'b',
    device: 'bond0.20',
    state: 'up',
    latency_p95_ms: 13,
    loss_percent: 0,
    score: 100,
    selected: true,
    targets_up: 2,
  })
  t.deepEqual(stateOf(done).policies, {both: {ipv4: 'b=60', ipv6: ''}})
  const metrics = readFileSync(join(done.directory, 'metrics.prom'), 'utf8')
  t.true(metrics.includes('gatewright_mwan_state{uplink="a",family="ipv4"} 0\n'))
  t.true(metrics.includes('gatewright_mwan_latency_p95_seconds{uplink="b",family="ipv4"} 0.013\n'))
  t.true(
    metrics
      .split('\n')
      .every(
        line =>
          line === '' ||
          /^(# (HELP|TYPE) gatewright_mwan_\w+ .+|gatewright_mwan_\w+(\{[^}]+\})? [\d.NaN]+)$/.test(line),
      ),
  )
})
