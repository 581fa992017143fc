import {AsyncLocalStorage} from 'node:async_hooks'
import {$, type Options, type Shell, within} from 'zx'
import {quote} from '../shell/quote.ts'
import type {Become} from './become.ts'
import type {ExecChannels} from './exec-channels.ts'
import {remoteCommand, type SpawnRequest} from './remote-command.ts'
import {type ChildOptions, RemoteChild} from './zx-child.ts'
import {markRemote, patchZx, remember} from './zx-patch.ts'

/**
 * Runs `task` with zx's `$` bound to the host of `channels`, both the one that is passed and the one that a module imports.
 * Commands run in /bin/sh -eu, as `become` through sudo or su. stdin is empty unless something is piped in or `input` or
 * `stdio` is set. `.text()`, `.json()` and `.lines()` see stdout only.
 */
export const runWithZx = <Result>(
  channels: ExecChannels,
  become: Become | undefined,
  task: ($: Shell) => Promise<Result>,
): Promise<Result> => {
  patchZx()
  return within(() => {
    Object.assign($, remoteOptions(channels, become))
    return task(bound($, AsyncLocalStorage.snapshot()))
  })
}

const remoteOptions = (channels: ExecChannels, become: Become | undefined): Partial<Options> => {
  const localLog = $.log
  return {
    spawn: markRemote(
      (command: string, _arguments: readonly string[], options: SpawnRequest & ChildOptions) =>
        new RemoteChild(channels, remoteCommand(command, options, become), options),
    ) as never,
    shell: '/bin/sh',
    prefix: 'set -eu; (set -o pipefail) 2>/dev/null && set -o pipefail; ',
    postfix: '',
    // zx quotes with $'…', which dash takes for a literal dollar sign.
    quote,
    cwd: '.',
    env: {},
    detached: false,
    preferLocal: false,
    quiet: true,
    log: Object.assign((entry: Parameters<typeof localLog>[0]) => {
      // The only place where cd() can be stopped: it would change the directory of the control machine.
      if (entry.kind === 'cd') throw new TypeError(`cd() cannot work on a remote host: use $({cwd: '${entry.dir}'})`)
      localLog(entry)
    }, localLog),
  }
}

/**
 * zx finds its options by the asynchronous context, so that a `$` which is kept and called later would run its command on
 * the control machine. This one goes back to its host, wherever it is called.
 */
const bound = (shell: Shell, inContext: ReturnType<typeof AsyncLocalStorage.snapshot>): Shell =>
  new Proxy(shell, {
    apply: (target, _self, args) => {
      const result: unknown = inContext(() => Reflect.apply(target as never, undefined, args))
      if (typeof result === 'function') return bound(result as Shell, inContext)
      remember(result as object, inContext)
      return result
    },
    get: (target, key) => {
      if (key === 'sync') throw new TypeError('$.sync cannot run on a remote host: use await')
      return inContext(() => Reflect.get(target, key) as unknown)
    },
    set: (target, key, value) => inContext(() => Reflect.set(target, key, value)),
  })
