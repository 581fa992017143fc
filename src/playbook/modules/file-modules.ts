import {directory} from '../../resources/directory.ts'
import {file} from '../../resources/file.ts'
import {fileset} from '../../resources/fileset.ts'
import {link} from '../../resources/link.ts'
import {raw} from '../../shell/command.ts'
import {quote} from '../../shell/quote.ts'
import type {Module} from './module.ts'
import {absent, accounts, command, mapping, path, presence, text} from './schema-parts.ts'

const fileProperties = {path, content: {type: 'string'}, ...accounts}
const validator = (check: string) => (candidate: string) => raw(check.replaceAll('%s', quote(candidate)))

/** Modules about what lies in the file system. */
export const fileModules: Readonly<Record<string, Module>> = {
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
    make: ({validate, ...rest}, {notify}) => [
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
    make: ({name, files, check}, {notify}) => [fileset({name, files, check: raw(check), notify})],
  },
  directory: {
    example: {path: '/srv/data', mode: '0750'},
    schema: mapping({path, state: presence, ...accounts}, ['path']),
    make: (parameters, {notify}) => [directory({...(parameters as any), notify})],
  },
  link: {
    example: {path: '/etc/localtime', to: '/usr/share/zoneinfo/UTC'},
    schema: mapping({path, to: {...text, description: 'what the link points to'}, state: presence}, ['path'], {
      if: absent,
      else: {required: ['to']},
    }),
    make: (parameters, {notify}) => [link({...(parameters as any), notify})],
  },
}
