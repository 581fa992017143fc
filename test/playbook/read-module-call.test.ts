import test from 'ava'
import {Findings} from '../../src/diagnostics/findings.ts'
import {placeOf} from '../../src/diagnostics/positions.ts'
import {coerceParameters} from '../../src/playbook/coerce-parameters.ts'
import type {Mapping} from '../../src/playbook/mapping.ts'
import {readModuleCall} from '../../src/playbook/read-module-call.ts'
import {parseYaml} from '../../src/playbook/yaml.ts'

const start = {file: 'p.yml', line: 1, column: 1}

const call = (yaml: string) => {
  const findings = new Findings()
  const found = readModuleCall(parseYaml(yaml, 'p.yml', findings) as Mapping, start, findings)
  return {found, problems: findings.all().map(({what}) => what)}
}

test('long names, text and args come to the same parameters, and each knows its place', t => {
  const forms = [
    'service: {name: chrony, enabled: yes}',
    'ansible.builtin.service: {name: chrony, enabled: yes}',
    'ansible.legacy.service: name=chrony enabled=true',
    'service: name=chrony\nargs: {enabled: yes, name: weaker}',
  ]
  for (const form of forms) {
    const {found, problems} = call(form)
    t.deepEqual(problems, [])
    t.is(found?.name, 'service')
    t.deepEqual(coerceParameters(found?.module.schema ?? {}, found?.parameters), {name: 'chrony', enabled: true})
  }
  const {found} = call(forms[3] ?? '')
  t.like(placeOf(found?.parameters, ['enabled']), {line: 2, column: 17})
  t.like(placeOf(found?.parameters, ['name']), {line: 1, column: 10})
})

test('values fit the types of their parameters as in Ansible', t => {
  const schema = {
    type: 'object',
    properties: {
      flag: {type: 'boolean'},
      text: {type: 'string'},
      list: {type: 'array', items: {type: 'string'}},
      number: {type: 'integer'},
      either: {anyOf: [{type: 'string'}, {type: 'array', items: {type: 'string'}}]},
      state: {enum: ['a', '1']},
      part: {type: 'object', properties: {flag: {type: 'boolean'}}},
    },
  }
  const fitting = (values: object): unknown => coerceParameters(schema, values)
  for (const yes of ['yes', 'On', ' TRUE ', '1', 1, 't']) t.deepEqual(fitting({flag: yes}), {flag: true})
  for (const no of ['no', 'off', 'False', 0, 'n']) t.deepEqual(fitting({flag: no}), {flag: false})
  t.deepEqual(fitting({flag: 'perhaps', number: 'x', text: ['a']}), {flag: 'perhaps', number: 'x', text: ['a']})
  t.deepEqual(fitting({text: 5, number: ' 7 ', state: 1}), {text: '5', number: 7, state: '1'})
  t.deepEqual(fitting({text: true}), {text: 'True'})
  t.deepEqual(fitting({list: 'a, b'}), {list: ['a', ' b']})
  t.deepEqual(fitting({list: 5}), {list: ['5']})
  t.deepEqual(fitting({list: ['a', 5]}), {list: ['a', '5']})
  t.deepEqual(fitting({either: 'a,b'}), {either: 'a,b'})
  t.deepEqual(fitting({either: [1]}), {either: ['1']})
  t.deepEqual(fitting({part: {flag: 'yes'}, text: null}), {part: {flag: true}})
})
