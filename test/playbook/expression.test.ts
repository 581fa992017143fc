import test from 'ava'
import {parseExpression} from '../../src/jinja/parse-expression-text.ts'
import type {JinjaProblem} from '../../src/jinja/problem.ts'
import {mentionsOf} from '../../src/jinja/references.ts'
import {readExpression} from '../../src/playbook/expression.ts'
import {Scope} from '../../src/playbook/scope.ts'

const scopeOf = (vars: Record<string, unknown>): Scope =>
  new Scope([{name: 'vars', vars: {}}], new Map(Object.entries(vars).map(([name, value]) => [name, () => value])))
const evaluate = (expression: string, vars: Record<string, unknown> = {}): unknown => scopeOf(vars).evaluate(expression)
const problemOf = (expression: string): JinjaProblem | undefined => {
  try {
    return readExpression(expression).problem
  } catch (error) {
    return error as JinjaProblem
  }
}

const is = test.macro<[string, Record<string, unknown>, unknown]>({
  exec(t, expression: string, context: Record<string, unknown>, expected: unknown) {
    t.deepEqual(evaluate(expression, context), expected)
  },
  title: (_, expression) => `{{ ${expression} }}`,
})

test(is, '1 + 2 * 3', {}, 7)
test(is, "a ~ '-' ~ b", {a: 'x', b: 2}, 'x-2')
test(is, 'list[1:] + [4]', {list: [1, 2, 3]}, [2, 3, 4])
test(is, "'a' if x > 1 else 'b'", {x: 1}, 'b')
test(is, "missing | default('none')", {}, 'none')
test(is, 'x is defined and y is not defined', {x: 1}, true)
test(is, "'%02d-%s' | format(7, 'x')", {}, '07-x')
test(is, "a | combine({'z': 3, 'a': {'q': 1}}, recursive=true)", {a: {z: 1, a: {p: 0}}}, {z: 3, a: {p: 0, q: 1}})
test(is, "'eth0.100' | regex_replace('^(\\w+)\\.(\\d+)$', '\\\\2@\\\\1')", {}, '100@eth0')
test(is, "['gw1', 'gw2'] | map('extract', h, 'x') | list", {h: {gw1: {x: 1}, gw2: {x: 2}}}, [1, 2])
test(is, '[1, 2, 3] | difference([2])', {}, [1, 3])
test(
  is,
  "users | selectattr('admin') | map(attribute='name') | list",
  {
    users: [
      {name: 'a', admin: true},
      {name: 'b', admin: false},
    ],
  },
  ['a'],
)
test(is, "'12' | int", {}, 12)
test(is, 'text | from_json', {text: '{"b": [1], "a": null}'}, {b: [1], a: null})
test(is, 'value | to_json', {value: {b: [1, 2], a: 'x: y, z'}}, '{"b": [1, 2], "a": "x: y, z"}')
test(is, "'gateway-1' is match('gate')", {}, true)
test(is, "'a b' | quote", {}, "'a b'")

test('mappings keep the order in which they were written', t => {
  const links = {wan: {z: 1, a: 2}, lan: {b: 3}}
  t.deepEqual(Object.keys(evaluate('links | combine({})', {links}) as object), ['wan', 'lan'])
  t.deepEqual(evaluate('links.items()', {links}), Object.entries(links))
  t.deepEqual(evaluate('links | list', {links}), ['wan', 'lan'])
  t.deepEqual(evaluate("links | dict2items | map(attribute='key') | list", {links}), ['wan', 'lan'])
  t.is(JSON.stringify(evaluate('[links]', {links})), JSON.stringify([links]))
})

test('values are data: what looks like an expression in them is not evaluated', t => {
  t.is(evaluate('fact', {fact: '{{ 7 * 7 }}'}), '{{ 7 * 7 }}')
  t.is(evaluate("fact ~ '!'", {fact: '{{ 7 * 7 }}'}), '{{ 7 * 7 }}!')
})

test('nothing of JavaScript can be reached', t => {
  for (const expression of ["''.constructor.constructor('return 1')()", 'x.__proto__.y', "x['constructor']"])
    t.notDeepEqual(attempt(expression), 1, expression)
})
const attempt = (expression: string): unknown => {
  try {
    return evaluate(expression, {x: {}})
  } catch {
    return 'refused'
  }
}

test('a filter that fails does not harm what comes after', t => {
  t.throws(() => evaluate("'{' | from_json", {}))
  t.is(evaluate("'x' | upper", {}), 'X')
})

test('syntax errors, unknown filters and tests are known without any variable', t => {
  t.is(problemOf('a + ')?.rule, 'expression-syntax')
  t.is(problemOf('')?.rule, 'expression-syntax')
  t.is(problemOf('a | uper')?.fix, "did you mean 'upper'?")
  t.is(problemOf('a is defind')?.fix, "did you mean 'defined'?")
  t.is(problemOf("list | map('uper')")?.fix, "did you mean 'upper'?")
  t.is(problemOf("lookup('pipe', 'date')")?.rule, 'not-supported')
  t.is(problemOf("facts['os'].version is search('12')"), undefined)
})

test('in the middle of text values look as Ansible prints them', t => {
  const scope = scopeOf({flag: true, nothing: null, list: [1, 'a', null], half: 0.5})
  t.is(scope.value('<{{ flag }}>'), '<True>')
  t.is(scope.value('<{{ nothing }}>'), '<>')
  t.is(scope.value('<{{ 4 / 2 }}>'), '<2.0>')
  t.is(scope.value('<{{ list }}>'), "<[1, 'a', None]>")
  t.is(scope.value('<{{ half }}>'), '<0.5>')
})

test('the names in an expression are found without evaluating it', t => {
  const tree = parseExpression(
    "hostvars['gw2'].links.wan.addresses[0] | default(foo) if bar is not defined and 'a.b' is match(pattern) else dict(a=b, c='d')",
  )
  const {uses, filters, tests} = mentionsOf([{kind: 'print', value: tree, at: 0}])
  t.deepEqual(
    uses.map(({root, parts}) => [root, ...parts]).toSorted((a, b) => (String(a) < String(b) ? -1 : 1)),
    [['b'], ['bar'], ['foo'], ['hostvars', 'gw2', 'links', 'wan', 'addresses', 0], ['pattern']],
  )
  t.deepEqual(
    filters.map(({name}) => name),
    ['default'],
  )
  t.deepEqual(
    tests.map(({name}) => name),
    ['defined', 'match'],
  )
})
