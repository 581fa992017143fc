import {bind} from '../arguments.ts'
import {formatPercent} from '../format-percent.ts'
import {fail, refuseIt} from '../problem.ts'
import {capitalize, replaceText, split, splitLines, strip} from '../string-methods.ts'
import {repr, str} from '../text-of.ts'
import {characters, dictOf, entriesOf, isDict, isTrue, iterate, KeptText, lengthOf, Tuple} from '../values.ts'
import {asText, needDict, needInt, needText} from './needs.ts'
import type {Filters} from './shape.ts'
import {wrapLines} from './wrap.ts'

const html: Readonly<Record<string, string>> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&#34;'}
const escape = (text: string): string => text.replaceAll(/[&<>'"]/g, sign => html[sign] ?? sign)

const indent = (text: string, width: unknown, first: boolean, blank: boolean): string => {
  const by = typeof width === 'string' ? width : ' '.repeat(needInt(width))
  const lines = splitLines(`${text}\n`, false)
  const shown = blank
    ? lines.join(`\n${by}`)
    : lines.map((line, index) => (index > 0 && line !== '' ? by + line : line)).join('\n')
  return first ? by + shown : shown
}

const truncate = (text: string, length: number, killWords: boolean, end: string, leeway: number): string => {
  const signs = characters(text)
  if (length < characters(end).length) return fail(`expected length >= ${characters(end).length}, got ${length}`)
  if (signs.length <= length + leeway) return text
  const cut = signs.slice(0, length - characters(end).length).join('')
  if (killWords) return cut + end
  const space = cut.lastIndexOf(' ')
  return (space < 0 ? cut : cut.slice(0, space)) + end
}

const styles: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  plain: {decoration: '# '},
  erlang: {decoration: '% '},
  c: {decoration: '// '},
  cblock: {beginning: '/*', decoration: ' * ', end: ' */'},
  xml: {beginning: '<!--', decoration: ' - ', end: '-->'},
}

const comment = (text: string, style: string, own: ReadonlyMap<string, unknown>): string => {
  const base =
    styles[style] ?? fail(`the style '${style}' of comment is unknown`, `known: ${Object.keys(styles).join(', ')}`)
  const decorated = own.has('decoration') ? needText(own.get('decoration')) : (base['decoration'] ?? '')
  const bare = decorated.trimEnd()
  const p: Record<string, unknown> = {
    newline: '\n',
    beginning: '',
    prefix: bare,
    prefix_count: 1,
    decoration: '',
    postfix: bare,
    postfix_count: 1,
    end: '',
    ...base,
    ...Object.fromEntries(own),
  }
  const part = (name: string): string => asText(p[name])
  const newline = part('newline')
  const times = (name: string): number => Number(p[name])
  const decoration = part('decoration')
  const prefix = part('prefix')
    ? (part('prefix') === newline ? newline : part('prefix') + newline).repeat(times('prefix_count'))
    : ''
  const body = (decoration + text.replaceAll(newline, newline + decoration)).replaceAll(
    decoration + newline,
    decoration.trimEnd() + newline,
  )
  const postfix = Array.from({length: times('postfix_count')}, () => newline + part('postfix')).join('')
  return (
    (part('beginning') ? part('beginning') + newline : '') +
    prefix +
    body +
    postfix +
    (part('end') ? newline + part('end') : '')
  )
}

const urlQuote = (text: string, plus: boolean): string =>
  encodeURIComponent(text)
    .replaceAll(/[!'()*]/g, sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', plus ? '%2F' : '/')
    .replaceAll('%20', plus ? '+' : '%20')

/** Filters on text. */
export const textFilters: Filters = {
  lower: value => asText(value).toLowerCase(),
  upper: value => asText(value).toUpperCase(),
  capitalize: value => capitalize(asText(value)),
  title: value =>
    asText(value)
      .split(/([-\s({[<]+)/u)
      .map(word => capitalize(word))
      .join(''),
  trim: (value, given) => strip(asText(value), bind('trim', ['chars='], given)[0]),
  center: (value, given) => {
    const [width = 80] = bind('center', ['width='], given)
    const text = asText(value)
    const missing = Math.max(0, needInt(width) - characters(text).length)
    const left = Math.floor(missing / 2) + (missing & needInt(width) & 1)
    return ' '.repeat(left) + text + ' '.repeat(missing - left)
  },
  replace: (value, given) => {
    const [old, by, count] = bind('replace', ['old', 'new', 'count='], given)
    return replaceText(
      asText(value),
      asText(old),
      asText(by),
      count === undefined || count === null ? -1 : needInt(count),
    )
  },
  split: (value, given) => {
    const [sep, most] = bind('split', ['sep=', 'maxsplit='], given)
    return split(needText(value), sep, most)
  },
  string: value => new KeptText(asText(value)),
  format: (value, {args, named}) => {
    if (args.length && named.size) return fail("can't handle positional and keyword arguments at the same time")
    return formatPercent(asText(value), named.size ? dictOf(named) : Tuple.from(args))
  },
  indent: (value, given) => {
    const [width = 4, first = false, blank = false] = bind('indent', ['width=', 'first=', 'blank='], given)
    return indent(needText(value), width, isTrue(first), isTrue(blank))
  },
  truncate: (value, given) => {
    const [length = 255, kill = false, end = '...', leeway] = bind(
      'truncate',
      ['length=', 'killwords=', 'end=', 'leeway='],
      given,
    )
    return truncate(
      needText(value),
      needInt(length),
      isTrue(kill),
      needText(end),
      leeway === undefined || leeway === null ? 5 : needInt(leeway),
    )
  },
  wordcount: value => asText(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0,
  wordwrap: (value, given) => {
    const [width = 79, long = true, wrap, hyphens = true] = bind(
      'wordwrap',
      ['width=', 'break_long_words=', 'wrapstring=', 'break_on_hyphens='],
      given,
    )
    const glue = wrap === undefined || wrap === null ? '\n' : needText(wrap)
    return splitLines(needText(value), false)
      .map(line => wrapLines(line, needInt(width), isTrue(long), isTrue(hyphens)).join(glue))
      .join(glue)
  },
  comment: (value, {args: [style = 'plain'], named}) => {
    const own = new Map(named)
    const chosen = asText(own.get('style') ?? style)
    own.delete('style')
    return comment(needText(value), chosen, own)
  },
  escape: value => escape(asText(value)),
  e: value => escape(asText(value)),
  forceescape: value => escape(asText(value)),
  safe: value => asText(value),
  striptags: value =>
    asText(value)
      .replaceAll(/<!--.*?-->|<.*?>/gs, '')
      .trim()
      .split(/\s+/)
      .join(' '),
  urlencode: value => {
    if (typeof value === 'string') return urlQuote(value, false)
    const pairs = isDict(value) ? entriesOf(value) : iterate(value).map(pair => iterate(pair))
    return pairs.map(([key, held]) => `${urlQuote(asText(key), true)}=${urlQuote(asText(held), true)}`).join('&')
  },
  xmlattr: (value, given) => {
    const [space = true] = bind('xmlattr', ['autospace='], given)
    const text = entriesOf(needDict(value, 'xmlattr'))
      .filter(([, held]) => held !== null)
      .map(([key, held]) => `${escape(asText(key))}="${escape(asText(held))}"`)
      .join(' ')
    return isTrue(space) && text !== '' ? ` ${text}` : text
  },
  pprint: value => {
    const text = repr(value)
    return text.length > 80
      ? refuseIt('pprint of a long value is not supported', 'Python breaks its lines', 'write | to_nice_json')
      : text
  },
  length: value => lengthOf(value),
  count: value => lengthOf(value),
  filesizeformat: (value, given) => {
    const [binary = false] = bind('filesizeformat', ['binary='], given)
    const base = isTrue(binary) ? 1024 : 1000
    const bytes = Number(str(value))
    if (bytes === 1) return '1 Byte'
    if (bytes < base) return `${Math.trunc(bytes)} Bytes`
    const units = 'kMGTPEZY'.split('').map(unit => (base === 1024 ? `${unit.toUpperCase()}iB` : `${unit}B`))
    const size = Math.min(units.length, Math.floor(Math.log(bytes) / Math.log(base) + 1e-12))
    return `${(bytes / base ** size).toFixed(1)} ${units[size - 1]}`
  },
}
