import {posix} from 'node:path'
import {bind} from '../arguments.ts'
import {fail, refuseIt} from '../problem.ts'
import {dictOf, Tuple} from '../values.ts'
import {asText, needList, needText} from './needs.ts'
import type {Filters} from './shape.ts'

/** os.path.split(): what stands before and behind the last slash. */
const splitPath = (path: string): [string, string] => {
  const at = path.lastIndexOf('/') + 1
  const head = path.slice(0, at)
  return [/^\/*$/.test(head) ? head : head.replace(/\/+$/, ''), path.slice(at)]
}

const join = (parts: readonly string[]): string =>
  parts.reduce((path, part) => {
    if (part.startsWith('/')) return part
    return path === '' || path.endsWith('/') ? path + part : `${path}/${part}`
  })

/** os.path.normpath(): two slashes at the start stay two. */
const normal = (path: string): string => (/^\/\/(?!\/)/.test(path) ? '/' : '') + posix.normalize(path)

const onControl = (name: string) => (): unknown =>
  refuseIt(
    `the filter ${name} is not supported`,
    'its result would depend on the machine that gatewright runs on',
    'write the path itself',
  )

const urlParts = (text: string): Map<unknown, unknown> => {
  const [, scheme = '', , authority, path = '', , query = '', , fragment = ''] =
    /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(\/\/([^/?#]*))?([^?#]*)(\?([^#]*))?(#(.*))?$/s.exec(text) ?? []
  const netloc = authority ?? ''
  const at = netloc.lastIndexOf('@')
  const [user, ...password] = at < 0 ? [] : netloc.slice(0, at).split(':')
  const [, bracketed, plain = '', port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/s.exec(netloc.slice(at + 1)) ?? []
  const host = (bracketed ?? plain).toLowerCase()
  if (port !== undefined && port !== '' && !/^\d+$/.test(port)) return fail(`the port '${port}' of a URL is no number`)
  return dictOf([
    ['fragment', fragment],
    ['hostname', host === '' ? null : host],
    ['netloc', netloc],
    ['password', password.length ? password.join(':') : null],
    ['path', path],
    ['port', port === undefined || port === '' ? null : Number(port)],
    ['query', query],
    ['scheme', scheme.toLowerCase()],
    ['username', user ?? null],
  ])
}

/** Filters on paths, and on text for the shell and for URLs. */
export const pathFilters: Filters = {
  basename: value => splitPath(needText(value))[1],
  dirname: value => splitPath(needText(value))[0],
  splitext: value => {
    const path = needText(value)
    const name = splitPath(path)[1]
    const dot = name.lastIndexOf('.')
    const isName = dot > 0 && /[^.]/.test(name.slice(0, dot))
    const at = path.length - name.length + dot
    return Tuple.from(isName ? [path.slice(0, at), path.slice(at)] : [path, ''])
  },
  path_join: value =>
    typeof value === 'string' ? value : join(needList(value, 'path_join').map(part => needText(part))),
  relpath: (value, given) => {
    const [from] = bind('relpath', ['start='], given)
    const path = needText(value)
    if (from === undefined || !path.startsWith('/') || !needText(from).startsWith('/'))
      return refuseIt(
        'relpath of this is not supported',
        'it would depend on the directory that gatewright runs in',
        "write path | relpath('/absolute/start')",
      )
    return posix.relative(normal(needText(from)), normal(path)) || '.'
  },
  expanduser: value => (needText(value).startsWith('~') ? onControl('expanduser')() : value),
  expandvars: value => (needText(value).includes('$') ? onControl('expandvars')() : value),
  win_basename: value => needText(value).split(/[\\/]/).at(-1),
  quote: value => {
    const text = value === null ? '' : asText(value)
    // As shlex.quote() writes it.
    return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`
  },
  urlsplit: (value, given) => {
    const [part = ''] = bind('urlsplit', ['query='], given)
    const parts = urlParts(needText(value))
    if (part === '') return parts
    const found = parts.get(part)
    return found === undefined ? fail(`urlsplit: unknown URL component: ${asText(part)}`) : found
  },
}
