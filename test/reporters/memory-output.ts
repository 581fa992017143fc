import type {Output} from '../../src/reporters/output.ts'

/** A stream that keeps what is written to it; with `columns` it claims to be a terminal. */
export const memoryOutput = (columns?: number): Output & {text(): string} => {
  const parts: string[] = []
  return {
    write(text: string) {
      parts.push(text)
      return true
    },
    text: () => parts.join(''),
    ...(columns !== undefined && {isTTY: true, columns, rows: 50}),
  }
}
