import {line} from '../../resources/line.ts'
import {attributesOf, checkOf, flag, ownership, plainPath, refuse, refusedOfFiles, validate} from './file-parameters.ts'
import type {Module} from './module.ts'
import {mapping, path, presence} from './schema-parts.ts'

const regex = {type: 'string', description: "an expression of Python's re"} as const

/** One line of a file. */
export const lineinfile: Module = {
  about: 'One line of a file that others write as well.',
  example: {path: '/etc/ssh/sshd_config', regexp: '^#?PermitRootLogin', line: 'PermitRootLogin no'},
  aliases: {dest: 'path', destfile: 'path', name: 'path', regex: 'regexp', value: 'line', attr: 'attributes'},
  refused: refusedOfFiles,
  schema: mapping(
    {
      path,
      state: presence,
      line: {type: 'string', secret: true, description: 'the line; with backrefs it takes over groups of regexp'},
      regexp: regex,
      search_string: {type: 'string', description: 'text that the line holds already'},
      insertafter: {...regex, examples: ['EOF']},
      insertbefore: {...regex, examples: ['BOF']},
      backrefs: flag('the line takes over groups of regexp, and nothing is done where it does not match'),
      firstmatch: flag('the first match counts, not the last'),
      create: flag('a missing file is made'),
      backup: flag('the former file is kept beside it'),
      validate,
      ...ownership,
    },
    ['path'],
  ),
  make(parameters, {notify, at}) {
    const {state = 'present', line: text, regexp, search_string: search, insertafter, insertbefore} = parameters
    const {backrefs = false, firstmatch = false, create = false, backup = false} = parameters
    const wrong = (field: string, what: string, fix: string) => refuse(parameters, field, what, fix, at)
    const pair = (one: string, other: string) => {
      if (parameters[one] !== undefined && parameters[one] !== false && parameters[other] !== undefined)
        wrong(one, `'${one}' and '${other}' exclude each other`, 'keep one of them')
    }
    pair('insertbefore', 'insertafter')
    pair('regexp', 'search_string')
    pair('backrefs', 'search_string')
    if (state === 'present' && text === undefined)
      wrong('path', "'lineinfile' needs the parameter 'line'", "add 'line'")
    if (state === 'present' && backrefs && regexp === undefined)
      wrong('backrefs', "'backrefs' needs the parameter 'regexp'", "add 'regexp'")
    if (text === undefined && regexp === undefined && search === undefined)
      wrong('path', "'lineinfile' needs one of 'line', 'regexp', 'search_string'", 'say which lines shall go')
    return [
      line(
        {
          path: plainPath(parameters['path']),
          state,
          ...(text !== undefined && {line: text}),
          ...(regexp !== undefined && {regexp}),
          ...(search !== undefined && {search}),
          // Nothing is inserted after or before an empty expression: it goes to the end.
          ...(insertafter !== undefined && {insertafter: insertafter === '' ? 'EOF' : insertafter}),
          ...(insertbefore !== undefined && (insertbefore === '' ? {insertafter: 'EOF'} : {insertbefore})),
          backrefs,
          firstmatch,
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
