import {mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {exec} from '../../src/resources/exec.ts'
import {$} from '../../src/shell/command.ts'
import {Secret} from '../../src/shell/secret.ts'
import {answer, ask, judge} from './ask.ts'

test('without a guard only applying can tell', t => {
  t.is(judge(exec({run: $`true`}), answer('')).changes, 'unknown')
})

test('guards hold the command back', t => {
  const base = mkdtempSync(join(tmpdir(), 'gatewright-'))
  const path = join(base, "made 'x'")
  const made = exec({run: $`touch ${path}`, creates: path})
  t.is(ask(made), 'due')
  writeFileSync(path, '')
  t.is(ask(made), 'done')
  t.is(ask(exec({run: $`x`, unless: $`test -e ${path} # comment`})), 'done')
  t.is(ask(exec({run: $`x`, unless: $`echo done; exit 3`})), 'due')
  t.is(ask(exec({run: $`x`, onlyIf: $`test -e ${path}`})), 'due')
  t.is(ask(exec({run: $`x`, onlyIf: $`test ! -e ${path}`})), 'done')
  t.is(ask(exec({run: $`x`, creates: '/nope', unless: $`true`})), 'done')
})

test('a condition whose command is not there yet tells nothing', t => {
  t.is(ask(exec({run: $`x`, onlyIf: $`no-such-command-here`})), 'unknown')
  t.is(ask(exec({run: $`x`, unless: $`no-such-command-here`})), 'due')
})

test('what it creates may be provided before', t => {
  const made = exec({run: $`x`, creates: '/etc/made'})
  t.deepEqual(judge(made, answer(''), [{files: ['/etc/made']}]).changes, [])
  t.deepEqual(judge(made, answer('')), {changes: [{path: 'run', from: 'due', to: 'done'}], steps: ['x']})
  t.deepEqual(made.kind.provides?.(made.desired, [], 'due'), {files: ['/etc/made']})
})

test('it is named after its command, on one line', t => {
  t.is(
    exec({
      run: $`a \\
  b`,
    }).id,
    'exec a \\ b',
  )
  t.is(exec({run: $`a`, name: 'do a'}).id, 'exec do a')
})

test('guards that read content, and empty commands, are problems', t => {
  const {kind, desired} = exec({run: $` `, name: 'x', unless: $`cat`.reading(new Secret('s'))})
  t.is(kind.problems(desired).length, 2)
})
