import type {Change, Json} from '../resources/resource.ts'
import {truncate} from './text.ts'

const longest = 48

/** The changed content of a file, or of one file of a set: `content`, `/etc/frr/frr.conf content`. */
export const isContent = ({path}: Change): boolean => path === 'content' || path.endsWith(' content')

/** Text of a content value, where it is told: `"text"` or `{text}`; a digest has none. */
export const contentText = (value: Json): string | undefined => {
  if (typeof value === 'string') return value
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
  const {text} = value as {readonly text?: Json}
  return typeof text === 'string' ? text : undefined
}

/** `mode 0644 -> 0600`, `content`, `owner root`: what of a resource differs, on one line. */
export const changeText = (change: Change): string => {
  const {path, from, to} = change
  if (isContent(change)) return path
  // Of several packages each is told by its name.
  const one = /^state of (.+)$/.exec(path)?.[1]
  if (isAbsent(from)) return path === 'state' ? 'new' : `${one ?? path} ${valueText(to)}`
  if (isAbsent(to)) return path === 'state' ? 'removed' : one ? `${one} removed` : `${path} ${valueText(from)} -> none`
  if (one !== undefined) return `${one} ${valueText(from)} -> ${valueText(to)}`
  return `${path} ${valueText(from)} -> ${valueText(to)}`
}

export const isAbsent = (value: Json): boolean => value === null || value === 'absent'

const valueText = (value: Json): string => {
  if (value === null) return 'none'
  if (value === true) return 'yes'
  if (value === false) return 'no'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return truncate(text === '' ? '""' : text.replaceAll('\n', '\\n'), longest)
}
