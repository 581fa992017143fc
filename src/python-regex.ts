/** Why an expression of Python's `re` cannot be taken over, as a clause. */
export type RegexProblem = {readonly what: string; readonly fix?: string}

export type RegexFlags = {
  readonly ignoreCase?: boolean
  /** ^ and $ also match around newlines. */
  readonly multiline?: boolean
  /** The dot also matches newlines. */
  readonly dotAll?: boolean
  /** For all matches, not the first only. */
  readonly global?: boolean
}

const wordClass = '\\p{L}\\p{N}_'
const spaceClass = '\\t\\n\\v\\f\\r\\x1c-\\x1f\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const classes: Readonly<Record<string, string>> = {
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  w: `[${wordClass}]`,
  W: `[^${wordClass}]`,
  s: `[${spaceClass}]`,
  S: `[^${spaceClass}]`,
}
const start = '(?<![\\s\\S])'
const end = '(?![\\s\\S])'
const word = `[${wordClass}]`
const anchors: Readonly<Record<string, string>> = {
  A: start,
  Z: end,
  b: `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`,
  B: `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`,
}
const controls: Readonly<Record<string, string>> = {a: '\\x07', f: '\\f', n: '\\n', r: '\\r', t: '\\t', v: '\\v'}

class Refused extends Error {
  readonly fix: string | undefined
  constructor(what: string, fix?: string) {
    super(what)
    this.fix = fix
  }
}

