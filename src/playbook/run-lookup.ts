import {readFileSync} from 'node:fs'
import {Findings} from '../diagnostics/findings.ts'
import {readInt} from '../jinja/arithmetic.ts'
import {formatPercent} from '../jinja/format-percent.ts'
import {convertText} from '../jinja/literal-eval.ts'
import {fail, JinjaProblem} from '../jinja/problem.ts'
import {repr, str} from '../jinja/text-of.ts'
import {defined, dictOf, entriesOf, isDict, isTrue, KeptText, typeName, Undefined} from '../jinja/values.ts'
import {Secret} from '../shell/secret.ts'
import {isVaulted} from '../vault/envelope.ts'
import {openAt} from '../vault/keyring.ts'
import {lookupProblem} from './lookups.ts'
import {displayPath} from './paths.ts'
import {findFile, globFiles} from './project-files.ts'
import {renderTemplateFile} from './render-template.ts'
import type {Scope} from './scope.ts'
import {parseYaml} from './yaml.ts'

type Options = ReadonlyMap<string, unknown>
type Lookup = (terms: readonly unknown[], options: Options, scope: Scope) => readonly unknown[]

/** What YAML text holds; a problem of it is told. */
export const readYamlText = (text: string): unknown => {
  const findings = new Findings()
  const value = parseYaml(text, 'the text', findings)
  const [first] = findings.all()
  return first ? fail(`it is no YAML: ${first.what}`) : value
}

/** A lookup that found nothing: `errors='ignore'` takes it. */
const notFound = (what: string, fix: string): never => {
  throw new JinjaProblem('lookup', what, {fix})
}

const needName = (term: unknown): string =>
  typeof term === 'string' ? term : fail(`a name is needed here, not ${typeName(term)}`)

const only = (name: string, options: Options, known: readonly string[]): void => {
  for (const option of options.keys())
    if (!known.includes(option))
      fail(
        `lookup('${name}') has no option '${option}' here`,
        known.length ? `it has: ${known.join(', ')}` : 'remove it',
      )
}

const whereLooked = (directory: string): string =>
  `it is looked for in ${directory}/ beside the playbook, then beside it`

const readFile: Lookup = (terms, options, scope) => {
  only('file', options, ['lstrip', 'rstrip'])
  return terms.map(term => {
    const name = needName(term)
    const path = findFile(name, 'files', scope) ?? notFound(`the file '${name}' does not exist`, whereLooked('files'))
    const text = readFileSync(path, 'utf8')
    const stripped = (whole: string): string => {
      const rest = isTrue(options.get('lstrip') ?? false) ? whole.trimStart() : whole
      return isTrue(options.get('rstrip') ?? true) ? rest.trimEnd() : rest
    }
    if (!isVaulted(text)) return stripped(text)
    const at = {file: displayPath(path), line: 1, column: 1}
    return new Secret(() => stripped(openAt(text, at, scope.keys).toString()))
  })
}

const template: Lookup = (terms, options, scope) => {
  only('template', options, ['convert_data', 'template_vars'])
  const own = options.get('template_vars') ?? {}
  const inner = isDict(own)
    ? entriesOf(own).reduce((done, [key, value]) => done.withValue(str(key), value), scope)
    : fail('template_vars must be a mapping')
  return terms.map(term => {
    const name = needName(term)
    const path =
      findFile(name, 'templates', scope) ?? notFound(`the template '${name}' does not exist`, whereLooked('templates'))
    const text = renderTemplateFile(path, inner, [], name, scope.keys)
    if (text instanceof Secret) return text
    return isTrue(options.get('convert_data') ?? true) ? convertText(text) : new KeptText(text)
  })
}

const variables: Lookup = (terms, options, scope) => {
  only('vars', options, ['default'])
  return terms.map(term => {
    const value = scope.variable(needName(term))
    return value instanceof Undefined ? (options.get('default') ?? defined(value)) : value
  })
}

const environment: Lookup = (terms, options) => {
  only('env', options, ['default'])
  return terms.map(term => {
    const [name = ''] = needName(term).trim().split(/\s+/)
    return process.env[name] ?? options.get('default') ?? ''
  })
}

const splitOn = (value: unknown, signs: RegExp): string[] =>
  Array.isArray(value)
    ? value.flatMap(item => splitOn(item, signs))
    : value === undefined
      ? []
      : str(value).split(signs)

