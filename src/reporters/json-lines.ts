import type {Reporter} from '../events.ts'
import type {Output} from './output.ts'

/** Every event verbatim, one a line. */
export const jsonLines = (output: Output): Reporter => ({
  on(event) {
    output.write(`${JSON.stringify(event)}\n`)
  },
})
