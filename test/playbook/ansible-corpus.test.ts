import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {Findings} from '../../src/diagnostics/findings.ts'
import {repr} from '../../src/jinja/text-of.ts'
import {holds} from '../../src/playbook/conditions.ts'
import {EvaluationError} from '../../src/playbook/evaluation-error.ts'
import {renderTemplateFile} from '../../src/playbook/render-template.ts'
import {Scope} from '../../src/playbook/scope.ts'
import {readYaml} from '../../src/playbook/yaml.ts'

const directory = join(import.meta.dirname, '../fixtures/expressions')
const read = (name: string): any => JSON.parse(readFileSync(join(directory, name), 'utf8'))

type Answer = {readonly is: string} | {readonly error: string}
const expected: Readonly<Record<'values' | 'conditions' | 'templates', Readonly<Record<string, Answer>>>> =
  read('ansible.json')
/** Cases that Ansible evaluates and we do not, with the reason that we give. */
const refused: Readonly<Record<string, string>> = read('refused.json')

const vars = readYaml(join(directory, 'vars.yml'), new Findings()) as Readonly<Record<string, unknown>>
const scope = (): Scope => new Scope([{name: 'vars.yml', vars}], new Map())

const attempt = (work: () => string): Answer => {
  try {
    return {is: work()}
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error
    return {error: [error.message, error.why].filter(Boolean).join(', ')}
  }
}

const agree = test.macro((t, text: string, ansible: Answer, ours: Answer) => {
  const reason = refused[text]
  if (reason !== undefined) t.deepEqual(ours, {error: reason})
  else if ('error' in ansible)
    t.true('error' in ours, `ansible: ${ansible.error}; here it is ${'is' in ours ? ours.is : ''}`)
  else t.deepEqual(ours, ansible)
})

process.env['HOME'] = '/root'
for (const [text, answer] of Object.entries(expected.values))
  test(
    `value ${JSON.stringify(text)}`,
    agree,
    text,
    answer,
    attempt(() => repr(scope().typed(text))),
  )
for (const [text, answer] of Object.entries(expected.conditions)) {
  const conditions = [{key: 'when', test: text, at: undefined}]
  test(
    `condition ${JSON.stringify(text)}`,
    agree,
    text,
    answer,
    attempt(() => repr(holds(conditions, scope()))),
  )
}
for (const [name, answer] of Object.entries(expected.templates)) {
  const path = join(directory, 'templates', name)
  test(
    `template ${name}`,
    agree,
    name,
    answer,
    attempt(() => String(renderTemplateFile(path, scope(), [directory], name))),
  )
}

test('the corpus is large, and nothing is refused that it does not have', t => {
  const {values, conditions, templates} = expected
  t.true(Object.keys(values).length > 500 && Object.keys(templates).length > 50)
  const all = {...values, ...conditions, ...templates}
  t.deepEqual(
    Object.keys(refused).filter(text => !(text in all)),
    [],
  )
})

test('problems in templates stand at their line', t => {
  const placeOf = (name: string): string => {
    const error = t.throws(() => renderTemplateFile(join(directory, 'templates', name), scope()), {
      instanceOf: EvaluationError,
    })
    return `${error?.at?.file.split('/').at(-1)}:${error?.at?.line}:${error?.at?.column}`
  }
  t.deepEqual(['undefined.j2', 'undefined-part.j2', 'syntax.j2', 'unknown-filter.j2'].map(placeOf), [
    'undefined.j2:2:4',
    'undefined-part.j2:2:15',
    'syntax.j2:2:4',
    'unknown-filter.j2:1:11',
  ])
})
