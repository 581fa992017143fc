/*
 * Python's `re` over bytes, in which Ansible edits lines, put as a regular expression of JavaScript over text in which each
 * character is one byte (latin1). What the two cannot mean alike is refused.
 */

/** Why an expression cannot be taken, as a clause. */
export class RegexError extends Error {}

export type PythonRegex = {
  /** On bytes as latin1. */
  search(bytes: string): RegExpExecArray | null
  /** `(?m)` for the whole of it. */
  readonly isMultiline: boolean
  readonly groupCount: number
  readonly names: ReadonlyMap<string, number>
  /** Groups of which Python and JavaScript may remember another round of a repetition. */
  readonly unstable: ReadonlySet<number>
}

export const latin1 = (text: string): string => Buffer.from(text).toString('latin1')

type Flags = {readonly i: boolean; readonly m: boolean; readonly s: boolean; readonly x: boolean}
type Captured = {readonly isSure: boolean; readonly isStable: boolean}
/** `min` and `max`: how many bytes it takes. */
type Part = {readonly js: string; readonly min: number; readonly max: number; readonly groups: Map<number, Captured>}

/** Throws RegexError. */
export const compilePythonRegex = (pattern: string): PythonRegex => new Parser(latin1(pattern)).whole()

const fail = (what: string): never => {
  throw new RegexError(what)
}

class Parser {
  readonly #text: string
  #at = 0
  #flags: Flags = {i: false, m: false, s: false, x: false}
  #groups = 0
  readonly #names = new Map<string, number>()
  readonly #open = new Set<number>()
  readonly #referenced = new Set<number>()
  constructor(text: string) {
    this.#text = text
  }

  whole(): PythonRegex {
    this.#globalFlags()
    const {js, groups} = this.#alternatives()
    if (this.#at < this.#text.length) fail("it has a ')' too many")
    for (const index of this.#referenced) {
      const {isSure, isStable} = groups.get(index) ?? {isSure: false, isStable: false}
      if (!isSure || !isStable) fail(`it refers back to group ${index}, which may not have matched`)
    }
    const regex = new RegExp(js)
    return {
      search: bytes => regex.exec(bytes),
      isMultiline: this.#flags.m,
      groupCount: this.#groups,
      names: this.#names,
      unstable: new Set([...groups].filter(([, {isStable}]) => !isStable).map(([index]) => index)),
    }
  }

  #globalFlags(): void {
    const found = /^\(\?([a-zA-Z]+)\)/.exec(this.#text)
    if (!found) return
    this.#at = found[0].length
    this.#flags = this.#with(found[1] ?? '', '')
  }

  #with(on: string, off: string): Flags {
    for (const letter of on + off) if (!'imsxa'.includes(letter)) fail(`the flag '${letter}' has no meaning for bytes`)
    const is = (letter: keyof Flags): boolean => (this.#flags[letter] || on.includes(letter)) && !off.includes(letter)
    return {i: is('i'), m: is('m'), s: is('s'), x: is('x')}
  }

  #peek(text: string): boolean {
    return this.#text.startsWith(text, this.#at)
  }

