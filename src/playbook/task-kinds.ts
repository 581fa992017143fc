import {directory} from '../resources/directory.ts'
import {exec} from '../resources/exec.ts'
import {file} from '../resources/file.ts'
import {fileset} from '../resources/fileset.ts'
import {link} from '../resources/link.ts'
import {pkg} from '../resources/package.ts'
import type {Handler, Resource} from '../resources/resource.ts'
import {service} from '../resources/service.ts'
import {sysctl} from '../resources/sysctl.ts'
import {raw} from '../shell/command.ts'
import {quote} from '../shell/quote.ts'

type Parameters = Readonly<Record<string, any>>

/** A kind of resource as a task of a playbook writes it. */
export type TaskKind = {
  /** JSON Schema of its parameters. */
  readonly schema: object
  readonly example: object
  /** Makes the resources of checked parameters. */
  readonly make: (parameters: Parameters, notify: readonly Handler[]) => readonly Resource[]
}

const path = {type: 'string', pattern: '^/', description: 'an absolute path', examples: ['/etc/motd']} as const
const text = {type: 'string', minLength: 1} as const
const texts = {type: 'array', items: text} as const
const mode = {
  type: 'string',
  pattern: '^[0-7]{4}$',
  description: 'four octal digits in quotes',
  examples: ['0644'],
} as const
const presence = {enum: ['present', 'absent']} as const
const accounts = {mode, owner: text, group: text} as const
const command = {type: 'string', minLength: 1, description: 'a shell command'} as const
const absent = {properties: {state: {const: 'absent'}}, required: ['state']} as const

const mapping = (properties: object, required: readonly string[], more: object = {}): object => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
  ...more,
})

const fileProperties = {path, content: {type: 'string'}, ...accounts}
const validator = (check: string) => (candidate: string) => raw(check.replaceAll('%s', quote(candidate)))

/** The kinds that a playbook may name, by their names there. */
export const taskKinds: Readonly<Record<string, TaskKind>> = {
  file: {
    example: {path: '/etc/motd', content: 'Hello'},
    schema: mapping(
      {
        ...fileProperties,
        state: presence,
        validate: {
          type: 'string',
          pattern: '%s',
          description: 'a command with %s in the place of the new file',
          examples: ['visudo -cf %s'],
        },
      },
      ['path'],
      {if: absent, else: {required: ['content']}},
    ),
    make: ({validate, ...rest}, notify) => [
      file({...(rest as any), ...(validate !== undefined && {validate: validator(validate)}), notify}),
    ],
  },
  fileset: {
    example: {name: 'sshd', files: [{path: '/etc/ssh/sshd_config', content: ''}], check: 'sshd -t'},
    schema: mapping(
      {
        name: text,
        files: {type: 'array', minItems: 1, items: mapping(fileProperties, ['path', 'content'])},
        check: command,
      },
      ['name', 'files', 'check'],
    ),
    make: ({name, files, check}, notify) => [fileset({name, files, check: raw(check), notify})],
  },
  directory: {
    example: {path: '/srv/data', mode: '0750'},
    schema: mapping({path, state: presence, ...accounts}, ['path']),
    make: (parameters, notify) => [directory({...(parameters as any), notify})],
  },
  link: {
    example: {path: '/etc/localtime', to: '/usr/share/zoneinfo/UTC'},
    schema: mapping({path, to: {...text, description: 'what the link points to'}, state: presence}, ['path'], {
      if: absent,
      else: {required: ['to']},
    }),
    make: (parameters, notify) => [link({...(parameters as any), notify})],
  },
  package: {
    example: {name: 'chrony'},
    schema: mapping(
      {
        name: {
          description: 'a package or a list of packages',
          anyOf: [text, {type: 'array', minItems: 1, items: text}],
        },
        state: presence,
        provides: mapping(
          {units: texts, users: texts, groups: texts, files: texts, directories: texts, commands: texts},
          [],
        ),
      },
      ['name'],
    ),
    make: (parameters, notify) => [pkg({...(parameters as any), notify})],
  },
  service: {
    example: {name: 'chrony', enabled: true, running: true},
    schema: mapping(
      {
        name: text,
        enabled: {type: 'boolean'},
        running: {type: 'boolean'},
        state: {enum: ['started', 'stopped'], description: 'started or stopped; a reload or restart is a handler'},
      },
      ['name'],
    ),
    make: ({state, ...rest}, notify) => [
      service({...(rest as any), ...(state !== undefined && {running: state === 'started'}), notify}),
    ],
  },
  sysctl: {
    example: {key: 'net.ipv4.ip_forward', value: 1},
    schema: mapping(
      {
        key: {...text, examples: ['net.ipv4.ip_forward']},
        value: {description: 'text or a number', anyOf: [text, {type: 'number'}]},
      },
      ['key', 'value'],
    ),
    make: (parameters, notify) => [sysctl({...(parameters as any), notify})],
  },
  exec: {
    example: {run: 'touch /srv/done', creates: '/srv/done'},
    schema: mapping({run: command, creates: path, unless: command, only_if: command}, ['run']),
    make: ({run, creates, unless, only_if: onlyIf}, notify) => [
      exec({
        run: raw(run),
        ...(creates !== undefined && {creates}),
        ...(unless !== undefined && {unless: raw(unless)}),
        ...(onlyIf !== undefined && {onlyIf: raw(onlyIf)}),
        notify,
      }),
    ],
  },
}
