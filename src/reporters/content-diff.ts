import {structuredPatch} from 'diff'
import type {Change} from '../resources/resource.ts'
import {contentText, isContent} from './change-text.ts'
import type {Style} from './style.ts'

/** A unified diff of a content change, coloured; says so when there is no text to compare. */
export const contentDiff = (change: Change, style: Style): readonly string[] => {
  if (!isContent(change)) return []
  const from = contentText(change.from)
  const to = contentText(change.to)
  if (from === '***' || to === '***') return [style.dim('(secret, not shown)')]
  if (from === undefined || to === undefined) return [style.dim('(too long or no text, not shown)')]
  const {hunks} = structuredPatch('', '', from, to, undefined, undefined, {context: 3})
  return hunks.flatMap(({oldStart, oldLines, newStart, newLines, lines}) => [
    style.cyan(`@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`),
    ...lines.map(line => (line.startsWith('+') ? style.green(line) : line.startsWith('-') ? style.red(line) : line)),
  ])
}
