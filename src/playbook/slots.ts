import type {Entry, Fleet, Play, PlayHandler} from './model.ts'

/** One place of a host's ordered list. */
export type Slot = {
  readonly play: Play
  readonly number: number
  /** `units`: handlers of units, those of roles or the one of `handler`. */
  readonly entry: Entry | 'units'
  /** Of a place at which handlers are flushed. */
  readonly handler?: PlayHandler
  /** The `meta: flush_handlers` that it belongs to. */
  readonly gate?: Entry & {readonly entry: 'flush'}
}

/** The entries of a host over all plays, in order, each play ending with its handlers. */
export const slotsOf = ({plays}: Fleet, host: string): readonly Slot[] =>
  plays
    .filter(({hosts}) => hosts.includes(host))
    .flatMap(play => [
      ...play.entries.flatMap(entry => (entry.entry === 'flush' ? flushed(play, {gate: entry}) : [{play, entry}])),
      ...flushed(play),
    ])
    .map((slot, number) => ({...slot, number}))

/** Handlers of roles first, then those of the play as they are defined. */
const flushed = (play: Play, gate: Pick<Slot, 'gate'> = {}): readonly Omit<Slot, 'number'>[] => [
  {play, entry: 'units', ...gate},
  ...play.handlers.map(
    handler => ({play, entry: handler.of === 'unit' ? 'units' : handler.entry, handler, ...gate}) as const,
  ),
]
