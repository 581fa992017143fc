import test from 'ava'
import {Findings} from '../../src/diagnostics/findings.ts'
import {nearest, suggest} from '../../src/diagnostics/nearest.ts'
import {readExtraVars} from '../../src/playbook/extra-vars.ts'
import {batchSizes} from '../../src/playbook/serial.ts'
import {isSelected} from '../../src/playbook/tags.ts'

const selected = (own: string[], tags: string[] = [], skipTags: string[] = []): boolean =>
  isSelected(own, {tags, skipTags})

test('tags choose as in Ansible', t => {
  t.true(selected([]))
  t.true(selected(['a'], ['a', 'b']))
  t.false(selected(['c'], ['a', 'b']))
  t.false(selected([], ['a']))
  t.true(selected(['always'], ['a']))
  t.false(selected(['never']))
  t.true(selected(['never', 'a'], ['a']))
  t.true(selected(['a'], ['tagged']))
  t.true(selected([], ['untagged']))
  t.false(selected(['a'], [], ['a']))
  t.false(selected(['always', 'a'], [], ['a']))
  t.true(selected(['always'], [], ['all']))
  t.false(selected([], [], ['untagged']))
})

test('batches: numbers, percentages and lists', t => {
  t.deepEqual(batchSizes(undefined, 10), [])
  t.deepEqual(batchSizes(2, 10), [2])
  t.deepEqual(batchSizes('30%', 10), [3])
  t.deepEqual(batchSizes('1%', 10), [1])
  t.deepEqual(batchSizes([1, '50%', '3'], 10), [1, 5, 3])
})

test('extra variables: text, YAML, and what is neither', t => {
  const findings = new Findings()
  const layers = readExtraVars(["a=1 b='two words'", '{"c": 3, d: [4]}', 'nothing'], findings)
  t.deepEqual(Object.assign({}, ...layers.map(({vars}) => vars)), {a: '1', b: 'two words', c: 3, d: [4]})
  t.deepEqual(
    findings.all().map(({rule}) => rule),
    ['extra-vars'],
  )
})

test('the nearest name is near', t => {
  t.is(nearest('becoem', ['become', 'hosts']), 'become')
  t.is(nearest('sate', ['state', 'path']), 'state')
  t.is(nearest('copy', ['file', 'exec']), undefined)
  t.is(suggest('x', ['aa', 'bb']), 'known: aa, bb')
  t.is(suggest('x', []), undefined)
})

test('the same problem of several hosts is one, in the order of places', t => {
  const findings = new Findings()
  const at = {file: 'b.yml', line: 2, column: 1}
  for (const host of ['gw1', 'gw2', 'gw3', 'gw4', 'gw5', 'gw6']) findings.add({rule: 'r', what: 'w', at, host})
  findings.add({rule: 'r', what: 'first', at: {...at, line: 1}})
  findings.add({rule: 'r', what: 'first', at: {...at, line: 1}})
  t.deepEqual(
    findings.all().map(({what, host}) => [what, host]),
    [
      ['first', undefined],
      ['w', 'gw1, gw2, gw3 and 3 more'],
    ],
  )
})
