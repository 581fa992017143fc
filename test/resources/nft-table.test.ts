import {spawnSync} from 'node:child_process'
import test from 'ava'
import {nftAtBoot} from '../../src/resources/nft-at-boot.ts'
import {nftLoadAll} from '../../src/resources/nft-load.ts'
import {nftTable} from '../../src/resources/nft-table.ts'
import {Unreadable} from '../../src/resources/resource.ts'
import {$} from '../../src/shell/command.ts'
import {answer, judge, writeOf} from './ask.ts'
import {nftAnswer, nftText} from './nft-answer.ts'

const table = nftTable({family: 'inet', name: 'gatewright_test', rules: 'chain input {\n}\n'})
const shown = 'table inet gatewright_test {\n}'
const load = ['load the table inet gatewright_test']

test('what the kernel shows as it did when it was loaded is right', t => {
  t.deepEqual(judge(table, answer(nftAnswer(shown))), {changes: [], steps: []})
})

test('a table that is missing in the kernel is loaded', t => {
  const change = {path: 'live', from: 'absent', to: 'loaded'}
  t.deepEqual(judge(table, answer(nftAnswer(undefined))), {changes: [change], steps: load})
})

test('a change by hand is shown and taken back', t => {
  const changes = [
    {path: 'live', from: {text: 'table inet gatewright_test {\n\tchain x {\n\t}\n}\n'}, to: {text: `${shown}\n`}},
  ]
  t.deepEqual(judge(table, answer(nftAnswer('table inet gatewright_test {\n\tchain x {\n\t}\n}'))), {
    changes,
    steps: load,
  })
})

test('a run that died between file and kernel, and a boot that loaded nothing, are finished', t => {
  const changes = [{path: 'live', from: 'not loaded from this file', to: 'loaded'}]
  t.deepEqual(judge(table, answer(nftAnswer(shown, {from: 'other'}))), {changes, steps: load})
  t.deepEqual(judge(table, answer(nftAnswer(shown, {boot: 'b0'}))), {changes, steps: load})
})

test('new rules are checked, written and loaded in one step that keeps the former file', t => {
  const given = answer(nftAnswer(shown, {file: 'old\n'}))
  t.deepEqual(judge(table, given), {
    changes: [{path: 'content', from: {text: 'old\n'}, to: {text: nftText}}],
    steps: ['load the table inet gatewright_test from /etc/gatewright/nft/gatewright_test.nft'],
  })
  const {kind, desired} = table
  const current = kind.probe(desired).parse(given)
  const step = writeOf(kind.steps(desired, kind.diff(desired, current as never) as never, current as never)[0])
  t.is(step.validate?.text, 'nft -c -f /etc/gatewright/nft/.gatewright_test.nft.gatewright')
  t.regex(step.check?.text ?? '', /nft -f "\$3"/)
  t.is(step.files[0]?.mode, '0600')
})

test('on a fresh host the directory, the unit and the program are foreseen', t => {
  const fresh = answer('boot b1\nfile\nowner\ngroup\nbase L2V0Yw==\nabsent\n')
  t.regex(judge(table, fresh).obstacle ?? '', /^the command nft does not exist/)
  t.regex(
    judge(table, fresh, [{commands: ['nft']}]).obstacle ?? '',
    /^the directory \/etc\/gatewright\/nft does not exist/,
  )
  t.like(judge(table, fresh, [{commands: ['nft'], directories: ['/etc/gatewright/nft']}]), {
    steps: ['load the table inet gatewright_test from /etc/gatewright/nft/gatewright_test.nft'],
  })
})

test('a kernel without nftables is unsupported, a refusal is unreadable', t => {
  const said = (words: string) =>
    answer(`program\nnone ${Buffer.from(words).toString('base64')}\nboot b1\nfile\nparent\nowner\ngroup\nabsent\n`)
  t.like(judge(table, said('Unable to initialize Netlink socket: Protocol not supported')), {
    unsupported: 'the kernel of this host has no nftables',
  })
  t.throws(() => judge(table, said('Operation not permitted (you must be root)')), {instanceOf: Unreadable})
})

test('rules stay in their table', t => {
  const problems = (rules: string) => table.kind.problems({family: 'inet', name: 'x', rules})
  t.deepEqual(problems('set a { type ipv4_addr; comment "}" } # }'), [])
  for (const rules of ['}', '} table inet other {', 'chain a {']) t.is(problems(rules).length, 1, rules)
  t.is(table.kind.problems({family: 'ipx' as never, name: 'a b', rules: ''}).length, 2)
})

test('what runs at boot is shell text that dash and bash take, and all roles name the same resources', t => {
  for (const shell of ['sh', 'bash']) t.is(spawnSync(shell, ['-n'], {input: nftLoadAll}).status, 0)
  t.deepEqual(JSON.stringify(nftAtBoot()), JSON.stringify(nftAtBoot()))
  t.false($`${nftLoadAll}`.text.includes('flush ruleset'))
})
