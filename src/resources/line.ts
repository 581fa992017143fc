import {reveal, Secret} from '../shell/secret.ts'
import {editLine, type LineEdit} from './edit-line.ts'
import {type EditedFile, edited, regexRule} from './edited.ts'
import {contradict} from './path-change.ts'
import {pathKind} from './path-kind.ts'
import {compilePythonRegex} from './python-regex.ts'
import {pythonReplacement} from './python-replacement.ts'
import {resourceOf} from './resource.ts'
import {attributeRules, broken, pathRule} from './rules.ts'

export type LineDesired = EditedFile &
  Omit<LineEdit, 'line'> & {
    readonly line?: string | Secret
  }

/** One line of a file that others write as well. */
export const lineKind = pathKind<LineDesired>({
  name: 'line',
  identify: ({path, state, regexp, search, line}) => {
    const sought = regexp ?? search ?? String(line)
    return `${path}: ${state === 'absent' ? 'no ' : ''}${sought.replaceAll(/[\r\n]+/g, ' ')}`
  },
  question: ({path, owner, group}) => ({path, owner, group, follow: true, creator: true, content: true}),
  wanted(desired, current) {
    const {line, ...rest} = desired
    const edit: LineEdit = line === undefined ? rest : {...rest, line: reveal(line)}
    const needsFile = desired.state === 'present'
    return edited({...desired, needsFile}, current, content => editLine(content, edit), line instanceof Secret)
  },
  writing: desired => desired,
  makesParents: ({create}) => create === true,
  isBeside: (one, other) => String(one.line) === String(other.line) && !contradict(one, other),
  problems: ({path, line, regexp, insertafter, insertbefore, backrefs, ...attributes}) =>
    broken(
      pathRule('path', path),
      ...attributeRules(attributes, 'symbolic'),
      regexRule('regexp', () => regexp !== undefined && compilePythonRegex(regexp)),
      placeRule('insertafter', insertafter),
      placeRule('insertbefore', insertbefore),
      backrefs && regexp !== undefined && line !== undefined && !regexProblem(regexp)
        ? regexRule('line', () => pythonReplacement(reveal(line), compilePythonRegex(regexp)))
        : undefined,
      line === undefined ? undefined : lineRule(reveal(line)),
    ),
})

/** What Ansible would add anew at each run. */
const lineRule = (line: string): string | undefined => {
  if (!line.includes('\n')) return undefined
  return /^[^\n]*\n$/.test(line)
    ? "line: it ends with a line break, and Ansible would add it anew at each run; write it on one line, or with '|-'"
    : 'line: it holds several lines, and Ansible would add them anew at each run; use blockinfile'
}

const regexProblem = (regexp: string): string | undefined => regexRule('', () => compilePythonRegex(regexp))

const placeRule = (field: string, expression: string | undefined): string | undefined =>
  expression === undefined || expression === 'BOF' || expression === 'EOF'
    ? undefined
    : regexRule(field, () => compilePythonRegex(expression))

export const line = resourceOf(lineKind)
