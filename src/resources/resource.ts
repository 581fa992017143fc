import type {Command} from '../shell/command.ts'
import type {Content} from './content.ts'
import {Foresight, type Provides, Unforeseen} from './foresight.ts'
import type {PathState} from './path-state.ts'

export type Json = null | boolean | number | string | readonly Json[] | {readonly [key: string]: Json}

/** What one shell fragment gave back. */
export type Answer = {readonly code: number; readonly stdout: string; readonly stderr: string}

/** One difference between desired and current state. `path` names the property: `content`, `mode`, `running`. */
export type Change = {readonly path: string; readonly from: Json; readonly to: Json}

/** This host cannot do what is desired, with the host's reason: neither ok nor changed nor failed. */
export class Unsupported {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}
export const unsupported = (reason: string): Unsupported => new Unsupported(reason)

/** The host answered, but not with something that tells the current state: an error, never taken for absent. */
export class Unreadable extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Unreadable'
  }
}

/** An inert command (it must not write, wait or read stdin) and the parser of its answer. */
export type Probe<Current> = {
  readonly command: Command
  /** Throws Unreadable; returns Unsupported where this host cannot do it. */
  parse(answer: Answer): Current | Unsupported
}

/** One file of a write step. `candidate` is where the content waits beside `path` until it has been validated. */
export type FileWrite = {
  readonly path: string
  readonly content: Content
  /** Four octal digits. */
  readonly mode: string
  readonly owner: string
  readonly group: string
  /** The former file is kept beside it, as `<path>.<pid>.<time>~`. */
  readonly backup?: boolean
}

export type Step =
  /** Runs detached from the connection; a non-zero exit code fails the step. */
  | {
      readonly do: 'run'
      readonly title: string
      readonly command: Command
      readonly timeoutMs?: number
      /** stdout and stderr are kept apart, for a task that registers them. */
      readonly apart?: boolean
    }
  /**
   * Writes every file to its candidate, runs `validate` (it may name the candidates), renames all into place, then runs
   * `check`; when that fails, all former files are put back.
   */
  | {
      readonly do: 'write'
      readonly title: string
      readonly files: readonly FileWrite[]
      readonly validate?: Command
      readonly check?: Command
    }
  /** Repeats `command` until it exits 0; fails after `timeoutMs`. */
  | {readonly do: 'wait'; readonly title: string; readonly command: Command; readonly timeoutMs: number}

/**
 * What takes a change back that can cut the way to its host. It is armed on the host before the first step, and comes by
 * itself unless a new login confirms the change.
 */
export type Guard = {
  /** What stands at these paths, or that nothing does, is kept and put back. */
  readonly paths: readonly string[]
  /** Keeps what is in no file, in the directory `$kept`. Runs before the first step. */
  readonly keep?: Command
  /** Makes what runs on the host use the new files: after the steps, and again after the former files are back. */
  readonly apply?: Command
  /** Puts back what is in no file, from `$kept`; after the files. Not after a reboot, which has done it. */
  readonly restore?: Command
}

/** Four pure functions over one typed desired state, and what the planner needs to look ahead. */
export type Kind<Desired extends object, Current> = {
  /** A singular noun. */
  readonly name: string
  /** An applied change may alter what other resources of the host look like: what follows is probed again. */
  readonly opaque?: boolean
  /** It is done each time (a restart, a command): nothing to converge to, and not probed again after apply. */
  readonly act?: boolean
  /** What it is about, unique within the kind and host: a path, a unit, a key. */
  identify(desired: Desired): string
  probe(desired: Desired): Probe<Current>
  /**
   * What `current` will be once the changes planned before it have been made. Same value when they do not matter.
   * Unsupported: this host cannot do it, and no change planned before alters that. Unforeseen: only what they leave can tell.
   */
  predict?(desired: Desired, current: Current, foresight: Foresight): Current | Unsupported | Unforeseen
  /** Why the steps are certain to fail on this host (a missing parent directory, user or unit), as a sentence. */
  obstacle?(desired: Desired, current: Current): string | undefined
  /** Empty means converged. Shows no secret. `'unknown'`: only applying can tell. */
  diff(desired: Desired, current: Current): readonly Change[] | 'unknown'
  /** Never called without changes. */
  steps(desired: Desired, changes: readonly Change[], current: Current): readonly Step[]
  /** How the steps are taken back, where they can cut the way to the host. */
  guard?(desired: Desired, changes: readonly Change[], current: Current): Guard | undefined
  /** What the steps leave behind for resources that come later on the same host. */
  provides?(desired: Desired, changes: readonly Change[], current: Current): Provides
  /** For an act: what it says where its conditions leave nothing to do. */
  idle?(desired: Desired): Answer | undefined
  /** The files that it writes: what a unit that it notifies runs with. */
  paths?(desired: Desired): readonly string[]
  /** For a kind about one path: what stands there. Several about the same path are right together. */
  place?(current: Current): PathState
  /** Both can be done in their order, though they are about the same: each is a line of the plan. */
  isBeside?(one: Desired, other: Desired): boolean
  /** One of several tasks about the same, each done in its place, an equal one too: another may stand between them. */
  isInOrder?(desired: Desired): boolean
  /** Every rule over its own fields that is broken, as `field: sentence`. */
  problems(desired: Desired): readonly string[]
}

/** Reloads or restarts one unit at the end of a play, when something notified it or its configuration is older. */
export type Handler = {readonly id: string; readonly unit: string; readonly action: 'reload' | 'restart'}

/** A typed desired state of one thing on one host. Values only: `desired` is data (Secrets and Commands included). */
export type Resource<Desired extends object = any, Current = any> = {
  readonly kind: Kind<Desired, Current>
  /** `<kind> <identity>`: unique on a host. */
  readonly id: string
  readonly desired: Desired
  readonly notify: readonly Handler[]
}

/** Makes the constructor of a kind: what authors call. */
export const resourceOf =
  <Desired extends object, Current>(kind: Kind<Desired, Current>) =>
  (desired: Desired, notify: readonly Handler[] = []): Resource<Desired, Current> => ({
    kind,
    id: `${kind.name} ${kind.identify(desired)}`,
    desired,
    notify,
  })

/**
 * What an answer says of a resource, once the changes in `foresight` have been made: its current state, why this host
 * cannot have it, or that it cannot be told.
 */
export const readCurrent = <Current>(
  resource: Resource<any, Current>,
  answer: Answer | undefined,
  foresight: Foresight = new Foresight(),
): Current | Unsupported | Unreadable | Unforeseen => {
  if (!answer) return new Unreadable('the host gave no answer to its probe')
  const {kind, desired} = resource
  try {
    const current = kind.probe(desired).parse(answer)
    if (current instanceof Unsupported) return current
    return kind.predict?.(desired, current, foresight) ?? current
  } catch (error) {
    if (error instanceof Unreadable) return error
    throw error
  }
}
