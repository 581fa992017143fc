import type {YAMLException} from 'js-yaml'
import type {Diagnostic} from '../diagnostic.ts'

type Explanation = {readonly what: string; readonly why?: string; readonly fix: string}

const explain = (reason: string, line: string, previous: string): Explanation => {
  if (/\t/.test(/^\s*/.exec(line)?.[0] ?? '') || reason.includes('tab characters'))
    return {what: 'a tab in the indentation', why: 'YAML allows spaces only', fix: 'replace the tab by spaces'}
  if (/[:-]\s+\{\{/.test(line))
    return {
      what: 'a value that begins with {{ is read as a mapping',
      fix: 'quote the whole value: "{{ … }}"',
    }
  if (/[:-]\s+["'].*["']\s*\S/.test(line) && reason.includes('bad indentation'))
    return {what: 'text after the closing quote', fix: 'put the quotes around the whole value'}
  if (/:\s+[@`%]/.test(line))
    return {what: 'a value cannot begin with @, ` or %', why: 'YAML reserves them', fix: 'quote the value'}
  if (/:\s+\*/.test(line) && reason.includes('alias'))
    return {what: 'a value that begins with * is an alias in YAML', fix: "quote the value: '*'"}
  if (/^\s*(- )*[^\s:#]+:\s+[^\s"'[{|>#].*:\s/.test(line) && reason.includes('bad indentation'))
    return {what: "a second ': ' in one line", why: 'it would begin another mapping', fix: 'quote the value'}
  if (reason.includes('deficient indentation') || reason.includes('unexpected end of the stream'))
    return {what: 'a quote or bracket is never closed', fix: 'close it on this line or look at the line above'}
  if (reason.includes('escape'))
    return {what: 'an unknown escape after a backslash', fix: 'use single quotes, where a backslash is plain'}
  if (reason.includes('end of the stream or a document'))
    return {
      what: 'this line does not belong to what is above it',
      why: previous.trim().startsWith('-')
        ? 'a list is followed by a key at the same indentation'
        : "a ':' may be missing",
      fix: 'check the indentation and the line above',
    }
  if (reason.includes('bad indentation'))
    return {
      what: 'wrong indentation',
      why: 'keys of one mapping and items of one list must begin in the same column',
      fix: 'align this line with its neighbours',
    }
  return {what: `this is not YAML: ${reason}`, fix: 'check this line and the one above'}
}

/** What a syntax error of the parser means to who wrote the file. */
export const syntaxProblem = (error: YAMLException, source: string, file: string): Diagnostic => {
  const {line = 0, column = 0} = error.mark ?? {}
  const lines = source.split('\n')
  return {
    rule: 'yaml-syntax',
    ...explain(error.reason, lines[line] ?? '', lines[line - 1] ?? ''),
    at: {file, line: line + 1, column: column + 1},
  }
}
