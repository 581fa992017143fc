import {bind, type Given} from './arguments.ts'
import {formatBraces} from './format-braces.ts'
import {fail} from './problem.ts'
import {str} from './text-of.ts'
import {characters, entriesOf, isDict, isInt, iterate, lengthOf, Tuple, typeName} from './values.ts'

/** What str.strip() and str.split() take for white space. */
const space = '[\\t\\n\\v\\f\\r\\x1c-\\x1f \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const escape = (text: string): string => text.replaceAll(/[\\\]^-]/g, '\\$&')

export const strip = (text: string, signs: unknown, left = true, right = true): string => {
  if (signs === '') return text
  const set = signs === undefined || signs === null ? space : `[${escape(asText(signs))}]`
  const start = left ? text.replace(new RegExp(`^${set}+`, 'u'), '') : text
  return right ? start.replace(new RegExp(`${set}+$`, 'u'), '') : start
}

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : fail(`text is needed here, not ${typeName(value)}`)
const asInt = (value: unknown): number =>
  isInt(value) || typeof value === 'boolean'
    ? Number(value)
    : fail(`'${typeName(value)}' object cannot be interpreted as an integer`)

/** str.split(). */
export const split = (text: string, sep: unknown, most: unknown): string[] => {
  const limit = most === undefined || asInt(most) < 0 ? Infinity : asInt(most)
  if (sep === undefined || sep === null) {
    const words: string[] = []
    let rest = strip(text, undefined, true, false)
    while (rest !== '' && words.length < limit) {
      const [word = ''] = new RegExp(`^(?:(?!${space}).)+`, 'su').exec(rest) ?? []
      words.push(word)
      rest = strip(rest.slice(word.length), undefined, true, false)
    }
    if (rest !== '') words.push(words.length === limit ? strip(rest, undefined, false, false) : rest)
    return words
  }
  if (sep === '') return fail('empty separator')
  const parts = text.split(asText(sep))
  return parts.length - 1 <= limit ? parts : [...parts.slice(0, limit), parts.slice(limit).join(asText(sep))]
}

const splitRight = (text: string, sep: unknown, most: unknown): string[] => {
  const limit = most === undefined || asInt(most) < 0 ? Infinity : asInt(most)
  if (sep === undefined || sep === null) {
    const all = split(text, undefined, undefined)
    if (all.length - 1 <= limit) return all
    const kept = all.slice(all.length - limit)
    let rest = strip(text, undefined, false, true)
    for (const word of kept.toReversed()) rest = strip(rest.slice(0, rest.length - word.length), undefined, false, true)
    return [rest, ...kept]
  }
  const parts = text.split(asText(sep))
  if (parts.length - 1 <= limit) return parts
  const cut = parts.length - limit
  return [parts.slice(0, cut).join(asText(sep)), ...parts.slice(cut)]
}

const lineEnds = '\\n\\r\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029'
const line = new RegExp(`([^${lineEnds}]*)(\\r\\n|[${lineEnds}]|$)`, 'g')

export const splitLines = (text: string, keep: boolean): string[] =>
  [...text.matchAll(line)].filter(([whole]) => whole !== '').map(([whole, line = '']) => (keep ? whole : line))

/** Python's str.title(): a letter after anything that is none is a capital. */
export const titleCase = (text: string): string =>
  text.replaceAll(
    /\p{L}+/gu,
    word => (characters(word)[0] ?? '').toUpperCase() + characters(word).slice(1).join('').toLowerCase(),
  )
export const capitalize = (text: string): string => {
  const [first = '', ...rest] = characters(text)
  return first.toUpperCase() + rest.join('').toLowerCase()
}

const affix = (test: (text: string, part: string) => boolean) => (text: string, given: Given) => {
  const [part, from, to] = bind('startswith', ['prefix', 'start=', 'end='], given)
  const piece =
    from === undefined
      ? text
      : characters(text)
          .slice(asInt(from), to === undefined ? undefined : asInt(to))
          .join('')
  return (part instanceof Tuple ? part : [part]).some(one => test(piece, asText(one)))
}
const pad = (text: string, given: Given, place: (missing: number) => [number, number]): string => {
  const [width, fill = ' '] = bind('pad', ['width', 'fillchar='], given)
  const missing = Math.max(0, asInt(width) - characters(text).length)
  const [left, right] = place(missing)
  return asText(fill).repeat(left) + text + asText(fill).repeat(right)
}
const find = (text: string, given: Given, last: boolean): number => {
  const [part, from = 0, to] = bind('find', ['sub', 'start=', 'end='], given)
  const piece = characters(text)
    .slice(0, to === undefined ? undefined : asInt(to))
    .join('')
  const start = characters(text).slice(0, asInt(from)).join('').length
  const at = last ? piece.lastIndexOf(asText(part)) : piece.indexOf(asText(part), start)
  return at < start ? -1 : characters(text.slice(0, at)).length
}
const index = (text: string, given: Given, last: boolean): number => {
  const at = find(text, given, last)
  return at < 0 ? fail('substring not found') : at
}
const all = (pattern: RegExp) => (text: string) => text !== '' && pattern.test(text)
const partition = (text: string, sep: string, last: boolean): Tuple => {
  const at = last ? text.lastIndexOf(sep) : text.indexOf(sep)
  if (at < 0) return Tuple.from(last ? ['', '', text] : [text, '', ''])
  return Tuple.from([text.slice(0, at), sep, text.slice(at + sep.length)])
}
export const replaceText = (text: string, old: string, by: string, count: number): string => {
  if (count < 0)
    return old === ''
      ? by +
          characters(text)
            .map(sign => sign + by)
            .join('')
      : text.replaceAll(old, () => by)
  const parts = old === '' ? ['', ...characters(text), ''] : text.split(old)
  const kept = Math.min(count, parts.length - 1)
  const glue = old === '' ? '' : old
  return (
    parts
      .slice(0, kept)
      .map(piece => piece + by)
      .join('') + parts.slice(kept).join(glue)
  )
}

