import {acts} from '../events.ts'
import type {RunView} from './run-view.ts'

/** How far one role of the running play is, over all hosts that have something to do for it. */
export type RoleProgress = {
  readonly role: string
  /** Hosts of the play with something of this role in their plan. */
  readonly total: number
  readonly done: number
  /** Hosts that failed in it. */
  readonly failed: number
  /** Hosts that ended before it was done, the failed ones included. */
  readonly left: number
  readonly changes: number
  /** `host: resource` of one that is under way. */
  readonly running: string | undefined
  /** Its last lines, while a step of it runs. */
  readonly tail: readonly string[]
}

const none = {total: 0, done: 0, failed: 0, left: 0, changes: 0, running: undefined, tail: []} as const

/** Progress of every role of a play, in the order in which the plans name them. One pass over all items. */
export const progressOf = (view: RunView, play: number): readonly RoleProgress[] => {
  const roles = new Map<string, RoleProgress>()
  for (const host of view.hosts.values()) {
    const open = new Map<string, {open: boolean; left: boolean; failed: boolean; changes: number}>()
    for (const item of host.items) {
      if (item.play !== play) continue
      const role = item.role ?? 'tasks'
      const seen = open.get(role) ?? {open: false, left: false, failed: false, changes: 0}
      const settled = host.settled.has(`${item.play} ${item.id}`)
      open.set(role, {
        open: seen.open || view.pending(host, item),
        left: seen.left || item.verdict === 'failed' || (acts(item) && !settled && host.failure !== undefined),
        failed: seen.failed || item.verdict === 'failed',
        changes: seen.changes + (settled && item.verdict === 'changed' ? 1 : 0),
      })
    }
    for (const [role, state] of open) {
      const known = roles.get(role) ?? {...none, role}
      const {running} = host
      const mine = running && running.play === play && (running.role ?? 'tasks') === role
      roles.set(role, {
        role,
        total: known.total + 1,
        done: known.done + (state.open || state.left ? 0 : 1),
        failed: known.failed + (state.failed ? 1 : 0),
        left: known.left + (state.left ? 1 : 0),
        changes: known.changes + state.changes,
        tail: known.running === undefined && mine ? host.tail : known.tail,
        running: known.running ?? (mine ? `${host.host}: ${running.id}` : undefined),
      })
    }
  }
  return [...roles.values()]
}
