import {characters} from '../values.ts'

const letter = '[\\p{L}_]'
const wordPunct = '[\\p{L}\\p{N}_!"\'&.,?]'
const chunks = new RegExp(
  `([\\t\\n\\v\\f\\r ]+|(?<=${wordPunct})-{2,}(?=[\\p{L}\\p{N}_])|[^\\t\\n\\v\\f\\r ](?:[^\\t\\n\\v\\f\\r ]*?)(?:-(?:(?<=${letter}{2}-)|(?<=${letter}-${letter}-))(?=${letter}-?${letter})|(?=[\\t\\n\\v\\f\\r ]|$)|(?<=${wordPunct})(?=-{2,}[\\p{L}\\p{N}_])))`,
  'u',
)
const simple = /([\t\n\v\f\r ]+)/u

const length = (text: string): number => characters(text).length

/** Python's textwrap.wrap() of one line, as wordwrap uses it. */
export const wrapLines = (text: string, width: number, breakLong: boolean, hyphens: boolean): string[] => {
  const queue = text.split(hyphens ? chunks : simple).filter(chunk => chunk !== '')
  const lines: string[] = []
  while (queue.length) {
    const line: string[] = []
    let size = 0
    if (queue[0]?.trim() === '' && lines.length) queue.shift()
    while (queue.length && size + length(queue[0] ?? '') <= width) {
      const chunk = queue.shift() ?? ''
      line.push(chunk)
      size += length(chunk)
    }
    if (queue.length && length(queue[0] ?? '') > width) {
      const room = width < 1 ? 1 : width - size
      if (breakLong) {
        const signs = characters(queue[0] ?? '')
        let end = room
        const hyphen = signs.slice(0, room).lastIndexOf('-')
        if (hyphens && signs.length > room && hyphen > 0 && signs.slice(0, hyphen).some(sign => sign !== '-'))
          end = hyphen + 1
        line.push(signs.slice(0, end).join(''))
        queue[0] = signs.slice(end).join('')
      } else if (line.length === 0) line.push(queue.shift() ?? '')
    }
    if (line.at(-1)?.trim() === '') line.pop()
    if (line.length) lines.push(line.join(''))
  }
  return lines
}