type Method = (text: string, given: Given) => unknown

/** Methods of str. */
export const stringMethods: Readonly<Record<string, Method>> = {
  capitalize,
  casefold: text => text.toLowerCase().replaceAll('ß', 'ss'),
  center: (text, given) =>
    pad(text, given, missing => {
      const width = asInt(given.args[0])
      const left = Math.floor(missing / 2) + (missing & width & 1)
      return [left, missing - left]
    }),
  count: (text, given) => {
    const [part] = bind('count', ['sub'], given)
    return part === '' ? characters(text).length + 1 : text.split(asText(part)).length - 1
  },
  endswith: affix((text, part) => text.endsWith(part)),
  expandtabs: (text, given) => {
    const [size = 8] = bind('expandtabs', ['tabsize='], given)
    return text
      .split('\n')
      .map(line =>
        line
          .split('\t')
          .reduce((done, piece) => done + ' '.repeat(asInt(size) - (characters(done).length % asInt(size))) + piece),
      )
      .join('\n')
  },
  find: (text, given) => find(text, given, false),
  format: (text, {args, named}) => formatBraces(text, args, named),
  format_map: (text, {args: [values]}) =>
    formatBraces(text, [], new Map(isDict(values) ? entriesOf(values).map(([key, value]) => [str(key), value]) : [])),
  index: (text, given) => index(text, given, false),
  isalnum: all(/^[\p{L}\p{N}]+$/u),
  isalpha: all(/^\p{L}+$/u),
  isascii: text => /^[\0-\x7f]*$/.test(text),
  isdecimal: all(/^\p{Nd}+$/u),
  isdigit: all(/^[\p{Nd}²³¹⁰⁴-⁹₀-₉]+$/u),
  isidentifier: all(/^[\p{L}_][\p{L}\p{N}_]*$/u),
  islower: text => text !== text.toUpperCase() && text === text.toLowerCase(),
  isnumeric: all(/^\p{N}+$/u),
  isspace: all(new RegExp(`^${space}+$`, 'u')),
  istitle: text => /\p{L}/u.test(text) && text === titleCase(text),
  isupper: text => text !== text.toLowerCase() && text === text.toUpperCase(),
  join: (text, given) => {
    const [items] = bind('join', ['iterable'], given)
    return iterate(items)
      .map((item, at) =>
        typeof item === 'string' ? item : fail(`sequence item ${at}: expected str instance, ${typeName(item)} found`),
      )
      .join(text)
  },
  ljust: (text, given) => pad(text, given, missing => [0, missing]),
  lower: text => text.toLowerCase(),
  lstrip: (text, given) => strip(text, bind('lstrip', ['chars='], given)[0], true, false),
  partition: (text, given) => partition(text, asText(bind('partition', ['sep'], given)[0]), false),
  removeprefix: (text, given) => {
    const [prefix] = bind('removeprefix', ['prefix'], given)
    return text.startsWith(asText(prefix)) ? text.slice(asText(prefix).length) : text
  },
  removesuffix: (text, given) => {
    const [suffix] = bind('removesuffix', ['suffix'], given)
    return suffix !== '' && text.endsWith(asText(suffix)) ? text.slice(0, text.length - asText(suffix).length) : text
  },
  replace: (text, given) => {
    const [old, by, count = -1] = bind('replace', ['old', 'new', 'count='], given)
    return replaceText(text, asText(old), asText(by), asInt(count))
  },
  rfind: (text, given) => find(text, given, true),
  rindex: (text, given) => index(text, given, true),
  rjust: (text, given) => pad(text, given, missing => [missing, 0]),
  rpartition: (text, given) => partition(text, asText(bind('rpartition', ['sep'], given)[0]), true),
  rsplit: (text, given) => {
    const [sep, most] = bind('rsplit', ['sep=', 'maxsplit='], given)
    return splitRight(text, sep, most)
  },
  rstrip: (text, given) => strip(text, bind('rstrip', ['chars='], given)[0], false, true),
  split: (text, given) => {
    const [sep, most] = bind('split', ['sep=', 'maxsplit='], given)
    return split(text, sep, most)
  },
  splitlines: (text, given) => splitLines(text, Boolean(bind('splitlines', ['keepends='], given)[0])),
  startswith: affix((text, part) => text.startsWith(part)),
  strip: (text, given) => strip(text, bind('strip', ['chars='], given)[0]),
  swapcase: text =>
    characters(text)
      .map(sign => (sign === sign.toUpperCase() ? sign.toLowerCase() : sign.toUpperCase()))
      .join(''),
  title: titleCase,
  upper: text => text.toUpperCase(),
  zfill: (text, given) => {
    const [width] = bind('zfill', ['width'], given)
    const [, sign = '', rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? []
    return sign + '0'.repeat(Math.max(0, asInt(width) - lengthOf(text))) + rest
  },
}
