import {hostSchema} from '../inventory/host-schema.ts'
import type {Role} from '../role.ts'
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
        anyOf: [schema, expression],
      }

/** A role's variables under the names that inventories give them. */
const roleVariables = ({name, schema}: Role): Schema => {
  const {properties = {}} = schema as {properties?: Readonly<Record<string, Schema>>}
  return Object.fromEntries(Object.entries(properties).map(([key, part]) => [`${name}_${key}`, orExpression(part)]))
}

const variablesSchema = (roles: readonly Role[]): Schema => ({
  $schema: draft,
  title: 'variables of hosts and groups',
  type: ['object', 'null'],
  properties: Object.assign(
    Object.fromEntries(Object.entries(hostSchema.properties).map(([key, part]) => [key, orExpression(part)])),
    ...roles.map(roleVariables),
  ),
})

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
          type: ['object', 'null'],
          additionalProperties: {$ref: '#/$defs/variables'},
        },
        children: {
          description: 'groups within the group',
          type: ['object', 'null'],
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
    ['playbook', playbookSchema],
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
