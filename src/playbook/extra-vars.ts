import type {Findings} from '../diagnostics/findings.ts'
import {markEntry} from '../diagnostics/positions.ts'
import {isMapping} from './mapping.ts'
import {expandPath} from './paths.ts'
import type {Layer} from './scope.ts'
import {parseYaml, readYaml} from './yaml.ts'

/** `a=1 b='two words'`: values are text, as in Ansible. */
const readPairs = (text: string, file: string, findings: Findings): Record<string, unknown> => {
  const vars: Record<string, unknown> = {}
  for (const [pair] of text.matchAll(/(?:[^\s"']|"(?:[^"\\]|\\.)*"|'[^']*')+/g)) {
    const [, name, value = ''] = /^([^=]+)=(.*)$/s.exec(pair) ?? []
    const at = {file, line: 0, column: 0}
    if (name === undefined) {
      findings.add({
        rule: 'extra-vars',
        what: `'${pair}' in -e is not an extra variable`,
        fix: "write -e name=value, -e '{name: value}' or -e @file.yml",
      })
      continue
    }
    vars[name] = value.replaceAll(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
      (_, double, single) => single ?? String(double).replaceAll(/\\(.)/g, '$1'),
    )
    markEntry(vars, name, {key: at, value: at})
  }
  return vars
}

/** Variables of `-e`, the strongest of all, in the order of the command line. */
export const readExtraVars = (given: readonly string[], findings: Findings): readonly Layer[] =>
  given.flatMap((text): Layer[] => {
    const name = `-e ${text.length > 40 ? `${text.slice(0, 40)}…` : text}`
    if (!text.startsWith('@') && !/^\s*[{[]/.test(text))
      return [{name, vars: readPairs(text, name, findings), isExtra: true}]
    const value = text.startsWith('@') ? readYaml(expandPath(text.slice(1)), findings) : parseYaml(text, name, findings)
    if (isMapping(value)) return [{name, vars: value, isExtra: true}]
    if (value !== undefined && value !== null)
      findings.add({
        rule: 'extra-vars',
        what: `${name} is not a mapping of variables`,
        fix: "write -e name=value, -e '{name: value}' or -e @file.yml",
      })
    return []
  })
