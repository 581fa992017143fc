import {createHash} from 'node:crypto'
import {posix} from 'node:path'
import type {Position} from '../../diagnostic.ts'
import {holdsSecret} from '../../jinja/secrets.ts'
import {bytesOf, type Content} from '../../resources/content.ts'
import {directoryResource} from '../../resources/directory.ts'
import {fileResource} from '../../resources/file.ts'
import type {Attributes} from '../../resources/path-change.ts'
import {remoteCopy} from '../../resources/remote-copy.ts'
import type {Resource} from '../../resources/resource.ts'
import {Secret} from '../../shell/secret.ts'
import {openAll} from '../taint.ts'
import {linkTo} from './file.ts'
import {
  attributesOf,
  checkOf,
  flag,
  ownership,
  type Parameters,
  plainPath,
  refuse,
  refusedOfFiles,
  validate,
} from './file-parameters.ts'
import type {Module, ModuleContext} from './module.ts'
import {isDirectory, readSource, sourceMode} from './read-source.ts'
import {mapping, path, text} from './schema-parts.ts'
import {sourceTree} from './source-tree.ts'

/** Files of the project, or content, on the host. */
export const copy: Module = {
  about:
    'A file or directory of the project, or content, on the host; with `remote_src` a file of the host in another place.',
  example: {src: 'motd', dest: '/etc/motd', mode: '0644'},
  aliases: {attr: 'attributes'},
  refused: {
    ...refusedOfFiles,
    decrypt: {why: 'files encrypted with Ansible Vault are always decrypted', fix: 'remove it'},
  },
  schema: mapping(
    {
      src: {...text, description: 'below files/ beside the playbook; a directory with / at its end: what is in it'},
      content: {
        description: 'text; a mapping or list becomes JSON',
        anyOf: [{type: 'string'}, {type: 'object'}, {type: 'array'}],
        secret: true,
      },
      dest: {...path, description: 'a file, or a directory with / at its end'},
      ...ownership,
      directory_mode: ownership.mode,
      backup: flag('the former file is kept beside it'),
      force: {type: 'boolean', description: 'no: what is there stays as it is'},
      remote_src: flag('src is on the host'),
      follow: flag('a link at dest is followed, not replaced'),
      local_follow: {type: 'boolean', description: 'no: links in src are copied as links'},
      checksum: {type: 'string', pattern: '^[0-9a-fA-F]{40}$', description: 'SHA-1 of the source'},
      validate,
    },
    ['dest'],
  ),
  make(parameters, context) {
    const {src, content, remote_src: isRemote = false} = parameters
    const wrong = (field: string, what: string, fix: string) => refuse(parameters, field, what, fix, context.at)
    if ((src === undefined) === (content === undefined))
      wrong('src', "'copy' needs one of 'src' and 'content'", src === undefined ? "add 'src'" : 'keep one of them')
    if (content !== undefined) {
      if (parameters['dest'].endsWith('/'))
        wrong('dest', "'content' has no name in a directory", 'name the file itself')
      if (parameters['mode'] === 'preserve') wrong('mode', "'content' has no mode to preserve", 'write the mode itself')
      return [...writtenFile(parameters, textOf(content), undefined, context)]
    }
    if (isRemote) return [remote(parameters, context)]
    const source = context.find(src, 'files')
    if (isDirectory(source, context.at)) return tree(parameters, source, context)
    return writtenFile(
      withMode(parameters, source, context.at),
      readSource(source, context.at, context.keys),
      posix.basename(source),
      context,
    )
  },
}

/** As Python's json.dumps. */
const textOf = (content: unknown): Content =>
  content instanceof Secret || typeof content === 'string'
    ? content
    : holdsSecret(content)
      ? new Secret(pythonJson(openAll(content)))
      : pythonJson(content)

const pythonJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`
  if (value !== null && typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, held]) => `${pythonJson(key)}: ${pythonJson(held)}`)
      .join(', ')}}`
  return JSON.stringify(value).replaceAll(
    /[\u0080-\uffff]/g,
    sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** `preserve`: the mode of the source. */
export const withMode = (parameters: Parameters, source: string, at: Position): Parameters =>
  parameters['mode'] === 'preserve' ? {...parameters, mode: sourceMode(source, at)} : parameters

/** One file; `name` is what it is called in a directory. */
export const writtenFile = (
  parameters: Parameters,
  content: Content,
  name: string | undefined,
  {notify, at}: ModuleContext,
): readonly Resource[] => {
  const {backup = false, force = true, follow = false, checksum} = parameters
  const sum = checksum === undefined ? undefined : createHash('sha1').update(bytesOf(content)).digest('hex')
  if (sum !== checksum?.toLowerCase())
    refuse(parameters, 'checksum', `the source has the checksum ${sum}`, 'correct it', at)
  const isInside = parameters['dest'].endsWith('/')
  const dest = plainPath(parameters['dest'])
  const path = isInside && name !== undefined ? posix.join(dest, name) : dest
  const into = !isInside && name !== undefined ? {into: name} : {}
  const own = attributesOf(parameters)
  const above = isInside ? newDirectory(dest, parameters) : undefined
  const options = {content, ...own, backup, follow, ...into, ...checkOf(parameters, at), inOrder: true} as const
  return [
    ...(above ? [directoryResource(above, notify)] : []),
    fileResource(
      {state: 'present', path, ...options, ...(!force && {onlyNew: true}), ...(isInside && {parents: true})},
      notify,
    ),
  ]
}

/** The directory to copy into, where what it gets as a new one differs from what mkdir(1) gives it. */
const newDirectory = (path: string, parameters: Parameters) => {
  const own = directoryAttributes(parameters)
  if (Object.keys(own).length === 0) return undefined
  return {path, state: 'present', ...own, follow: true, onlyNew: true, inOrder: true} as const
}

const directoryAttributes = ({directory_mode: mode, owner, group}: Parameters): Attributes =>
  attributesOf({mode, owner, group})

const remote = (parameters: Parameters, {notify, at}: ModuleContext): Resource => {
  const {src, dest, backup = false, force = true, follow = false, checksum} = parameters
  const isInside = dest.endsWith('/')
  const name = posix.basename(src)
  const path = isInside ? posix.join(plainPath(dest), name) : plainPath(dest)
  return remoteCopy(
    {
      path,
      from: plainPath(src),
      ...attributesOf(parameters),
      ...checkOf(parameters, at),
      backup,
      follow,
      ...(!isInside && {into: name}),
      ...(!force && {onlyNew: true}),
      ...(checksum !== undefined && {sha1: checksum.toLowerCase()}),
    },
    notify,
  )
}

/** A directory with all that is in it: directories first, so that each file finds its own. */
const tree = (parameters: Parameters, source: string, context: ModuleContext): readonly Resource[] => {
  const {notify, at} = context
  const {files, directories, links} = sourceTree(source, {
    inside: parameters['src'].endsWith('/'),
    follow: parameters['local_follow'] ?? true,
  })
  const dest = plainPath(parameters['dest'])
  const own = attributesOf({...parameters, mode: parameters['mode'] === 'preserve' ? undefined : parameters['mode']})
  const follow = directories.length === 0 && (parameters['follow'] ?? false)
  const ofDirectories = directoryAttributes(parameters)
  const base =
    files.length > 0 ? new Set(files.map(file => posix.dirname(posix.join(dest, file.path)))) : new Set<string>()
  const all = directories.map(path => posix.join(dest, path))
  return [
    ...[...base]
      .filter(path => !all.includes(path))
      .map(path =>
        directoryResource(
          {path, state: 'present', ...ofDirectories, follow: true, onlyNew: true, inOrder: true},
          notify,
        ),
      ),
    ...all.map(path =>
      directoryResource({path, state: 'present', ...ofDirectories, follow: true, inOrder: true}, notify),
    ),
    ...files.flatMap(file =>
      writtenFile(
        withMode({...parameters, dest: posix.join(dest, file.path), follow}, file.source, at),
        readSource(file.source, at, context.keys),
        undefined,
        context,
      ),
    ),
    ...links.flatMap(link =>
      linkTo(posix.join(dest, link.path), link.to, {own, force: true, follow: directories.length === 0, notify}),
    ),
  ]
}