/** Names to try, in order, and whether finding none is allowed. */
const candidates = (terms: readonly unknown[], options: Options): {names: string[]; skip: boolean} => {
  const names: string[] = []
  let skip = false
  for (const term of terms) {
    if (Array.isArray(term)) {
      const inner = candidates(term, options)
      names.push(...inner.names)
      skip = inner.skip
      continue
    }
    const own: Options = isDict(term) ? new Map(entriesOf(term).map(([key, value]) => [str(key), value])) : options
    only('first_found', own, ['files', 'paths', 'skip'])
    skip = isTrue(own.get('skip') ?? false)
    const files = splitOn(own.get('files'), /[,;]/)
    const paths = splitOn(own.get('paths'), /[,:;]/)
    if (paths.length)
      names.push(
        ...paths.flatMap(path =>
          files.map(file => (file.startsWith('/') ? file : `${path.replace(/\/$/, '')}/${file}`)),
        ),
      )
    else names.push(...(files.length ? files : [needName(term)]))
  }
  return {names, skip}
}

const firstFound: Lookup = (terms, options, scope) => {
  const {names, skip} = candidates(terms.length ? terms : [dictOf(options)], options)
  for (const name of names) {
    const found = findFile(name, 'files', scope)
    if (found !== undefined) return [found]
  }
  return skip ? [] : notFound(`none of these files exists: ${names.join(', ')}`, whereLooked('files'))
}

const whole = (name: string, text: string): number =>
  Number(readInt(text, 0) ?? fail(`can't parse ${name}=${text} as integer`))

const sequence: Lookup = (terms, options) => {
  only('sequence', options, [])
  return terms.flatMap(term => {
    const text = needName(term)
    const short = /^(?:(0?x?[0-9a-f]+)-)?(0?x?[0-9a-f]+)(?:\/(0?x?[0-9a-f]+))?(?::(.+))?$/i.exec(text)
    const given = new Map(
      short
        ? ['start', 'end', 'stride', 'format'].map((name, index) => [name, short[index + 1]])
        : text
            .trim()
            .split(/\s+/)
            .map(word => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
    ) as ReadonlyMap<string, string | undefined>
    for (const name of given.keys())
      if (!['start', 'end', 'count', 'stride', 'format'].includes(name))
        fail(`unrecognized arguments to sequence: ${name || text}`)
    const number = (name: string): number | undefined => {
      const value = given.get(name)
      return value === undefined ? undefined : whole(name, value)
    }
    const [start, stride, count] = [number('start') ?? 1, number('stride') ?? 1, number('count')]
    const end = number('end')
    if ((end === undefined) === (count === undefined)) fail('sequence needs count or end, and not both')
    if (count === 0) return []
    const last = end ?? start + (count ?? 0) * stride - 1
    if (stride > 0 && last < start) fail('to count backwards make stride negative')
    if (stride < 0 && last > start) fail("to count forward don't make stride negative")
    const format = given.get('format') ?? '%d'
    if (format.split('%').length !== 2) fail(`bad formatting string: ${format}`)
    if (stride === 0) return []
    const steps = Math.floor((last - start) / stride) + 1
    if (steps > 1_000_000) fail('the sequence would be too long')
    return Array.from({length: steps}, (_, index) => formatPercent(format, start + index * stride))
  })
}

const lookups: Readonly<Record<string, Lookup>> = {
  file: readFile,
  template,
  vars: variables,
  env: environment,
  first_found: firstFound,
  fileglob: (terms, options, scope) => {
    only('fileglob', options, [])
    return terms.flatMap(term => globFiles(needName(term), scope))
  },
  sequence,
  dict: (terms, options) => {
    only('dict', options, [])
    return terms.flat().flatMap(term =>
      isDict(term)
        ? entriesOf(term).map(([key, value]) =>
            dictOf([
              ['key', key],
              ['value', value],
            ]),
          )
        : fail(`lookup('dict') needs a mapping, not ${repr(term)}`),
    )
  },
  items: terms => terms.flat(),
  list: terms => terms,
}

/** The list that `lookup(name, …)` gives. */
export const runLookup = (
  name: string,
  terms: readonly unknown[],
  options: Options,
  scope: Scope,
): readonly unknown[] => {
  const problem = lookupProblem(name)
  const run = lookups[name]
  if (problem || !run) throw problem ?? new Error(`the lookup ${name} has no code`)
  return run(terms, options, scope)
}
