import test from 'ava'
import {Scope} from '../../src/playbook/scope.ts'
import {Secret} from '../../src/shell/secret.ts'

const users = [
  {name: 'a', password: new Secret('pa'), groups: ['x']},
  {name: 'b', password: new Secret('pb'), groups: []},
]
const scope = new Scope(
  [],
  new Map<string, () => unknown>([
    ['users', () => users],
    ['password', () => new Secret('hunter2')],
  ]),
)
const shown = (value: unknown): unknown => {
  if (value instanceof Secret) return {secret: value.reveal()}
  if (Array.isArray(value)) return value.map(shown)
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, held]) => [key, shown(held)]))
    : value
}
const evaluated = (text: string): unknown => shown(scope.value(text))

test('what is computed from a secret is one', t => {
  t.deepEqual(evaluated('{{ password }}'), {secret: 'hunter2'})
  t.deepEqual(evaluated('pw={{ password }}'), {secret: 'pw=hunter2'})
  t.deepEqual(evaluated("{{ password | hash('md5') }}"), {secret: '2ab96390c7dbe3439de74d0c9b0b1767'})
  t.deepEqual(evaluated('{{ [password, 1] }}'), [{secret: 'hunter2'}, 1])
  t.deepEqual(evaluated('{% for u in users %}{{ u.password }},{% endfor %}'), {secret: 'pa,pb,'})
  t.deepEqual(evaluated('{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(password) }}'), {secret: '<hunter2>'})
  t.deepEqual(evaluated('{{ users | to_json }}'), {
    secret: '[{"name": "a", "password": "pa", "groups": ["x"]}, {"name": "b", "password": "pb", "groups": []}]',
  })
})

test('what stands beside a secret is none', t => {
  t.is(evaluated('{{ users[0].name }}'), 'a')
  t.deepEqual(evaluated("{{ users | map(attribute='name') | list }}"), ['a', 'b'])
  t.is(evaluated("{{ users | selectattr('name', 'eq', 'b') | map(attribute='name') | first }}"), 'b')
  t.is(evaluated('{% for u in users %}{{ u.name }}{% endfor %}'), 'ab')
  t.is(evaluated('{{ password is defined }}'), true)
  t.deepEqual(evaluated('{{ users | rejectattr("groups") | list }}'), [
    {name: 'b', password: {secret: 'pb'}, groups: []},
  ])
})
