// A playbook with every keyword, as data. UPDATE_BROKEN=1 writes it anew.
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {Findings} from '../../src/diagnostics/findings.ts'
import {load} from '../../src/playbook/load.ts'
import type {Entry, Round} from '../../src/playbook/model.ts'
import {moduleName} from '../../src/playbook/module-names.ts'
import {blockSchema, handlerSchema, playbookSchema, playSchema, taskSchema} from '../../src/playbook/schema.ts'
import {compile} from '../../src/playbook/validate.ts'
import {readYaml} from '../../src/playbook/yaml.ts'
import {knowing} from '../support/load-text.ts'

const directory = join(import.meta.dirname, '../fixtures/language')
const failed = {changed: false, failed: true, msg: 'gone', rc: 2, stdout: 'load', stderr: 'x'}
const known = knowing({
  up: {rc: 0, stdout: 'load', stderr: ''},
  ansible_failed_task: {name: 'It'},
  ansible_failed_result: failed,
})

const shownRound = (round: Round): unknown => {
  if (round.does !== 'resources') return round
  const {resources, judge, ...rest} = round
  const judged = {changed: judge.changed?.(failed), failed: judge.failed?.(failed), until: judge.until}
  return {...rest, judged, resources: resources.map(({kind, desired, notify}) => ({kind: kind.name, desired, notify}))}
}

const shownEntry = (entry: Entry): unknown => {
  const {origin, control} = entry
  const {blocks, register, runOnce, noLog, anyErrorsFatal} = control
  return {
    entry: entry.entry,
    name: control.name('gw1', known),
    at: `${origin.at?.file.split('/').pop()}:${origin.at?.line}:${origin.at?.column}`,
    blocks: blocks.map(({block, part}) => `${block.name} (${part})`),
    become: control.become('gw1'),
    register,
    runOnce,
    noLog,
    anyErrorsFatal,
    ignoreErrors: control.ignoreErrors('gw1', known),
    notifies: control.notifies('gw1', known).map(({name}) => name),
    ...(entry.entry === 'rounds'
      ? {rounds: entry.rounds('gw1', known).map(shownRound)}
      : {when: entry.when('gw1', known)}),
  }
}

test('a playbook with every keyword', async t => {
  const {plays} = await load({
    playbooks: [join(directory, 'features.yml')],
    inventories: [join(directory, 'hosts.yml')],
    projectDirectory: directory,
  })
  const shown = plays.map(({entries, handlers, ...play}) => ({
    ...play,
    become: play.become('gw1'),
    entries: entries.map(shownEntry),
    handlers: handlers.map(handler =>
      handler.of === 'unit' ? handler.handler('gw1') : {name: handler.name, ...(shownEntry(handler.entry) as object)},
    ),
  }))
  const output = `${JSON.stringify(shown, null, 1)}\n`.replaceAll(/"[^"]*test\/fixtures\/language\//g, '"')
  const path = join(directory, 'features.json')
  if (process.env['UPDATE_BROKEN']) writeFileSync(path, output)
  t.is(output, readFileSync(path, 'utf8'))
})

test('the playbook holds every keyword, and the schema of a whole playbook accepts it', t => {
  const findings = new Findings()
  const files = ['features.yml', 'features-more.yml'].map(name => readYaml(join(directory, name), findings))
  const check = compile(playbookSchema)
  for (const file of files) t.true(check(file), JSON.stringify(check.errors))
  t.false(check([{hosts: 'all', tasks: [{block: [{block: [{debug: null, whne: true}]}]}]}]))
  const text = ['features.yml', 'features-tasks.yml'].map(name => readFileSync(join(directory, name), 'utf8')).join('')
  const keywords = [playSchema, blockSchema, taskSchema, handlerSchema].flatMap(({properties}) =>
    Object.keys(properties),
  )
  const used = keywords.filter(keyword => moduleName(keyword) === undefined && keyword !== 'task')
  for (const keyword of new Set(used)) t.regex(text, new RegExp(String.raw`\b${keyword}:\s`), keyword)
})