  #take(text: string): boolean {
    if (!this.#peek(text)) return false
    this.#at += text.length
    return true
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    const found = pattern.exec(this.#text.slice(this.#at))
    if (!found) return undefined
    this.#at += found[0].length
    return found
  }

  #alternatives(): Part {
    const options = [this.#sequence()]
    while (this.#take('|')) options.push(this.#sequence())
    if (options.length === 1) return options[0] as Part
    return {
      js: options.map(({js}) => js).join('|'),
      min: Math.min(...options.map(({min}) => min)),
      max: Math.max(...options.map(({max}) => max)),
      groups: merged(options, groups => mapped(groups, group => ({...group, isSure: false}))),
    }
  }

  #sequence(): Part {
    const parts: Part[] = []
    while (this.#at < this.#text.length && !this.#peek('|') && !this.#peek(')')) {
      if (this.#flags.x && this.#match(/^(\s|#[^\n]*)/)) continue
      if (this.#match(/^\(\?#[^)]*\)/)) continue
      parts.push(this.#repeated(this.#item()))
    }
    return {
      js: parts.map(({js}) => js).join(''),
      min: parts.reduce((sum, {min}) => sum + min, 0),
      max: parts.reduce((sum, {max}) => sum + max, 0),
      groups: merged(parts),
    }
  }

  #repeated(part: Part): Part {
    if (this.#flags.x) this.#match(/^(\s|#[^\n]*)+/)
    const found = this.#match(/^(?:[*+?]|\{(?=\d|,\d|,\})(\d*)(,?)(\d*)\})/)
    if (!found) return part
    if (isAnchor.test(part.js)) fail(`there is nothing that '${found[0]}' could repeat`)
    const [sign = '', least = '', comma = '', most = ''] = found
    const min = sign === '*' || sign === '?' ? 0 : sign === '+' ? 1 : Number(least || 0)
    const max = sign === '?' ? 1 : sign === '*' || sign === '+' ? Infinity : comma ? Number(most || Infinity) : min
    if (max < min) fail(`'${sign}' has a smallest number above its greatest`)
    const isLazy = this.#take('?')
    if (this.#peek('+')) fail(`the possessive '${sign}+' has no counterpart`)
    if (this.#peek('*') || this.#peek('?') || /^\{\d/.test(this.#text.slice(this.#at))) fail(`'${sign}' is repeated`)
    const bounds = max === Infinity ? `{${min},}` : `{${min},${max}}`
    const groups = mapped(part.groups, ({isSure, isStable}) => ({
      isSure: isSure && min > 0,
      isStable: isStable && (max <= 1 || (isSure && part.min > 0)),
    }))
    return {
      js: `(?:${part.js})${bounds}${isLazy ? '?' : ''}`,
      min: part.min * min,
      max: part.max === 0 ? 0 : part.max * max,
      groups,
    }
  }

  #item(): Part {
    const sign = this.#text[this.#at] ?? ''
    if (sign === '(') return this.#group()
    if (sign === '[') return bytes(this.#set())
    if (sign === '\\') return this.#escape()
    this.#at++
    if ('*+?'.includes(sign)) fail(`there is nothing that '${sign}' could repeat`)
    if (sign === '^') return anchor(this.#flags.m ? '(?<![^\\n])' : '(?<![^])')
    if (sign === '$') return anchor(this.#flags.m ? '(?![^\\n])' : '(?![^\\n]|\\n[^])')
    if (sign === '.') return bytes(setOf(code => this.#flags.s || code !== 10))
    return this.#byte(sign.charCodeAt(0))
  }

  #byte(code: number): Part {
    return bytes(this.#folded(setOf(other => other === code)))
  }

  /** Without regard to case, in ASCII: so Python does it for bytes. */
  #folded(set: readonly boolean[]): readonly boolean[] {
    if (!this.#flags.i) return set
    return setOf(code => {
      const letter = /[a-z]/i.test(String.fromCharCode(code))
      return (set[code] ?? false) || (letter && (set[code ^ 32] ?? false))
    })
  }

  #group(): Part {
    const flags = this.#flags
    this.#at++
    const index = this.#match(/^\?P<([A-Za-z_]\w*)>/) ?? (this.#peek('?') ? undefined : (['', ''] as const))
    if (index) {
      const number = ++this.#groups
      const name = index[1] ?? ''
      if (this.#names.has(name)) fail(`it names two groups '${name}'`)
      if (name !== '') this.#names.set(name, number)
      this.#open.add(number)
      const body = this.#body(flags)
      this.#open.delete(number)
      body.groups.set(number, {isSure: true, isStable: true})
      return {...body, js: `(${body.js})`}
    }
    const reference = this.#match(/^\?P=([A-Za-z_]\w*)\)/)
    if (reference)
      return this.#reference(this.#names.get(reference[1] ?? '') ?? fail(`it has no group '${reference[1]}'`))
    const scoped = this.#match(/^\?([a-zA-Z]*)(?:-([a-zA-Z]+))?:/)
    if (scoped) {
      this.#flags = this.#with(scoped[1] ?? '', scoped[2] ?? '')
      const body = this.#body(flags)
      return {...body, js: `(?:${body.js})`}
    }
    const look = this.#match(/^\?(<?[=!])/)?.[1]
    if (look === undefined) {
      if (this.#match(/^\?[a-zA-Z]+\)/)) fail('its flags do not stand at its start')
      fail(`'(${this.#text.slice(this.#at, this.#at + 3)}' has no counterpart`)
    }
    const body = this.#body(flags)
    if (look?.startsWith('<') && body.min !== body.max) fail('what it looks back for has no fixed length')
    const isSure = !look?.endsWith('!')
    return {js: `(?${look}${body.js})`, min: 0, max: 0, groups: mapped(body.groups, group => ({...group, isSure}))}
  }

  #body(flags: Flags): Part {
    const body = this.#alternatives()
    if (!this.#take(')')) fail("it lacks a ')'")
    this.#flags = flags
    return {...body, groups: new Map(body.groups)}
  }

  #reference(index: number): Part {
    if (index > this.#groups || this.#open.has(index)) fail(`it refers to group ${index}, which is not there yet`)
    if (this.#flags.i) fail('it refers back to a group without regard to case')
    this.#referenced.add(index)
    return {js: `(?:\\${index})`, min: 0, max: Infinity, groups: new Map()}
  }

  #escape(): Part {
    const simple = this.#match(/^\\([AZbBdDsSwW])/)?.[1]
    if (simple === 'A') return anchor('(?<![^])')
    if (simple === 'Z') return anchor('(?![^])')
    if (simple === 'b' || simple === 'B') return anchor(`\\${simple}`)
    if (simple) return bytes(classOf(simple))
    const reference = this.#match(/^\\(?![0-3][0-7][0-7]|0)([1-9]\d?)/)?.[1]
    if (reference !== undefined) return this.#reference(Number(reference))
    return this.#byte(this.#literal())
  }

  /** An escaped byte. */
  #literal(): number {
    const hex = this.#match(/^\\x([\da-fA-F]{2})/)?.[1]
    if (hex !== undefined) return Number.parseInt(hex, 16)
    const octal = this.#match(/^\\(0[0-7]{0,2}|[1-3][0-7]{2})/)?.[1]
    if (octal !== undefined) return Number.parseInt(octal, 8)
    const sign = this.#text[this.#at + 1] ?? fail('it ends with a backslash')
    this.#at += 2
    if (sign in controls) return controls[sign as keyof typeof controls]
    return /[A-Za-z0-9]/.test(sign) ? fail(`'\\${sign}' has no meaning for bytes`) : sign.charCodeAt(0)
  }

  #set(): readonly boolean[] {
    this.#at++
    const isNegated = this.#take('^')
    const chosen = [...setOf(() => false)]
    for (let isFirst = true; isFirst || !this.#peek(']'); isFirst = false) {
      const low = this.#member()
      const isRange = this.#peek('-') && this.#text[this.#at + 1] !== ']'
      if (!isRange) {
        for (const code of low) chosen[code] = true
        continue
      }
      this.#at++
      const high = this.#member()
      const [from = 0, to = 0] = [low[0], high[0]]
      if (low.length !== 1 || high.length !== 1 || from > to) fail('one of its ranges has no beginning and end')
      for (let code = from; code <= to; code++) chosen[code] = true
    }
    this.#at++
    const folded = this.#folded(chosen)
    return isNegated ? folded.map(is => !is) : folded
  }

  #member(): readonly number[] {
    const sign = this.#text[this.#at] ?? fail("it lacks a ']'")
    if (sign === '\\') {
      const simple = this.#match(/^\\([dDsSwW])/)?.[1]
      if (simple) return classOf(simple).flatMap((is, code) => (is ? [code] : []))
      if (this.#take('\\b')) return [8]
      return [this.#literal()]
    }
    this.#at++
    return [sign.charCodeAt(0)]
  }
}

const controls = {a: 7, f: 12, n: 10, r: 13, t: 9, v: 11} as const
const isAnchor = /^(\\b|\\B|\(\?<?!\[\^(\\n)?\](\|\\n\[\^\])?\))$/

const setOf = (has: (code: number) => boolean): readonly boolean[] => Array.from({length: 256}, (_, code) => has(code))

const classOf = (letter: string): readonly boolean[] => {
  const classes = {d: /[0-9]/, s: /[ \t\n\r\f\v]/, w: /[A-Za-z0-9_]/}
  const pattern = classes[letter.toLowerCase() as keyof typeof classes]
  const isNegated = letter !== letter.toLowerCase()
  return setOf(code => pattern.test(String.fromCharCode(code)) !== isNegated)
}

const hex = (code: number): string => `\\x${code.toString(16).padStart(2, '0')}`

const bytes = (set: readonly boolean[]): Part => {
  const ranges: string[] = []
  for (let code = 0; code < 256; code++) {
    if (!set[code]) continue
    const from = code
    while (set[code + 1]) code++
    ranges.push(from === code ? hex(from) : `${hex(from)}-${hex(code)}`)
  }
  return {js: `[${ranges.join('')}]`, min: 1, max: 1, groups: new Map()}
}

const anchor = (js: string): Part => ({js, min: 0, max: 0, groups: new Map()})

const mapped = (groups: ReadonlyMap<number, Captured>, change: (group: Captured) => Captured): Map<number, Captured> =>
  new Map([...groups].map(([index, group]) => [index, change(group)]))

const merged = (
  parts: readonly Part[],
  change: (groups: Map<number, Captured>) => Map<number, Captured> = groups => groups,
): Map<number, Captured> => new Map(parts.flatMap(({groups}) => [...change(groups)]))
