import {spawnSync} from 'node:child_process'
import test from 'ava'
import type {PlanItem} from '../../src/executor/plan.ts'
import {
  appliesOf,
  armStep,
  cancelFragment,
  confirmFragment,
  parseEnded,
  type Rollback,
  takeBack,
} from '../../src/executor/rollback.ts'
import {nextStage} from '../../src/executor/stages.ts'
import {$} from '../../src/shell/command.ts'
import {commandOf} from '../resources/ask.ts'

const rollback: Rollback = {
  runId: "20261122T000000Z-it's",
  seconds: 60,
  guarded: [
    {id: "file /etc/it's", guard: {paths: ["/etc/it's", '/etc/b'], apply: $`systemctl reload ssh`}},
    {id: 'nft-table x', guard: {paths: ['/etc/b'], keep: $`echo "it's" >"$kept/table"`, restore: $`cat "$kept/table"`}},
    {
      id: 'file /etc/systemd/system/a.service',
      guard: {paths: ['/etc/systemd/system/a.service'], apply: $`systemctl reload ssh`},
    },
  ],
}

const isShell = (text: string): boolean =>
  ['sh', 'bash'].every(shell => spawnSync(shell, ['-n'], {input: text}).status === 0)

/** The file that arming would write, taken from its own text by a shell that writes nothing. */
const written = (): string => {
  const quoted = /printf '%s\\n' ('# Written by gatewright: takes back[^]*?clear[^]*?') >"\$r\/rollback"/.exec(
    commandOf(armStep(rollback)).text,
  )?.[1]
  return spawnSync('sh', ['-c', `printf '%s\\n' ${quoted}`], {encoding: 'utf8'}).stdout
}

test('what runs on the host is shell text that dash and bash take', t => {
  const scripts = [commandOf(armStep(rollback)).text, written()]
  for (const text of [...scripts, confirmFragment('r').script, cancelFragment('r').script, takeBack('r')])
    t.true(isShell(text), text)
  t.false(isShell('if true; then'))
})

test('each path is kept once, all come back, and daemons read them once', t => {
  const armed = commandOf(armStep(rollback)).text
  t.is(armed.match(/^keep \d/gm)?.length, 3)
  const script = written()
  t.is(script.match(/^back \d/gm)?.length, 3)
  t.is(script.match(/^run 'systemctl reload ssh'/gm)?.length, 1)
  t.is(appliesOf(rollback.guarded).length, 1)
  t.regex(script, /^run systemd "systemctl daemon-reload"$/m, 'a unit file is among them')
  t.true(script.indexOf('/etc/systemd/system/a.service') < script.indexOf('/etc/it'), 'the last first')
  const [, live = ''] = /\[ "\$why" = boot \] \|\| \{\n([^]*?)\n\}/.exec(script) ?? []
  t.regex(live, /nft-table x/, 'what lives in the kernel comes back in the same boot only')
})

test('what the host tells of it is read', t => {
  t.deepEqual(parseEnded('confirmed\n'), {is: 'confirmed', problems: []})
  t.deepEqual(parseEnded('rolled back boot\nfile /etc/a\nproblem cannot put back /etc/a: full \n'), {
    is: 'rolled back',
    by: 'boot',
    problems: ['cannot put back /etc/a: full'],
  })
  t.is(parseEnded('').is, 'nothing')
})

test('what is confirmed together is a stage of its own', t => {
  const item = (id: string, isGuarded: boolean): PlanItem => ({
    id,
    kind: 'file',
    play: 0,
    become: 'root',
    origin: {play: 0, become: 'root', slot: 0, blocks: []},
    verdict: 'changed',
    tentative: false,
    changes: [],
    steps: [],
    barrier: false,
    realise: [{do: 'run', title: id, command: $`true`}],
    ...(isGuarded && {guard: {paths: []}}),
  })
  const items = [item('a', false), item('b', true), item('c', true), item('d', false)]
  const from = (index: number): string[] =>
    nextStage({items, from: index, end: 4, isStale: false}).map(each => each.item.id)
  t.deepEqual([from(0), from(1), from(3)], [['a'], ['b', 'c'], ['d']])
})
