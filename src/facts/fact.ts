import type {Answer} from '../resources/resource.ts'
import type {Command} from '../shell/command.ts'

/** Something true of a host that roles decide on: an inert command and the parser of its answer. */
export type Fact<Value> = {
  /** Unique among facts: facts of one name are asked once. */
  readonly name: string
  readonly command: Command
  parse(answer: Answer): Value
}

export type FactValues<Facts extends Record<string, Fact<any>>> = {
  readonly [Key in keyof Facts]: Facts[Key] extends Fact<infer Value> ? Value : never
}
