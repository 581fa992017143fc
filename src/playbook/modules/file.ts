import {posix} from 'node:path'
import {attributes} from '../../resources/attributes.ts'
import {directoryResource} from '../../resources/directory.ts'
import {file as fileState} from '../../resources/file.ts'
import {hardLink} from '../../resources/hard-link.ts'
import {linkResource} from '../../resources/link.ts'
import type {Attributes} from '../../resources/path-change.ts'
import {removal} from '../../resources/removal.ts'
import type {Handler, Resource} from '../../resources/resource.ts'
import {touch} from '../../resources/touch.ts'
import {raw} from '../../shell/command.ts'
import {quote} from '../../shell/quote.ts'
import {attributesOf, flag, ownership, type Parameters, plainPath, refuse, refusedOfFiles} from './file-parameters.ts'
import type {Module, ModuleContext} from './module.ts'
import {mapping, path, text} from './schema-parts.ts'

const time = {enum: ['preserve', 'now'], description: "'now' only with 'state: touch'"} as const
const format = {
  why: "times are 'preserve' or 'now'",
  fix: "remove it; another time sets 'command: touch -d …'",
}

/** What stands at a path. With `content` it is our own form: the whole of a file. */
export const file: Module = {
  about: 'Mode and owner of a file, a directory, a link, or that nothing is there; with `content` the whole of a file.',
  example: {path: '/srv/data', state: 'directory', mode: '0750'},
  aliases: {dest: 'path', name: 'path', attr: 'attributes'},
  refused: {...refusedOfFiles, access_time_format: format, modification_time_format: format},
  schema: mapping(
    {
      path,
      state: {
        enum: ['file', 'directory', 'link', 'hard', 'touch', 'absent', 'present'],
        description: "'present' only with 'content'",
      },
      ...ownership,
      content: {type: 'string', secret: true, description: 'all that is in the file'},
      validate: {
        type: 'string',
        pattern: '%s',
        description: "a command with %s in the place of the new file, with 'content'",
        examples: ['visudo -cf %s'],
      },
      src: {...text, description: 'what a link points to, or the file that gets another name'},
      recurse: flag("with 'state: directory': all that is in it as well"),
      force: flag('a link takes the place of something else, or leads nowhere'),
      follow: flag('a link at the path stands for what it points to (yes unless said otherwise)'),
      access_time: time,
      modification_time: time,
    },
    ['path'],
  ),
  make: (parameters, context) =>
    parameters['content'] === undefined && parameters['state'] !== 'present'
      ? ansibleFile(parameters, context)
      : [wholeFile(parameters, context)],
}

const wholeFile = ({path, content, validate, state, ...rest}: Parameters, {notify, at}: ModuleContext): Resource => {
  if (content === undefined) refuse({}, 'content', "'file' needs the parameter 'content'", "add 'content'", at)
  const foreign = Object.keys(rest).find(key => !['mode', 'owner', 'group'].includes(key))
  const isOther = state !== undefined && state !== 'present'
  if (foreign !== undefined || isOther)
    refuse(
      rest,
      foreign ?? '',
      `'file' with 'content' takes no '${foreign ?? `state: ${state}`}'`,
      'remove one of them',
      at,
    )
  return fileState({
    path,
    content,
    ...attributesOf(rest),
    ...(validate !== undefined && {validate: (candidate: string) => raw(validate.replaceAll('%s', quote(candidate)))}),
    notify,
  })
}

const ansibleFile = (parameters: Parameters, {notify, at}: ModuleContext): readonly Resource[] => {
  const {state, src, recurse = false, force = false, follow = true} = parameters
  const own = attributesOf(parameters)
  const path = plainPath(parameters['path'])
  const wrong = (field: string, what: string, fix: string) => refuse(parameters, field, what, fix, at)
  if (parameters['validate'] !== undefined)
    wrong('validate', "'validate' checks new content, and there is none", "add 'content', or remove it")
  if (recurse && state !== 'directory' && state !== undefined)
    wrong('recurse', "'recurse' needs 'state: directory'", "add 'state: directory', or remove it")
  if (src !== undefined && state !== 'link' && state !== 'hard')
    wrong('src', "'src' needs 'state: link' or 'state: hard'", "add 'state: link', or remove it")
  for (const field of ['access_time', 'modification_time'])
    if (parameters[field] === 'now' && state !== 'touch')
      wrong(field, `'${field}: now' needs 'state: touch'`, "add 'state: touch', or remove it")
  switch (state) {
    case 'absent':
      return [removal({path}, notify)]
    case 'directory':
      return [directoryResource({path, state: 'present', ...own, follow, recurse, inOrder: true}, notify)]
    case 'link':
      if (src === undefined) wrong('state', "'state: link' needs the parameter 'src'", "add 'src': what it points to")
      return linkTo(path, src, {own, force, follow, notify})
    case 'hard':
      if (src === undefined) wrong('state', "'state: hard' needs the parameter 'src'", "add 'src': the file itself")
      return [hardLink({path, of: plainPath(src), force, ...own}, notify)]
    case 'touch':
      return [touched(path, follow, parameters, notify)]
    case 'file':
      return [attributes({path, ...own, follow, of: 'file'}, notify)]
    default:
      if (recurse) return [directoryResource({path, state: 'present', ...own, follow, recurse, inOrder: true}, notify)]
      return [attributes({path, ...own, follow, of: 'something'}, notify)]
  }
}

type LinkOptions = {
  readonly own: Attributes
  readonly force: boolean
  readonly follow: boolean
  readonly notify: readonly Handler[]
}

/** Where a link is followed, Ansible sets mode and owner of what it leads to. */
export const linkTo = (path: string, to: string, {own, force, follow, notify}: LinkOptions): readonly Resource[] => {
  const {owner, group} = own
  const ofLink = follow ? {} : {...(owner !== undefined && {owner}), ...(group !== undefined && {group})}
  const link = linkResource({state: 'present', path, to, inOrder: {force}, ...ofLink}, notify)
  if (!follow || Object.keys(own).length === 0) return [link]
  const target = posix.resolve(posix.dirname(path), to)
  return [link, attributes({path: target, ...own, follow: true, of: 'any'}, notify)]
}

const touched = (path: string, follow: boolean, parameters: Parameters, notify: readonly Handler[]): Resource => {
  const own = attributesOf(parameters)
  const {access_time: access = 'now', modification_time: modification = 'now'} = parameters
  if (access === 'preserve' && modification === 'preserve')
    return attributes({path, ...own, follow, of: 'made'}, notify)
  const times = access === 'preserve' ? 'm' : modification === 'preserve' ? 'a' : 'am'
  return touch({path, ...own, follow, times}, notify)
}
