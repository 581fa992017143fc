import {moduleKeys, moduleName} from './module-names.ts'
import {modules} from './modules/index.ts'

const name = {type: 'string', description: 'what it is called in output'} as const
const words = {
  description: 'a word or a list of words',
  anyOf: [{type: 'string'}, {type: 'array', items: {type: 'string'}}],
} as const
const condition = {
  description: 'an expression without {{ }}, true or false, or a list of these',
  anyOf: [{type: 'string'}, {type: 'boolean'}, {type: 'array', items: {anyOf: [{type: 'string'}, {type: 'boolean'}]}}],
} as const
const vars = {type: 'object', description: 'a mapping', examples: [{name: 'value'}]} as const
const yes = {type: 'boolean', description: 'true or false'} as const
const batch = {
  description: 'a number of hosts or a percentage',
  anyOf: [
    {type: 'integer', minimum: 1},
    {type: 'string', pattern: String.raw`^(\d+|\d+%)$`},
  ],
} as const

const task = {
  type: 'object',
  additionalProperties: false,
  properties: {
    name,
    when: condition,
    tags: words,
    vars,
    notify: words,
    loop: {description: 'a list, or an expression that gives one', anyOf: [{type: 'array'}, {type: 'string'}]},
    task: {
      type: 'string',
      pattern: String.raw`^[\w-]+\.[\w-]+$`,
      description: 'a task of a role',
      examples: ['vrrp.switchover'],
    },
    args: {type: 'object', description: "the arguments of 'task', or more parameters of the module"},
    ...Object.fromEntries(
      [...moduleKeys()].map(key => [
        key,
        {
          anyOf: [{type: 'object'}, {type: 'string'}, {type: 'null'}],
          description: 'a mapping, or text of key=value words',
          examples: [modules[moduleName(key) ?? '']?.example],
        },
      ]),
    ),
  },
} as const
const tasks = {type: ['array', 'null'], description: 'a list of tasks', items: task} as const

export const playSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['hosts'],
  properties: {
    name,
    hosts: {...words, description: 'a host pattern', examples: ['gateways']},
    gather_facts: yes,
    become: yes,
    become_user: {type: 'string', minLength: 1, description: 'a user name'},
    remote_user: {type: 'string', minLength: 1, description: 'a user name'},
    serial: {
      description: 'a number of hosts, a percentage, or a list of these',
      anyOf: [batch, {type: 'array', minItems: 1, items: batch}],
    },
    vars,
    vars_files: {description: 'a list of files', anyOf: [{type: 'string'}, {type: 'array', items: {type: 'string'}}]},
    roles: {
      type: ['array', 'null'],
      description: 'a list of roles',
      items: {
        description: 'the name of a role, or a mapping with role, vars, tags, when',
        anyOf: [
          {type: 'string'},
          {
            type: 'object',
            additionalProperties: false,
            required: ['role'],
            properties: {role: {type: 'string'}, vars, tags: words, when: condition},
          },
        ],
      },
    },
    pre_tasks: tasks,
    tasks,
    post_tasks: tasks,
    handlers: {
      type: ['array', 'null'],
      description: 'a list of handlers',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'service'],
        properties: {
          name,
          service: {
            type: 'object',
            additionalProperties: false,
            required: ['name', 'state'],
            properties: {name: {type: 'string'}, state: {enum: ['reloaded', 'restarted']}},
          },
        },
      },
    },
    tags: words,
  },
} as const

export const importSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['import_playbook'],
  properties: {name, import_playbook: {type: 'string', description: 'the path of a playbook'}, tags: words},
} as const
