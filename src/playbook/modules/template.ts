import {posix} from 'node:path'
import {withMode, writtenFile} from './copy.ts'
import {flag, ownership, refusedOfFiles, validate} from './file-parameters.ts'
import type {Module} from './module.ts'
import {mapping, path, text} from './schema-parts.ts'

const markers = {
  why: 'templates are read with the markers {{ }}, {% %} and {# #}',
  fix: 'remove it, and write the template with these',
}

/** A Jinja template of the project, printed with the variables of the host. */
export const template: Module = {
  about: 'A Jinja template of the project, printed with the variables of the host.',
  example: {src: 'motd.j2', dest: '/etc/motd', mode: '0644'},
  aliases: {attr: 'attributes'},
  refused: {
    ...refusedOfFiles,
    block_start_string: markers,
    block_end_string: markers,
    variable_start_string: markers,
    variable_end_string: markers,
    comment_start_string: markers,
    comment_end_string: markers,
    output_encoding: {why: 'what is written is UTF-8', fix: 'remove it'},
  },
  schema: mapping(
    {
      src: {...text, description: 'below templates/ beside the playbook', examples: ['motd.j2']},
      dest: {...path, description: 'a file, or a directory with / at its end'},
      ...ownership,
      backup: flag('the former file is kept beside it'),
      force: {type: 'boolean', description: 'no: what is there stays as it is'},
      follow: flag('a link at dest is followed, not replaced'),
      newline_sequence: {enum: ['\n', '\r', '\r\n', '\\n', '\\r', '\\r\\n']},
      trim_blocks: {type: 'boolean', description: 'the line break after a statement goes (yes unless said otherwise)'},
      lstrip_blocks: flag('blanks before a statement go'),
      validate,
    },
    ['src', 'dest'],
  ),
  make(parameters, context) {
    const {
      src,
      newline_sequence: newline = '\n',
      trim_blocks: trimBlocks = true,
      lstrip_blocks: lstripBlocks = false,
    } = parameters
    const source = context.find(src, 'templates')
    const content = context.render(source, {
      trimBlocks,
      lstripBlocks,
      newline: newline.replaceAll('\\n', '\n').replaceAll('\\r', '\r'),
    })
    return writtenFile(withMode(parameters, source, context.at), content, posix.basename(source), context)
  },
}
