import {pythonRegex, pythonReplacement} from '../../python-regex.ts'
import {bind} from '../arguments.ts'
import {fail, JinjaProblem} from '../problem.ts'
import {isTrue, Tuple} from '../values.ts'
import {asText, needText} from './needs.ts'
import type {Filters} from './shape.ts'

/** An expression of Python's `re`, or a refusal that names it. */
export const regexOf = (pattern: unknown, ignoreCase: unknown, multiline: unknown, global = false): RegExp => {
  const text = needText(pattern, 'an expression')
  const made = pythonRegex(text, {
    ignoreCase: isTrue(ignoreCase ?? false),
    multiline: isTrue(multiline ?? false),
    global,
  })
  if (made instanceof RegExp) return made
  throw new JinjaProblem(
    'expression',
    `the regular expression '${text}' cannot be used: ${made.what}`,
    made.fix === undefined ? {} : {fix: made.fix},
  )
}

const replace = (text: string, pattern: RegExp, by: string): string => {
  const make = pythonReplacement(by)
  if (typeof make !== 'function') return fail(make.what, 'write \\\\ for one backslash')
  try {
    let result = ''
    let last = 0
    for (const match of text.matchAll(pattern)) {
      result += text.slice(last, match.index) + make(match)
      last = match.index + match[0].length
    }
    return result + text.slice(last)
  } catch (error) {
    return error instanceof RangeError ? fail(error.message) : fail(String(error))
  }
}

/** `re.escape` of Python 3.7 and later. */
const escapePython = (text: string): string =>
  text.replaceAll(/[\t\n\v\f\r !"#$%&'()*+,./:;<=>?@[\\\]^`{|}~-]/g, sign =>
    /[!"%',/:;<=>@`]/.test(sign) ? sign : `\\${sign}`,
  )

/** Filters with regular expressions. */
export const regexFilters: Filters = {
  regex_replace: (value, given) => {
    const [pattern = '', by = '', ignoreCase, multiline] = bind(
      'regex_replace',
      ['pattern=', 'replacement=', 'ignorecase=', 'multiline='],
      given,
    )
    return replace(asText(value), regexOf(pattern, ignoreCase, multiline, true), needText(by))
  },
  regex_search: (value, {args: [pattern, ...groups], named}) => {
    for (const name of named.keys())
      if (!['ignorecase', 'multiline'].includes(name)) return fail(`regex_search has no argument '${name}'`)
    const found = regexOf(pattern, named.get('ignorecase'), named.get('multiline')).exec(asText(value))
    const wanted = groups.map(group => {
      const [, name, digits] = /^(?:\\g<(\S+)>|\\(\d+))/.exec(needText(group)) ?? []
      return name ?? digits ?? fail('Unknown argument', "groups are named '\\\\1' or '\\\\g<name>'")
    })
    if (!found) return null
    if (wanted.length === 0) return found[0]
    return wanted.map(name => {
      if (/^\d+$/.test(name)) return Number(name) < found.length ? (found[Number(name)] ?? null) : fail('no such group')
      return found.groups && Object.hasOwn(found.groups, name) ? (found.groups[name] ?? null) : fail('no such group')
    })
  },
  regex_findall: (value, given) => {
    const [pattern, multiline, ignoreCase] = bind('regex_findall', ['regex', 'multiline=', 'ignorecase='], given)
    return [...asText(value).matchAll(regexOf(pattern, ignoreCase, multiline, true))].map(([whole, ...groups]) => {
      const texts = groups.map(group => group ?? '')
      return texts.length > 1 ? Tuple.from(texts) : (texts[0] ?? whole)
    })
  },
  regex_escape: (value, given) => {
    const [kind = 'python'] = bind('regex_escape', ['re_type='], given)
    if (kind === 'python') return escapePython(asText(value))
    if (kind === 'posix_basic') return asText(value).replaceAll(/[\].[^$*\\]/g, '\\$&')
    return fail(`Regex type (${String(kind)}) not yet implemented`)
  },
}
