/** A place in a file that the user wrote. Line and column count from 1; line 0 is what has no lines: an option. */
export type Position = {readonly file: string; readonly line: number; readonly column: number}

/**
 * A problem found before anything was connected. `what` is the problem, `why` the rule that it breaks, `fix` what to do;
 * each is a short clause without a full stop. `rule` is a stable id, such as `unknown-variable` or `vrrp-budget`.
 */
export type Diagnostic = {
  readonly rule: string
  readonly what: string
  readonly why?: string
  readonly fix?: string
  readonly at?: Position
  /** The other place of a contradiction, and what stands there: `the other one is`. */
  readonly also?: {readonly what: string; readonly at: Position}
  readonly host?: string
}

/** `file:line:column`, without line and column for what has none. */
export const placeText = ({file, line, column}: Position): string => (line > 0 ? `${file}:${line}:${column}` : file)

/** `file:line:column: what, why, what to do (the other one is at file:line:column) [rule]` */
export const formatDiagnostic = ({at, also, host, what, why, fix, rule}: Diagnostic): string => {
  const place = at ? `${placeText(at)}: ` : ''
  const body = [what, why, fix].filter(Boolean).join(', ')
  const other = also ? ` (${also.what} at ${placeText(also.at)})` : ''
  return `${place}${host ? `${host}: ` : ''}${body}${other} [${rule}]`
}

/** The other place of a contradiction, where it is known and another one. */
export const alsoAt = (
  other: Position | undefined,
  at: Position | undefined,
  what = 'the other one is',
): Pick<Diagnostic, 'also'> => (other && (!at || placeText(other) !== placeText(at)) ? {also: {what, at: other}} : {})

/** Thrown once with every problem that loading found. */
export class InvalidInput extends Error {
  readonly diagnostics: readonly Diagnostic[]
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(formatDiagnostic).join('\n'))
    this.name = 'InvalidInput'
    this.diagnostics = diagnostics
  }
}