const literal = (sign: string): string => (/[\\^$.*+?()[\]{}|/&!#%,:;<=>@`~"'-]/.test(sign) ? hexOf(sign) : sign)
const hexOf = (sign: string): string => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`

/** `nested`: captures lie in it; `loose`: one of them may take no part in a match. */
type Group = {readonly capture: boolean; readonly look: boolean; alternatives: boolean; nested: boolean; loose: boolean}
const groupOf = (capture: boolean, look = false): Group => ({
  capture,
  look,
  alternatives: false,
  nested: false,
  loose: false,
})

class Translator {
  readonly #signs: readonly string[]
  #at = 0
  #out = ''
  #multiline: boolean
  #dotAll: boolean
  ignoreCase: boolean
  readonly #groups: Group[] = [groupOf(false)]
  #captures = 0
  readonly #names = new Set<string>()
  #refers = false
  #loose = false

  constructor(pattern: string, {ignoreCase = false, multiline = false, dotAll = false}: RegexFlags) {
    this.#signs = Array.from(pattern)
    this.ignoreCase = ignoreCase
    this.#multiline = multiline
    this.#dotAll = dotAll
  }

  run(): string {
    this.#globalFlags()
    while (this.#at < this.#signs.length) this.#next()
    if (this.#groups.length > 1) throw new Refused('missing ), unterminated subpattern')
    // A group that took no part matches nothing in Python, and the empty text in JavaScript.
    if (this.#refers && this.#loose)
      throw new Refused('a back-reference to a group that may be missing is not supported', 'write two expressions')
    return this.#out
  }

  #rest(): string {
    return this.#signs.slice(this.#at).join('')
  }

  #take(text: RegExp): RegExpExecArray | undefined {
    const found = text.exec(this.#rest()) ?? undefined
    if (found) this.#at += Array.from(found[0]).length
    return found
  }

  #globalFlags(): void {
    const flags = this.#take(/^\(\?([aiLmsux]+)\)/)?.[1] ?? ''
    for (const flag of flags) {
      if (flag === 'i') this.ignoreCase = true
      else if (flag === 'm') this.#multiline = true
      else if (flag === 's') this.#dotAll = true
      else if (flag !== 'u') throw new Refused(`the flag (?${flag}) is not supported`, 'remove it')
    }
  }

  #next(): void {
    const sign = this.#signs[this.#at++] ?? ''
    const group = this.#groups.at(-1)
    if (sign === '\\') this.#escape()
    else if (sign === '[') this.#class()
    else if (sign === '(') this.#open()
    else if (sign === ')') this.#close()
    else if (sign === '|') {
      if (group) group.alternatives = true
      this.#loose = true
      this.#out += '|'
    } else if (sign === '.') this.#atom(this.#dotAll ? '[\\s\\S]' : '[^\\n]')
    else if (sign === '^') this.#out += this.#multiline ? '(?<=\\n|(?<![\\s\\S]))' : start
    else if (sign === '$') this.#out += this.#multiline ? `(?=\\n|${end})` : `(?=\\n?${end})`
    else if ('*+?'.includes(sign)) throw new Refused(`nothing to repeat before '${sign}'`)
    else this.#atom(literal(sign))
  }

  /** Something that may be repeated, with its quantifier. */
  #atom(text: string, group?: Group): void {
    this.#out += text
    const found = this.#take(/^(?:[*+?]|\{(?:\d+(?:,\d*)?|,\d*)\})/)?.[0]
    if (found === undefined) return
    const quantifier = found.startsWith('{,') ? `{0${found.slice(1)}` : found
    const lazy = this.#take(/^\?/)?.[0] ?? ''
    if (/^[+]/.test(this.#rest()))
      throw new Refused('possessive quantifiers are not supported', 'leave out the second +')
    if (/^(?:[*?]|\{\d+,?\d*\})/.test(this.#rest())) throw new Refused('multiple repeat')
    const optional = /^[*?]|^\{0/.test(quantifier)
    const repeats = !/^(\?|\{[01]\}|\{0,1\})$/.test(quantifier)
    if (group?.loose && repeats)
      throw new Refused('a group inside of a repeated one that may be missing is not supported', 'write (?:…) for it')
    const around = this.#groups.at(-1)
    if (optional && around && (group?.capture || group?.nested)) {
      this.#loose = true
      around.loose = true
    }
    this.#out += quantifier + lazy
  }

  #escape(): void {
    const sign = this.#signs[this.#at++]
    if (sign === undefined) throw new Refused('bad escape (end of pattern)')
    const own = classes[sign]
    if (own !== undefined) return this.#atom(own)
    const anchor = anchors[sign]
    if (anchor !== undefined) {
      this.#out += anchor
      return
    }
    if (/[1-9]/.test(sign)) {
      this.#at--
      const [number = ''] = this.#take(/^(?:[0-3][0-7]{2}|\d{1,2})/) ?? []
      if (/^[0-3][0-7]{2}$/.test(number)) return this.#atom(`\\u{${Number.parseInt(number, 8).toString(16)}}`)
      if (Number(number) > this.#captures) throw new Refused(`invalid group reference ${number}`)
      this.#refers = true
      return this.#atom(`(?:\\${number})`)
    }
    this.#atom(this.#character(sign))
  }

  /** A character that an escape stands for. */
  #character(sign: string): string {
    const control = controls[sign]
    if (control !== undefined) return control
    if (sign === '0') {
      const digits = this.#take(/^[0-7]{1,2}/)?.[0] ?? '0'
      return `\\u{${Number.parseInt(digits, 8).toString(16)}}`
    }
    const size = {x: 2, u: 4, U: 8}[sign]
    if (size !== undefined) {
      const code = this.#take(new RegExp(`^[\\da-fA-F]{${size}}`))?.[0]
      if (code === undefined) throw new Refused(`incomplete escape \\${sign}`)
      return `\\u{${Number.parseInt(code, 16).toString(16)}}`
    }
    if (/[A-Za-z]/.test(sign)) throw new Refused(`bad escape \\${sign}`)
    return literal(sign)
  }

  #class(): void {
    const not = this.#take(/^\^/) ? '^' : ''
    let body = ''
    let first = true
    for (;;) {
      const sign = this.#signs[this.#at++]
      if (sign === undefined) throw new Refused('unterminated character set')
      if (sign === ']' && !first) break
      first = false
      const {text, set} = this.#member(sign)
      const range = /^-(?!\])/.test(this.#rest())
      if (!range) {
        body += text
        continue
      }
      this.#at++
      const to = this.#member(this.#signs[this.#at++] ?? '')
      if (set || to.set) throw new Refused('bad character range')
      body += `${text}-${to.text}`
    }
    this.#atom(`[${not}${body}]`)
  }

  #member(sign: string): {text: string; set: boolean} {
    if (sign !== '\\') return {text: literal(sign), set: false}
    const escaped = this.#signs[this.#at++] ?? ''
    const own = classes[escaped]
    if (own !== undefined) return {text: own, set: true}
    if (escaped === 'b') return {text: '\\x08', set: false}
    return {text: this.#character(escaped), set: false}
  }

  #open(): void {
    const push = (capture: boolean, look = false): void => {
      this.#groups.push(groupOf(capture, look))
    }
    if (!this.#take(/^\?/)) {
      this.#captures++
      push(true)
      this.#out += '('
      return
    }
    const name = this.#take(/^P<([A-Za-z_]\w*)>/)?.[1]
    if (name !== undefined) {
      if (this.#names.has(name)) throw new Refused(`redefinition of group name '${name}'`)
      this.#names.add(name)
      this.#captures++
      push(true)
      this.#out += `(?<${name}>`
      return
    }
    const back = this.#take(/^P=([A-Za-z_]\w*)\)/)?.[1]
    if (back !== undefined) {
      if (!this.#names.has(back)) throw new Refused(`unknown group name '${back}'`)
      this.#refers = true
      this.#atom(`\\k<${back}>`)
      return
    }
    if (this.#take(/^#[^)]*\)/)) return
    const plain = this.#take(/^(?::|=|!|<=|<!)/)?.[0]
    if (plain === undefined)
      throw new Refused(`the group (?${this.#rest().slice(0, 3)}… is not supported`, 'write it another way')
    push(false, plain !== ':')
    this.#out += `(?${plain}`
  }

  #close(): void {
    const group = this.#groups.pop()
    const around = this.#groups.at(-1)
    if (!group || !around) throw new Refused('unbalanced parenthesis')
    if (group.alternatives && group.nested) group.loose = true
    if (group.capture || group.nested) around.nested = true
    if (group.loose) around.loose = true
    this.#out += ')'
    if (group.look) return
    this.#atom('', group)
  }
}

const known = new Map<string, RegExp | RegexProblem>()

/** An expression of Python's `re` as a RegExp that finds the same, or why that cannot be. */
export const pythonRegex = (pattern: string, flags: RegexFlags = {}): RegExp | RegexProblem => {
  const key = JSON.stringify([pattern, flags])
  const before = known.get(key)
  if (before) {
    if (before instanceof RegExp) before.lastIndex = 0
    return before
  }
  const made = translate(pattern, flags)
  known.set(key, made)
  return made
}

const translate = (pattern: string, flags: RegexFlags): RegExp | RegexProblem => {
  try {
    const translator = new Translator(pattern, flags)
    const source = translator.run()
    return new RegExp(source, `${translator.ignoreCase ? 'i' : ''}${flags.global ? 'g' : ''}v`)
  } catch (error) {
    if (error instanceof Refused) return {what: error.message, ...(error.fix !== undefined && {fix: error.fix})}
    return {what: (error as Error).message.replace(/^Invalid regular expression: /, '')}
  }
}

/** What `re.sub` puts in the place of a match: `\1`, `\g<name>`, `\n`. */
export const pythonReplacement = (text: string): ((match: RegExpMatchArray) => string) | RegexProblem => {
  const parts: (string | {readonly group: string})[] = []
  let rest = text
  while (rest !== '') {
    const found =
      /^(?:[^\\]+|\\g<(\w+)>|\\(0[0-7]{0,2}|[0-3][0-7]{2}|[1-9]\d?)|\\([nrtabfv\\])|\\([^A-Za-z\d]))/su.exec(rest)
    if (!found) return {what: `bad escape ${rest.slice(0, 2)} in the replacement`}
    const [whole, name, digits, control, other] = found
    if (name !== undefined) parts.push({group: name})
    else if (digits !== undefined)
      parts.push(
        digits.startsWith('0') || digits.length === 3
          ? String.fromCodePoint(Number.parseInt(digits, 8))
          : {group: digits},
      )
    else if (control !== undefined)
      parts.push({n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v', '\\': '\\'}[control] ?? '')
    else parts.push(other === undefined ? whole : `\\${other}`)
    rest = rest.slice(whole.length)
  }
  return match =>
    parts
      .map(part => {
        if (typeof part === 'string') return part
        if (/^\d+$/.test(part.group)) {
          if (Number(part.group) >= match.length) throw new RangeError(`invalid group reference ${part.group}`)
          return match[Number(part.group)] ?? ''
        }
        if (!match.groups || !Object.hasOwn(match.groups, part.group))
          throw new RangeError(`unknown group name '${part.group}'`)
        return match.groups[part.group] ?? ''
      })
      .join('')
}
