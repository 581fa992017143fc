/** Parts of the schemas of modules. */

export const path = {type: 'string', pattern: '^/', description: 'an absolute path', examples: ['/etc/motd']} as const
export const text = {type: 'string', minLength: 1} as const
export const texts = {type: 'array', items: text} as const
const mode = {
  type: 'string',
  pattern: '^[0-7]{4}$',
  description: 'four octal digits in quotes',
  examples: ['0644'],
} as const
export const presence = {enum: ['present', 'absent']} as const
export const accounts = {mode, owner: text, group: text} as const
export const command = {
  type: 'string',
  minLength: 1,
  description: 'a shell command',
  secret: 'every user of the host can read the words of a running command; pass it on standard input (stdin)',
} as const
export const absent = {properties: {state: {const: 'absent'}}, required: ['state']} as const

export const mapping = (properties: object, required: readonly string[], more: object = {}): object => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
  ...more,
})
