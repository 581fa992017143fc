import {EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE} from 'js-yaml'
import {seal} from './cipher.ts'
import {isVaulted, writeEnvelope} from './envelope.ts'

/** A `!vault` value of a YAML file. `source.slice(start, end)` is all of it, from the tag on. */
export type InlineValue = {
  /** `users[0].password` */
  readonly key: string
  /** The encrypted text. */
  readonly text: string
  readonly start: number
  readonly end: number
}

/** A scalar that any key of the file leads to. */
type Found = InlineValue & {readonly isVault: boolean}

/** Every scalar value of a YAML file with its key, in the order of the file. Throws YAMLException. */
const scalarsOf = (source: string): readonly Found[] => {
  const events = parseEvents(source, {})
  const found: Found[] = []
  let next = 0
  const nameOf = (event: Event | undefined): string =>
    event?.type === EVENT_ID.SCALAR ? getScalarValue(source, event) : '?'
  const isEnd = (): boolean => {
    const event = events[next]
    if (event && event.type !== EVENT_ID.POP) return false
    next++
    return true
  }
  const node = (key: string): void => {
    const event = events[next++]
    if (!event) return
    if (event.type === EVENT_ID.SCALAR) {
      const isTagged = event.tagStart >= 0
      const quote = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED ? 1 : 0
      const start = isTagged ? event.tagStart : event.valueStart - quote
      const all = source.slice(start, event.valueEnd + quote)
      const tag = isTagged ? source.slice(event.tagStart, event.tagEnd) : ''
      found.push({
        key,
        text: getScalarValue(source, event),
        start,
        end: start + all.trimEnd().length,
        isVault: tag === '!vault' || tag === '!vault-encrypted',
      })
    } else if (event.type === EVENT_ID.SEQUENCE) for (let index = 0; !isEnd(); index++) node(`${key}[${index}]`)
    else if (event.type === EVENT_ID.MAPPING)
      while (!isEnd()) {
        const name = nameOf(events[next])
        if (events[next]?.type === EVENT_ID.SCALAR) next++
        else node('?')
        node(key === '' ? name : `${key}.${name}`)
      }
    else if (event.type === EVENT_ID.DOCUMENT) while (!isEnd()) node(key)
  }
  node('')
  return found
}

/** The encrypted values of a YAML file. Throws YAMLException. */
export const inlineValues = (source: string): readonly InlineValue[] =>
  scalarsOf(source).filter(({isVault, text}) => isVault && isVaulted(text))

/** `a.0.b` and `a[0].b` are the same key. */
export const keyText = (key: string): string => key.replaceAll(/\.(\d+)(?=[.[]|$)/g, '[$1]')

/** Encrypted text as the block of a `!vault |`, each line behind `indent`. */
const block = (text: string, indent: string, lineEnd: string): string =>
  text.trimEnd().replaceAll('\n', lineEnd + indent)

/** The file with one encrypted value encrypted anew; everything else stays byte for byte. */
export const withText = (source: string, {start, end}: InlineValue, text: string): string => {
  const header = source.indexOf('$ANSIBLE_VAULT', start)
  const line = source.lastIndexOf('\n', header) + 1
  const before = source.slice(line, header)
  const isBlock = before.trim() === ''
  const lineEnd = source.slice(start, header).includes('\r\n') ? '\r\n' : '\n'
  if (isBlock) return source.slice(0, header) + block(text, before, lineEnd) + source.slice(end)
  return `${source.slice(0, start)}!vault |${lineEnd}  ${block(text, '  ', lineEnd)}${source.slice(end)}`
}

/** The file with one encrypted value as plain text. */
export const withPlain = (source: string, {start, end}: InlineValue, plain: string): string =>
  source.slice(0, start) + JSON.stringify(plain) + source.slice(end)

/** An encrypted value for a YAML file, as ansible-vault prints it. */
export const inlineText = (name: string | undefined, plain: Buffer, password: Buffer, label: string): string => {
  const lines = writeEnvelope(seal(plain, password), label).trimEnd().replaceAll(/^/gm, ' '.repeat(10))
  return `${name === undefined ? '' : `${name}: `}!vault |\n${lines}\n`
}
