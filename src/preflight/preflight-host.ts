import type {Position} from '../diagnostic.ts'
import type {Host} from '../role.ts'

/** What the rules see of a host: its checked variables `values` know where they were written. */
export type PreflightHost = {
  readonly name: string
  readonly host: Host
  readonly target: {readonly address: string; readonly port: number}
  readonly values: Readonly<Record<string, any>>
  readonly at: Position | undefined
}
