import {directory} from '../../resources/directory.ts'
import {fileset} from '../../resources/fileset.ts'
import {link} from '../../resources/link.ts'
import {raw} from '../../shell/command.ts'
import {blockinfile} from './blockinfile.ts'
import {copy} from './copy.ts'
import {file} from './file.ts'
import {lineinfile} from './lineinfile.ts'
import type {Module} from './module.ts'
import {absent, accounts, command, mapping, path, presence, text} from './schema-parts.ts'
import {template} from './template.ts'

const fileProperties = {path, content: {type: 'string', secret: true}, ...accounts}

/** Modules about what lies in the file system. */
export const fileModules: Readonly<Record<string, Module>> = {
  file,
  copy,
  template,
  lineinfile,
  blockinfile,
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
