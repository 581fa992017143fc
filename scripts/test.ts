// Every test, the lab included. `npm test` takes a fixed sample where a test names many seeds or faults, `npm run
// test:full` takes all of them. `--only WORD` (also several times) runs the test files whose path holds WORD; `--no-lab` leaves test/e2e out, `--keep-lab`
// leaves the lab up.
// The last line is `N passed, N failed`.
import {glob} from 'node:fs/promises'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {down, loadTopology} from '../lab/index.ts'
import {firstLane, type Lane, runInLanes, secondLane} from './lanes.ts'
import {checks} from './lint.ts'
import {root, runTool} from './node-bin.ts'

const {values} = parseArgs({
  options: {
    full: {type: 'boolean'},
    only: {type: 'string', multiple: true, default: []},
    'no-lab': {type: 'boolean'},
    'keep-lab': {type: 'boolean'},
    help: {type: 'boolean'},
  },
})
const {only} = values
if (values.help) {
  console.log('npm test [-- --only WORD] [-- --no-lab]      npm run test:full [-- --only WORD]')
  process.exit(0)
}

const count = {passed: 0, failed: 0, skipped: 0}
const failures: string[] = []
type Say = (line: string) => void
const settle = (passed: boolean, title: string, say: Say = console.log): void => {
  count[passed ? 'passed' : 'failed']++
  if (!passed) failures.push(title)
  say(`${passed ? '  ok' : 'FAIL'}  ${title}`)
}

/** Some tests need root. */
const skip = (title: string, say: Say): void => {
  count.skipped++
  say(`skip  ${title}`)
}

/**
 * Runs test files by ava and reads its TAP: one line a test as it ends, its figures (t.log), the details of those that failed.
 * Lines of the second lane begin with a bar.
 */
const runAva = async (files: readonly string[], options: readonly string[], lane = firstLane): Promise<void> => {
  if (files.length === 0) return
  const say = (line: string) => console.log(lane === firstLane ? line : `| ${line}`)
  const startMs = performance.now()
  let ran = 0
  let failed = 0
  if (options.includes('--serial')) say(files.join())
  const code = await runTool(
    'ava',
    ['--tap', ...options, ...files],
    line => {
      const [, verdict, title = ''] = /^(not ok|ok) \d+ - (.*)$/.exec(line) ?? []
      if (title.endsWith('# SKIP')) skip(title, say)
      else if (verdict !== undefined) {
        ran++
        if (verdict !== 'ok') failed++
        settle(verdict === 'ok', title, say)
      } else if (!/^\s+(---|\.\.\.)$|^TAP version|^1\.\.|^# \S|^$/.test(line)) say(`      ${line.replace(/^# +/, '')}`)
    },
    lane.directory,
  )
  if (ran === 0) settle(false, `no test ran of ${files.join(' ')}`, say)
  else if (code !== 0 && failed === 0)
    settle(
      false,
      `the test runner ended with exit code ${code} in ${files.length > 1 ? 'the unit tests' : files[0]}`,
      say,
    )
  if (options.includes('--serial')) say(`      ${files.join()}: ${((performance.now() - startMs) / 1000).toFixed(0)} s`)
}

const filesOf = async (pattern: string): Promise<string[]> => {
  const all = await Array.fromAsync(glob(pattern, {cwd: root}))
  return all.filter(file => only.length === 0 || only.some(word => file.includes(word))).toSorted()
}

if (values.full) process.env.GATEWRIGHT_TEST_FULL = '1'
if (only.length === 0) {
  for (const {
    title,
    command: [command, ...args],
  } of checks)
    settle((await runTool(command, args)) === 0, title)
}
const unit = (await filesOf('{test,roles}/**/*.test.ts')).filter(file => !file.startsWith('test/e2e/'))
await runAva(unit, ['--concurrency=2'])
const endToEnd = values['no-lab'] ? [] : await filesOf('test/e2e/**/*.test.ts')
const lanes: Lane[] = endToEnd.length > 0 ? [firstLane] : []
// Ctrl-C reaches the test files as well; what is left then is to take the labs down.
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
try {
  // Hosts of a lab are shared, so one file of a lane after the other; most of the time a test waits for something to happen.
  if (endToEnd.length > 1 && !values['keep-lab']) lanes.push(secondLane())
  await runInLanes(lanes, endToEnd, (file, lane) => runAva([file], ['--serial'], lane), stop.signal)
} finally {
  for (const lane of lanes) {
    if (!values['keep-lab']) await down(loadTopology(join(lane.directory, 'lab/topology.yml')))
    lane.remove()
  }
}
if (failures.length > 0) console.log(['Failed:', ...failures.map(title => `  ${title}`)].join('\n'))
console.log(`${count.passed} passed, ${count.failed} failed${count.skipped > 0 ? `, ${count.skipped} skipped` : ''}`)
process.exitCode = count.failed > 0 || stop.signal.aborted ? 3 : 0
