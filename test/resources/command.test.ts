import {mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {type CommandDesired, command} from '../../src/resources/command.ts'
import {Secret} from '../../src/shell/secret.ts'
import {answer, ask, commandOf, judge, run} from './ask.ts'

const base = {shell: '/bin/sh', title: 'it', taskId: 'a'} as const
const of = (options: Partial<CommandDesired>) => command({...base, ...options})
const done = (options: Partial<CommandDesired>): string => {
  const resource = of(options)
  return run(commandOf(resource.kind.steps(resource.desired, [], 'due')[0])).stdout
}

test('words are what the program gets', t => {
  const words = ['a b', '*', "'q'", '"', '|', '$NOSUCH', '${NOSUCH}', '', '$', '$1', '\\', '~nosuch', 'a~', '$IFS']
  t.deepEqual(
    done({words: ['printf', '%s\\n', ...words]})
      .split('\n')
      .slice(0, -1),
    words,
  )
})

test('environment variables and home directories are expanded, as Ansible does', t => {
  const words = ['$PATH', '${PATH}', 'a$PATH/b', '~root/x', '~root']
  const path = process.env['PATH'] ?? ''
  t.deepEqual(
    done({words: ['printf', '%s\\n', ...words]})
      .split('\n')
      .slice(0, -1),
    [path, path, `a${path}/b`, '/root/x', '/root'],
  )
})

test('text is for its shell, a secret for its input', t => {
  t.is(done({text: 'echo "$0" | tr a-z A-Z'}), '/BIN/SH\n')
  t.is(done({text: 'cat', stdin: new Secret('s3cret-word\n')}), 's3cret-word\n')
  t.is(done({text: 'pwd', chdir: '/usr'}), '/usr\n')
})

test('guards say whether it is due; without one, nobody knows', t => {
  const here = mkdtempSync(join(tmpdir(), 'gatewright-'))
  const file = join(here, "a [b] 'c'")
  writeFileSync(file, '')
  t.is(ask(of({words: ['x']})), 'unknown')
  t.is(ask(of({words: ['x'], creates: join(here, "a [[]b] 'c'")})), 'done')
  t.is(ask(of({words: ['x'], creates: file})), 'due')
  t.is(ask(of({words: ['x'], creates: join(here, 'a*')})), 'done')
  t.is(ask(of({words: ['x'], creates: "a ?b] 'c'", chdir: here})), 'done')
  t.is(ask(of({words: ['x'], creates: join(here, '[!a]*')})), 'due')
  t.is(ask(of({words: ['x'], removes: join(here, 'b*')})), 'done')
  t.is(ask(of({words: ['x'], removes: join(here, '[a-c]*')})), 'due')
  t.is(ask(of({words: ['x'], creates: 'y', chdir: join(here, 'no')})), 'unknown')
})

test('what an earlier task creates is foreseen', t => {
  const guarded = of({words: ['x'], creates: '/srv/done'})
  t.deepEqual(judge(guarded, answer('due\n')).steps, ['it'])
  t.deepEqual(judge(guarded, answer('due\n'), [{files: ['/srv/done']}]).changes, [])
  t.deepEqual(judge(of({words: ['x'], removes: '/srv/old'}), answer('done\n'), [{files: ['/srv/old']}]).steps, ['it'])
})
