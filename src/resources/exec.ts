import {$, Command} from '../shell/command.ts'
import {type Answer, type Handler, type Kind, type Resource, resourceOf} from './resource.ts'
import {broken, nameRule, pathRule} from './rules.ts'

export type ExecDesired = {
  readonly name: string
  readonly run: Command
  readonly creates?: string
  readonly unless?: Command
  readonly onlyIf?: Command
  readonly undo?: Command
}

export type ExecState = 'due' | 'done' | 'unknown'

/** A command that runs when its guards say so. The guards are the probe; without one, only applying can tell. */
export const execKind: Kind<ExecDesired, ExecState> = {
  name: 'exec',
  opaque: true,
  identify: ({name}) => name,
  probe: desired => ({command: guards(desired), parse: answer => stateOf(desired, answer)}),
  predict: ({creates}, current, foresight) =>
    creates !== undefined && foresight.willExist(creates) ? 'done' : current,
  diff(_desired, current) {
    if (current === 'unknown') return 'unknown'
    return current === 'done' ? [] : [{path: 'run', from: 'due', to: 'done'}]
  },
  steps: ({name, run}) => [{do: 'run', title: name, command: run}],
  guard: ({undo}) => undo && {paths: [], restore: undo},
  provides: ({creates}) => (creates === undefined ? {} : {files: [creates]}),
  problems: ({name, run, creates, unless, onlyIf, undo}) =>
    broken(
      nameRule('name', name),
      run.text.trim() === '' ? 'run: the command is empty' : undefined,
      creates === undefined ? undefined : pathRule('creates', creates),
      unless?.stdin === undefined ? undefined : 'unless: a guard cannot read content',
      onlyIf?.stdin === undefined ? undefined : 'onlyIf: a guard cannot read content',
      undo?.stdin === undefined ? undefined : 'undo: it cannot read content, which would have to wait on the host',
    ),
}

/** One line per guard that holds the command back; what a guard prints itself is dropped. */
const guards = ({creates, unless, onlyIf}: ExecDesired): Command =>
  [
    ...(creates === undefined ? [] : [$`if [ -e ${creates} ] || [ -L ${creates} ]; then echo done; fi`]),
    ...(unless ? [$`if ( ${unless}\n) >/dev/null 2>&1; then echo done; fi`] : []),
    ...(onlyIf
      ? [$`( ${onlyIf}\n) >/dev/null 2>&1; case $? in 0) ;; 126 | 127) echo unknown ;; *) echo done ;; esac`]
      : []),
  ].reduce((all, one) => $`${all}\n${one}`, $`:`)

/** A condition whose command does not exist (127) tells nothing: something earlier may bring it. */
const stateOf = ({creates, unless, onlyIf}: ExecDesired, {stdout}: Answer): ExecState => {
  if (creates === undefined && !unless && !onlyIf) return 'unknown'
  if (stdout.includes('done')) return 'done'
  return stdout.includes('unknown') ? 'unknown' : 'due'
}

const build = resourceOf(execKind)

/**
 * Runs a command: unless `creates` exists, unless `unless` exits 0, only if `onlyIf` exits 0. Guards must be inert: check
 * mode runs them.
 */
export const exec = (options: {
  readonly run: Command
  readonly creates?: string
  readonly unless?: Command
  readonly onlyIf?: Command
  /**
   * It can cut the way to the host (an address, a route): takes back what it does until the next reboot. The host runs this
   * by itself unless a new login confirms the change.
   */
  readonly undo?: Command
  /** The command's own text unless given. */
  readonly name?: string
  readonly notify?: readonly Handler[]
}): Resource<ExecDesired, ExecState> => {
  const {notify, name = options.run.text.trim().replaceAll(/\s*\n\s*/g, ' '), ...desired} = options
  return build({...desired, name}, notify)
}
