import {block} from '../../resources/block.ts'
import {attributesOf, checkOf, flag, ownership, plainPath, refuse, refusedOfFiles, validate} from './file-parameters.ts'
import type {Module} from './module.ts'
import {mapping, path, presence} from './schema-parts.ts'

const regex = {type: 'string', description: "an expression of Python's re"} as const
const newer = {why: 'ansible-core 2.14 has it not', fix: 'put the empty line into the block'}

/** Lines between two markers. */
export const blockinfile: Module = {
  about: 'Lines between two markers in a file that others write as well.',
  example: {path: '/etc/hosts', block: '192.0.2.1 gw1\n192.0.2.2 gw2'},
  aliases: {dest: 'path', destfile: 'path', name: 'path', content: 'block', attr: 'attributes'},
  refused: {...refusedOfFiles, append_newline: newer, prepend_newline: newer},
  schema: mapping(
    {
      path,
      state: presence,
      block: {type: 'string', secret: true, description: 'the lines; none: the block goes'},
      marker: {type: 'string', default: '# {mark} ANSIBLE MANAGED BLOCK', description: '{mark} becomes BEGIN and END'},
      marker_begin: {type: 'string', default: 'BEGIN'},
      marker_end: {type: 'string', default: 'END'},
      insertafter: {...regex, examples: ['EOF']},
      insertbefore: {...regex, examples: ['BOF']},
      create: flag('a missing file is made'),
      backup: flag('the former file is kept beside it'),
      validate,
      ...ownership,
    },
    ['path'],
  ),
  make(parameters, {notify, at}) {
    const {state = 'present', block: text = '', marker, insertafter, insertbefore} = parameters
    const {marker_begin: begin, marker_end: end, create = false, backup = false} = parameters
    if (insertafter !== undefined && insertbefore !== undefined)
      refuse(parameters, 'insertbefore', "'insertbefore' and 'insertafter' exclude each other", 'keep one of them', at)
    for (const field of ['marker_begin', 'marker_end'])
      if (parameters[field].includes('\\'))
        refuse(parameters, field, `'${field}' holds a backslash, which Ansible would interpret`, 'write it without', at)
    return [
      block(
        {
          path: plainPath(parameters['path']),
          state,
          block: text,
          begin: marker.replaceAll('{mark}', () => begin),
          end: marker.replaceAll('{mark}', () => end),
          ...(insertafter !== undefined && {insertafter}),
          ...(insertbefore !== undefined && {insertbefore}),
          create,
          backup,
          ...checkOf(parameters, at),
          ...attributesOf(parameters),
        },
        notify,
      ),
    ]
  },
}
