import {AsyncLocalStorage} from 'node:async_hooks'
import {defaults, ProcessPromise} from 'zx'
import {remoteChild} from './zx-child.ts'

/*
 * What zx 8.8.5 (pinned) offers no option for. Commands that run on the control machine are left as they are: a command is
 * remote when its `spawn` is marked.
 */

type InContext = ReturnType<typeof AsyncLocalStorage.snapshot>

/** The parts of a zx process that its types hide. */
type Process = object & {
  readonly sync: boolean
  readonly _snapshot: {spawn: object; store?: unknown; stdio: unknown; input?: unknown}
  readonly _stdin: NodeJS.WritableStream
}

type Pipes = ((...dest: unknown[]) => unknown) & Record<'stdout' | 'stderr' | 'stdall', (...dest: unknown[]) => unknown>

const remote = Symbol('remote')
const contexts = new WeakMap<object, InContext>()

/** Marks a spawn function as one that starts nothing on this machine. */
export const markRemote = <Spawn extends object>(spawn: Spawn): Spawn => Object.assign(spawn, {[remote]: true})

const isRemote = (process: Process): boolean => remote in process._snapshot.spawn

/** Lets `.pipe` of this process, called from anywhere, start its second command where this one runs. */
export const remember = (process: object, inContext: InContext): void => {
  contexts.set(process, inContext)
}

/**
 * zx joins stdout and stderr for .text(), .json() and .lines(), so that one warning breaks them: here these see stdout
 * only. zx pushes each chunk of stderr first to `stderr`, then to `stdall`.
 */
const stdoutStore = () => {
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  const stdall: Buffer[] = []
  let last: Buffer | undefined
  const push = Array.prototype.push
  stderr.push = chunk => {
    last = chunk
    return push.call(stderr, chunk)
  }
  stdall.push = chunk => (chunk === last ? stdall.length : push.call(stdall, chunk))
  return {stdout, stderr, stdall}
}

let isPatched = false

/** Patches zx once in this process. */
export const patchZx = (): void => {
  if (isPatched) return
  isPatched = true
  const prototype = ProcessPromise.prototype as unknown as {run: (this: Process) => Process}
  const {run} = prototype
  prototype.run = function (this: Process) {
    if (!isRemote(this)) return run.call(this)
    // zx itself would not throw here, but leave an unhandled rejection.
    if (this.sync) throw new TypeError('$.sync cannot run on a remote host: use await')
    if (!contexts.has(this)) remember(this, AsyncLocalStorage.snapshot())
    this._snapshot.store ??= stdoutStore()
    const isAsked = this._snapshot.input !== undefined || Array.isArray(this._snapshot.stdio)
    // A command that reads stdin would hang; by the next turn a pipe into it has been attached.
    if (!isAsked)
      setImmediate(() => {
        if (this._stdin.listenerCount('unpipe') === 0) this._stdin.end()
      })
    return run.call(this)
  }
  const original = Object.getOwnPropertyDescriptor(prototype, 'pipe')
  Object.defineProperty(prototype, 'pipe', {
    configurable: true,
    get(this: Process) {
      const inContext = contexts.get(this)
      const pipes = original?.get?.call(this) as Pipes
      if (inContext === undefined) return pipes
      const within =
        (to: (...dest: unknown[]) => unknown) =>
        (...dest: unknown[]) =>
          inContext(to, ...dest)
      const {stdout, stderr, stdall} = pipes
      return Object.assign(within(pipes), {stdout: within(stdout), stderr: within(stderr), stdall: within(stdall)})
    },
  })
  // p.kill() takes `$.kill` of the caller's context, so it is set for all of them.
  const killLocal = defaults.kill
  defaults.kill = async (pid, signal) => {
    const child = remoteChild(Number(pid))
    if (child === undefined) return killLocal(pid, signal)
    child.kill(signal)
  }
}
