import {hostSchema} from '../inventory/host-schema.ts'
import type {Role} from '../role.ts'
import {moduleKeys, moduleName} from './module-names.ts'
import {modules} from './modules/index.ts'
import type {Module} from './modules/module.ts'
import {playbookSchema} from './schema.ts'

type Schema = Readonly<Record<string, unknown>>

const draft = 'http://json-schema.org/draft-07/schema#'
/** What an editor cannot evaluate it must not refuse. */
const expression = {type: 'string', pattern: String.raw`\{\{|\{%`}
const orExpression = (schema: Schema): Schema =>
  schema['type'] === 'string' && schema['pattern'] === undefined && schema['enum'] === undefined
    ? schema
    : {
        ...(schema['description'] !== undefined && {description: schema['description']}),
        ...(schema['default'] !== undefined && {default: schema['default']}),
        anyOf: [withParts(schema), expression],
      }

/** The same for what a list or a mapping holds. */
const withParts = (schema: Schema): Schema => ({
  ...schema,
  ...Object.fromEntries(
    ['items', 'additionalProperties'].flatMap(key => (isSchema(schema[key]) ? [[key, orExpression(schema[key])]] : [])),
  ),
  ...(isSchema(schema['properties']) && {properties: eachOrExpression(schema['properties'])}),
})
const isSchema = (part: unknown): part is Schema => typeof part === 'object' && part !== null && !Array.isArray(part)
const eachOrExpression = (properties: Schema): Schema =>
  Object.fromEntries(Object.entries(properties).map(([key, part]) => [key, orExpression(part as Schema)]))

/** A role's variables under the names that inventories give them. */
const roleVariables = ({name, schema}: Role): Schema => {
  const {properties = {}} = schema as {properties?: Readonly<Record<string, Schema>>}
  return Object.fromEntries(Object.entries(properties).map(([key, part]) => [`${name}_${key}`, orExpression(part)]))
}

const variablesSchema = (roles: readonly Role[]): Schema => ({
  $schema: draft,
  title: 'variables of hosts and groups',
  type: ['object', 'null'],
  properties: Object.assign(eachOrExpression(hostSchema.properties), ...roles.map(roleVariables)),
})

/** Ansible makes values fit the type of their parameter, so that only names and choices of texts can be judged. */
const parameterSchema = ({description, examples, enum: choices}: Schema): Schema => ({
  ...(description !== undefined && {description}),
  ...(examples !== undefined && {examples}),
  ...(choices !== undefined && {anyOf: [{enum: choices}, expression, {not: {type: 'string'}}]}),
})

const moduleSchema = ({schema, about, example, aliases = {}}: Module): Schema => {
  const {properties = {}} = schema as {properties?: Readonly<Record<string, Schema>>}
  const others = Object.entries(aliases).map(([other, name]) => [other, properties[name] ?? {}] as const)
  return {
    ...(about !== undefined && {description: about}),
    type: ['object', 'string', 'null'],
    additionalProperties: false,
    properties: Object.fromEntries(
      [...Object.entries(properties), ...others].map(([name, part]) => [name, parameterSchema(part)]),
    ),
    examples: [example],
  }
}

const moduleRefs = Object.fromEntries(
  [...moduleKeys()].flatMap(key => {
    const name = moduleName(key)
    return name === undefined ? [] : [[key, {$ref: `#/$defs/module-${name}`}]]
  }),
)
const withModules = (schema: {readonly properties: object}): Schema => ({
  ...schema,
  properties: {...schema.properties, ...moduleRefs},
})

/** The loader checks parameters by themselves; an editor wants one schema of all. */
const wholePlaybookSchema: Schema = {
  ...playbookSchema,
  $defs: {
    ...playbookSchema.$defs,
    task: withModules(playbookSchema.$defs.task),
    handler: withModules(playbookSchema.$defs.handler),
    ...Object.fromEntries(Object.entries(modules).map(([name, module]) => [`module-${name}`, moduleSchema(module)])),
  },
}

const inventorySchema = (roles: readonly Role[]): Schema => ({
  $schema: draft,
  title: 'an inventory',
  type: ['object', 'null'],
  additionalProperties: {$ref: '#/$defs/group'},
  $defs: {
    variables: variablesSchema(roles),
    group: {
      type: ['object', 'null'],
      additionalProperties: false,
      properties: {
        hosts: {
          description: 'hosts by name, each with variables of its own',
          type: ['object', 'string', 'null'],
          additionalProperties: {$ref: '#/$defs/variables'},
        },
        children: {
          description: 'groups within the group',
          type: ['object', 'string', 'null'],
          additionalProperties: {$ref: '#/$defs/group'},
        },
        vars: {$ref: '#/$defs/variables', description: 'variables of all hosts of the group'},
      },
    },
  },
})

/** JSON Schemas (draft 7) of what people write, for editors: by name. Each role's own variables are below its name. */
export const editorSchemas = (roles: readonly Role[]): ReadonlyMap<string, Schema> =>
  new Map<string, Schema>([
    ['playbook', wholePlaybookSchema],
    ['inventory', inventorySchema(roles)],
    ['variables', variablesSchema(roles)],
    ...roles.map(role => {
      const schema = {
        $schema: draft,
        title: `variables of the role ${role.name}`,
        type: 'object',
        properties: roleVariables(role),
      }
      return [`role-${role.name}`, schema] as const
    }),
  ])
