import {
  blockKeywords,
  handlerKeywords,
  importPlaybookKeywords,
  importPlaybookNames,
  importTasksKeywords,
  importTasksNames,
  playKeywords,
  roleKeywords,
  taskKeywords,
} from './schema-parts.ts'

/** Schemas of one mapping each; what stands in its lists is checked by itself, with its own name and place. */
const mapping = <Properties extends object>(properties: Properties, required: readonly string[] = []) =>
  ({type: 'object', additionalProperties: false, required, properties}) as const

export const playSchema = mapping(playKeywords, ['hosts'])
export const importPlaybookSchema = mapping(importPlaybookKeywords)
export const roleSchema = mapping(roleKeywords)
export const taskSchema = mapping(taskKeywords)
export const blockSchema = mapping(blockKeywords, ['block'])
export const importTasksSchema = mapping(importTasksKeywords)
export const handlerSchema = mapping(handlerKeywords)

type Lists = Readonly<Record<string, object>>
const listing = (schema: {readonly properties: Readonly<Record<string, object>>}, items: Lists): object => ({
  ...schema,
  properties: Object.fromEntries(
    Object.entries(schema.properties).map(([key, part]) => [key, items[key] ? {...part, items: items[key]} : part]),
  ),
})
const ref = (definition: string): object => ({$ref: `#/$defs/${definition}`})
const choice = (keys: readonly string[], yes: object, no: object): object => {
  const has = {anyOf: keys.map(key => ({type: 'object', required: [key]}))}
  return {
    allOf: [
      {if: {not: has}, else: yes},
      {if: has, else: no},
    ],
  }
}
const entries = ref('entry')

/** The JSON Schema of a whole playbook. */
export const playbookSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'a playbook: a list of plays and imports',
  type: 'array',
  items: choice(importPlaybookNames, ref('import'), ref('play')),
  $defs: {
    play: listing(playSchema, {
      pre_tasks: entries,
      tasks: entries,
      post_tasks: entries,
      handlers: choice(importTasksNames, ref('importTasks'), ref('handler')),
      roles: {anyOf: [{type: 'string'}, ref('role')]},
    }),
    import: importPlaybookSchema,
    role: roleSchema,
    entry: choice(
      ['block', 'rescue', 'always'],
      ref('block'),
      choice(importTasksNames, ref('importTasks'), ref('task')),
    ),
    task: taskSchema,
    block: listing(blockSchema, {block: entries, rescue: entries, always: entries}),
    importTasks: importTasksSchema,
    handler: handlerSchema,
  },
} as const
