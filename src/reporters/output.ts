/** Where a reporter writes: stdout, a pipe, a test's buffer. */
export type Output = {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

/** What the user asked to see. */
export type View = {
  readonly diff: boolean
  /** Number of `-v`. */
  readonly verbosity: number
}
