import type {Given} from '../arguments.ts'
import {fail} from '../problem.ts'
import {isNumber, isTrue, iterate, KeptText, toNumber} from '../values.ts'
import {type JsonStyle, jsonText} from './json-text.ts'
import {needText} from './needs.ts'
import {readJson} from './read-json.ts'
import type {Filters} from './shape.ts'
import {yamlText} from './yaml-text.ts'

const jsonArguments = ['indent', 'sort_keys', 'separators', 'ensure_ascii', 'vault_to_text', 'preprocess_unsafe']

const styleOf = (who: string, {args, named}: Given, usual: Partial<JsonStyle>): JsonStyle => {
  if (args.length > (who === 'to_nice_json' ? 2 : 0)) return fail(`${who} takes its arguments by name`)
  for (const name of named.keys())
    if (!jsonArguments.includes(name))
      return fail(`${who} has no argument '${name}'`, `it has: ${jsonArguments.join(', ')}`)
  const get = (name: string, index: number): unknown => named.get(name) ?? args[index]
  const given = get('indent', 0)
  const indent =
    given === undefined
      ? usual.indent
      : given === null
        ? undefined
        : isNumber(given)
          ? ' '.repeat(toNumber(given))
          : needText(given)
  const separators = named.get('separators')
  const [item, key] = separators === undefined ? [] : iterate(separators).map(one => needText(one))
  return {
    indent,
    sortKeys: isTrue(get('sort_keys', 1) ?? usual.sortKeys ?? false),
    separators: [item ?? (indent === undefined ? ', ' : ','), key ?? ': '],
    ascii: isTrue(named.get('ensure_ascii') ?? true),
  }
}

/** Filters from and to JSON and YAML. */
export const dataFilters: Filters = {
  to_json: (value, given) => new KeptText(jsonText(value, styleOf('to_json', given, {}))),
  to_nice_json: (value, given) =>
    new KeptText(jsonText(value, styleOf('to_nice_json', given, {indent: '    ', sortKeys: true}))),
  tojson: (value, given) =>
    jsonText(value, styleOf('tojson', given, {sortKeys: true})).replaceAll(
      /[<>&']/g,
      sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  from_json: value => readJson(needText(value)),
  to_yaml: (value, given) => new KeptText(yamlText(value, 'to_yaml', given)),
  to_nice_yaml: (value, given) => new KeptText(yamlText(value, 'to_nice_yaml', given)),
  from_yaml: (value, _given, tools) =>
    typeof value === 'string' || value instanceof KeptText ? tools.readYaml(needText(value)) : value,
}
