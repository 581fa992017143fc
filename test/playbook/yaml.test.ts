import test from 'ava'
import {Findings} from '../../src/diagnostics/findings.ts'
import {placeOf} from '../../src/diagnostics/positions.ts'
import {parseYaml} from '../../src/playbook/yaml.ts'
import {Unsafe} from '../../src/playbook/yaml-scalar.ts'

const parse = (text: string) => {
  const findings = new Findings()
  const value: any = parseYaml(text, 'a.yml', findings)
  return {value, rules: findings.all().map(({rule}) => rule), findings}
}
const at = (line: number, column: number) => ({file: 'a.yml', line, column})

test('scalars follow YAML 1.1 as Ansible reads it', t => {
  const {value} = parse(
    'a: yes\nb: off\nc: ~\nd: 1_000\ne: 0x1f\nf: 1.5\ng: 2026-01-01\nh: y\ni: "yes"\nj: 00:11:22:33:44:55\n',
  )
  t.deepEqual(value, {
    a: true,
    b: false,
    c: null,
    d: 1000,
    e: 31,
    f: 1.5,
    g: '2026-01-01',
    h: 'y',
    i: 'yes',
    j: '00:11:22:33:44:55',
  })
})

test('keys are names, whatever YAML 1.1 would make of them', t => {
  t.deepEqual(parse('no: 1\non: 2\n10: 3\n').value, {no: 1, on: 2, 10: 3})
})

test('every key and value knows its place, also in flow style and after anchors and tags', t => {
  const {value} = parse('a:\n  - b: 1\n  - {c: "x", d: [1, 22]}\ne: &f !unsafe "{{ g }}"\nh: |\n  text\ni:\n')
  t.deepEqual(placeOf(value, ['a']), at(2, 3))
  t.deepEqual(placeOf(value, ['a'], true), at(1, 1))
  t.deepEqual(placeOf(value, ['a', 0, 'b']), at(2, 8))
  t.deepEqual(placeOf(value, ['a', 1, 'd', 1]), at(3, 21))
  t.deepEqual(placeOf(value, ['e']), at(4, 7))
  t.deepEqual(placeOf(value, ['h']), at(5, 4))
  t.deepEqual(placeOf(value, ['i'], true), at(7, 1))
})

test('the place of what is missing is that of the deepest part that is there', t => {
  t.deepEqual(placeOf(parse('a:\n  b: {c: 1}\n').value, ['a', 'b', 'x', 'y']), at(2, 6))
})

test('merge keys keep the places of what they merge, own keys win', t => {
  const {value, rules} = parse(
    'base: &base {a: 1, b: 2}\nother: &other {b: 3, c: 4}\nall:\n  <<: [*base, *other]\n  a: 9\n',
  )
  t.deepEqual(value.all, {a: 9, b: 2, c: 4})
  t.deepEqual(placeOf(value, ['all', 'b']), at(1, 23))
  t.deepEqual(placeOf(value, ['all', 'a']), at(5, 6))
  t.deepEqual(rules, [])
})

test('!unsafe text is data', t => {
  t.deepEqual(parse('a: !unsafe "{{ x }}"').value.a, new Unsafe('{{ x }}'))
})

test('all mistakes of one file that the parser survives are found', t => {
  const {rules} = parse(
    'a: 1\na: 2\nb: *nowhere\nc: {{ x }}\nd: 12345678901234567890\ne: 2024-01-31 12:00:00\nf: !nowhere x\n',
  )
  t.deepEqual(rules, ['yaml-duplicate-key', 'yaml-alias', 'yaml-unquoted', 'yaml-inexact', 'yaml-inexact', 'yaml-tag'])
})

test('an empty file is null, a broken one undefined', t => {
  t.is(parse('').value, null)
  t.is(parse('# only a comment\n').value, null)
  t.is(parse('a: [').value, undefined)
})

test('aliases cannot be used to fill the memory', t => {
  const bomb = `a: &a [1]\nb: [${'*a, '.repeat(1200)}*a]\n`
  t.deepEqual(parse(bomb).rules, ['yaml-alias'])
})

test('a key cannot reach the prototype of objects', t => {
  const {value} = parse('__proto__: {polluted: true}\n')
  t.is(({} as any).polluted, undefined)
  t.deepEqual(Object.keys(value), ['__proto__'])
})
