// Every test, the lab included. `npm test` takes a fixed sample where a test names many seeds or faults, `npm run
// test:full` takes all of them. `--only WORD` runs the test files whose path holds WORD; `--no-lab` leaves test/e2e out, `--keep-lab`
// leaves the lab up.
// The last line is `N passed, N failed`.
import {glob} from 'node:fs/promises'
import {parseArgs} from 'node:util'
import {down, loadTopology} from '../lab/index.ts'
import {checks} from './lint.ts'
import {root, runTool} from './node-bin.ts'

const {values} = parseArgs({
  options: {
    full: {type: 'boolean'},
    only: {type: 'string'},
    'no-lab': {type: 'boolean'},
    'keep-lab': {type: 'boolean'},
    help: {type: 'boolean'},
  },
})
if (values.help) {
  console.log('npm test [-- --only WORD] [-- --no-lab]      npm run test:full [-- --only WORD]')
  process.exit(0)
}

const count = {passed: 0, failed: 0, skipped: 0}
const failures: string[] = []
const settle = (passed: boolean, title: string): void => {
  count[passed ? 'passed' : 'failed']++
  if (!passed) failures.push(title)
  console.log(`${passed ? '  ok' : 'FAIL'}  ${title}`)
}

/** Some tests need root. */
const skip = (title: string): void => {
  count.skipped++
  console.log(`skip  ${title}`)
}

/** Runs test files by ava and reads its TAP: one line a test as it ends, its figures (t.log), the details of those that failed. */
const runAva = async (files: readonly string[], options: readonly string[]): Promise<void> => {
  if (files.length === 0) return
  const before = {...count}
  const code = await runTool('ava', ['--tap', ...options, ...files], line => {
    const result = /^(not ok|ok) \d+ - (.*)$/.exec(line)
    if (result?.[2]?.endsWith('# SKIP')) skip(result[2])
    else if (result) settle(result[1] === 'ok', result[2] ?? '')
    else if (!/^\s+(---|\.\.\.)$|^TAP version|^1\.\.|^# \S|^$/.test(line))
      console.log(`      ${line.replace(/^# +/, '')}`)
  })
  if (count.passed === before.passed && count.failed === before.failed)
    settle(false, `no test ran of ${files.join(' ')}`)
  else if (code !== 0 && count.failed === before.failed)
    settle(false, `the test runner ended with exit code ${code} in ${files.length > 1 ? 'the unit tests' : files[0]}`)
}

const filesOf = async (pattern: string): Promise<string[]> => {
  const all = await Array.fromAsync(glob(pattern, {cwd: root}))
  return all.filter(file => !values.only || file.includes(values.only)).toSorted()
}

if (values.full) process.env.GATEWRIGHT_TEST_FULL = '1'
if (!values.only) {
  for (const {
    title,
    command: [command, ...args],
  } of checks)
    settle((await runTool(command, args)) === 0, title)
}
const unit = (await filesOf('{test,roles}/**/*.test.ts')).filter(file => !file.startsWith('test/e2e/'))
await runAva(unit, ['--concurrency=2'])
const endToEnd = values['no-lab'] ? [] : await filesOf('test/e2e/**/*.test.ts')
try {
  // The lab's hosts are shared: one file after the other.
  for (const file of endToEnd) {
    const startMs = performance.now()
    console.log(file)
    await runAva([file], ['--serial'])
    console.log(`      ${((performance.now() - startMs) / 1000).toFixed(0)} s`)
  }
} finally {
  if (endToEnd.length > 0 && !values['keep-lab']) await down(loadTopology())
}
if (failures.length > 0) console.log(['Failed:', ...failures.map(title => `  ${title}`)].join('\n'))
console.log(`${count.passed} passed, ${count.failed} failed${count.skipped > 0 ? `, ${count.skipped} skipped` : ''}`)
process.exitCode = count.failed > 0 ? 3 : 0
