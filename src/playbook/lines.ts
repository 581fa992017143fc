import {InvalidInput} from '../diagnostic.ts'
import type {Registered, Troubles} from '../executor/plan.ts'
import type {Line} from '../planner/line.ts'
import {isFlushed, linesOfEntry} from './entry-lines.ts'
import {isNamed, unitLines, withConfig} from './handler-lines.ts'
import type {Entry, Facts, Fleet, FleetHost, Known, Play, TaskCall} from './model.ts'
import {Seen} from './seen.ts'
import {type Slot, slotsOf} from './slots.ts'

/** Runs a role's task on a host; made by the run, which has the sessions. */
export type RunTask = (order: {
  readonly call: TaskCall
  /** Of its line. */
  readonly id: string
  readonly play: Play
  readonly host: string
  readonly facts: Facts
  readonly args: Readonly<Record<string, unknown>>
  readonly become: string | undefined
  readonly how: 'run' | 'plan' | 'heal'
}) => Promise<{changed: boolean; message?: string}>

export type LinesOptions = {
  readonly fleet: Fleet
  readonly host: FleetHost
  readonly facts: Facts
  readonly runTask: RunTask
  readonly factsOf?: Known['factsOf']
  /** For an entry that runs once: the host on which it does, and what it has come to there. */
  readonly once: (entry: Entry, play: Play, host: string) => Once
}

export type Once = {readonly host: string; readonly result: Registered | undefined; readonly isReal: boolean}

/** What the lines depend on and changes while a run goes on. */
export type Found = {
  /** Slot -> result, predicted or real. */
  readonly results: ReadonlyMap<number, Registered>
  /** Slots whose results are real. */
  readonly real: ReadonlySet<number>
  readonly troubles: Troubles
}

export type LinesContext = LinesOptions & {readonly found: Found; readonly taskId: (task: string) => string}

/** Makes a host's ordered list over all plays: `kept` lines that stand already stay as they are. Throws InvalidInput. */
export type MakeLines = (found: Found, kept: number) => readonly Line[]

export const linesOf = (options: LinesOptions): MakeLines => {
  const slots = slotsOf(options.fleet, options.host.name)
  let lines: readonly Line[] = []
  return (found, kept) => {
    lines = extend(lines.slice(0, kept), slots, {...options, found, taskId: numbered()})
    return lines
  }
}

/** The lines that stand, and those of all slots from the last of theirs on. */
const extend = (standing: readonly Line[], slots: readonly Slot[], context: LinesContext): readonly Line[] => {
  const from = standing.at(-1)?.slot ?? 0
  const all: Line[] = []
  const seen = new Seen(context.host.name)
  for (const line of standing) {
    all.push(line)
    seen.keep(line)
    if (line.line === 'task') context.taskId(line.id.replace(/^task | \(\d+\)$/g, ''))
  }
  const before = (): readonly Line[] => all.map(line => seen.notifying(line))
  let inSlot = standing.filter(({slot}) => slot === from).length
  for (const slot of slots.slice(from)) {
    const made = linesOfSlot(slot, slots, before, context)
    // Lines of a slot that was begun are made again only to be left out.
    const fresh = made.slice(inSlot)
    inSlot = 0
    all.push(...fresh.flatMap(line => seen.keep(line)))
  }
  if (seen.diagnostics.length > 0) throw new InvalidInput(seen.diagnostics)
  return withConfig(all.map(line => seen.notifying(line)))
}

const linesOfSlot = (
  slot: Slot,
  slots: readonly Slot[],
  before: () => readonly Line[],
  context: LinesContext,
): readonly Line[] => {
  const {entry, handler} = slot
  if (entry === 'units') return isFlushed(slot, slots, context) ? unitLines(before(), slot, context.host.name) : []
  if (!handler) return linesOfEntry(entry, slot, slots, context)
  if (!isNamed(before(), slot) || !isFlushed(slot, slots, context)) return []
  return linesOfEntry(entry, slot, slots, context).map(line => ({...line, handles: entry}))
}

const numbered = (): ((task: string) => string) => {
  const counts = new Map<string, number>()
  return task => {
    const count = (counts.get(task) ?? 0) + 1
    counts.set(task, count)
    return count === 1 ? `task ${task}` : `task ${task} (${count})`
  }
}
