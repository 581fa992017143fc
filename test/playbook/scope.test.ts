import test from 'ava'
import {Findings} from '../../src/diagnostics/findings.ts'
import {conditionsOf, holds} from '../../src/playbook/conditions.ts'
import {EvaluationError, NeedsFacts} from '../../src/playbook/evaluation-error.ts'
import type {Known} from '../../src/playbook/model.ts'
import {Scope} from '../../src/playbook/scope.ts'
import {parseYaml} from '../../src/playbook/yaml.ts'

const scope = (...texts: string[]): Scope =>
  new Scope(
    texts.map((text, index) => ({
      name: `layer ${index}`,
      vars: parseYaml(text, `${index}.yml`, new Findings()) as Record<string, unknown>,
    })),
    new Map([['inventory_hostname', () => 'gw1']]),
  )

test('the last layer wins, and each value knows its layer', t => {
  const vars = scope('a: 1\nb: 1\n', 'a: 2\n')
  t.is(vars.lookup('a'), 2)
  t.is(vars.lookup('b'), 1)
  t.is(vars.definition('a')?.layer.name, 'layer 1')
})

test('variables use others whatever their layer, with the final values', t => {
  t.is(
    scope('url: "http://{{ host }}:{{ port }}"\nport: 1\n', 'host: "{{ inventory_hostname }}.net"\nport: 2\n').lookup(
      'url',
    ),
    'http://gw1.net:2',
  )
})

test('types are those that Ansible gives: lists, mappings and bools of an expression, numbers of a variable alone', t => {
  const vars = scope(
    'list: [1, {b: 2, a: 1}]\nsame: "{{ list }}"\nflag: "{{ 1 == 1 }}"\nn: "{{ list[0] + 1 }}"\ntext: "n={{ n }}"\n',
  )
  t.deepEqual(vars.lookup('same'), [1, {b: 2, a: 1}])
  t.is(vars.lookup('flag'), true)
  t.is(vars.lookup('n'), '2')
  t.is(vars.lookup('text'), 'n=2')
})

test('a circle of variables is named', t => {
  t.throws(() => scope('a: "{{ b }}"\nb: "x{{ a }}"\n').lookup('a'), {
    instanceOf: EvaluationError,
    message: "the variable 'a' needs itself: a -> b -> a",
  })
})

test('an undefined variable is reported where it is used, with the nearest name', t => {
  const error = t.throws(() => scope('greeting: 1\nmotd: "say {{ greting }}"\nuser: "{{ motd }}"\n').lookup('user'), {
    instanceOf: EvaluationError,
  })
  t.deepEqual(
    [error?.message, error?.fix, error?.at?.line],
    ["the variable 'greting' is undefined", "did you mean 'greeting'?", 2],
  )
})

const knowing = (facts: Readonly<Record<string, unknown>>): Known => ({facts, registered: new Map()})

test('what needs facts waits for them, and is never evaluated twice', t => {
  const vars = scope('os: "{{ ansible_facts.os.id }}"\nmotd: "on {{ os }}"\n')
  t.throws(() => vars.lookup('motd'), {instanceOf: NeedsFacts})
  t.is(vars.knowing(knowing({os: {id: '{{ secret }}'}})).lookup('motd'), 'on {{ secret }}')
  t.is(vars.knowing(knowing({ansible_distribution: 'Debian'})).evaluate('ansible_distribution'), 'Debian')
})

test('an undefined variable beside a fact is found before facts are there', t => {
  t.throws(() => scope('a: 1\n').evaluate('ansible_facts.os.id ~ nope'), {message: "the variable 'nope' is undefined"})
})

test('guards allow what may be missing', t => {
  const vars = scope('a: {b: 1}\n')
  t.is(vars.evaluate('nope | default(3)'), 3)
  t.is(vars.evaluate('a.c | default(4)'), 4)
  t.is(vars.evaluate("nope if nope is defined else 'x'"), 'x')
  t.throws(() => vars.evaluate('a.c'), {message: "'a.c' is undefined"})
})

test('statements and comments in values', t => {
  t.is(scope('x: 1\na: "{% if x == 1 %}y{% else %}z{% endif %}"\n').lookup('a'), 'y')
  t.deepEqual(scope('a: "[{% for x in [1, 2] %}{{ x }},{% endfor %}]"\n').lookup('a'), [1, 2])
  t.is(scope('a: "b{# why #}c"\n').lookup('a'), 'bc')
  t.deepEqual(scope("a: \"{{ {'x': {'y': 1}} }}\"\n").lookup('a'), {x: {y: 1}})
})

test('conditions: text, lists and truth as Python sees it', t => {
  const vars = scope('empty: []\nzero: 0\nword: "no"\nname: x\n')
  const check = (when: unknown): boolean => holds(conditionsOf({when}, 'when'), vars)
  t.true(check(undefined))
  t.true(check(["name == 'x'", true]))
  t.false(check(["name == 'x'", 'empty']))
  t.false(check('zero'))
  t.true(check('word'))
  t.true(check(''))
  t.true(check('not empty'))
  t.throws(() => check('{{ name }} == 1'), {message: /already/})
})
