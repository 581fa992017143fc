import {readFloat} from '../arithmetic.ts'
import {fail} from '../problem.ts'
import {dictOf, int} from '../values.ts'

const space = /[ \t\n\r]*/y
const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|[[\]{}:,]/y

/** JSON with Python's numbers (1 is an int, 1.0 a float) and the order of keys. The text is JSON for certain. */
const read = (text: string): unknown => {
  let at = 0
  const next = (): string => {
    space.lastIndex = at
    space.test(text)
    token.lastIndex = space.lastIndex
    const [found = ''] = token.exec(text) ?? []
    at = token.lastIndex
    return found
  }
  const value = (first: string): unknown => {
    if (first === '[') {
      const items: unknown[] = []
      for (let word = next(); word !== ']'; word = next()) if (word !== ',') items.push(value(word))
      return items
    }
    if (first === '{') {
      const entries: [unknown, unknown][] = []
      for (let word = next(); word !== '}'; word = next()) {
        if (word === ',') continue
        next()
        entries.push([JSON.parse(word), value(next())])
      }
      return dictOf(entries)
    }
    if (/^-?\d+$/.test(first)) return int(BigInt(first))
    return /^-?\d/.test(first) ? readFloat(first) : JSON.parse(first)
  }
  return value(next())
}

export const readJson = (text: string): unknown => {
  try {
    JSON.parse(text)
  } catch (error) {
    return fail(`it is no JSON: ${(error as Error).message}`)
  }
  return read(text)
}
