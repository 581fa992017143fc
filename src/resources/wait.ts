import {$, type Command} from '../shell/command.ts'
import {type Handler, type Kind, type Resource, resourceOf, Unreadable} from './resource.ts'
import {broken, pathRule} from './rules.ts'

export type WaitDesired = {
  /** A path, or a TCP port. */
  readonly path?: string
  readonly port?: number
  readonly host: string
  /** Whether it must be there or be gone. */
  readonly state: 'present' | 'absent'
  /** A regular expression of which a line of the file, or of what the port says, must have one. */
  readonly search?: string
  readonly timeoutSeconds: number
  readonly delaySeconds: number
  readonly sleepSeconds: number
  readonly connectTimeoutSeconds: number
  readonly message?: string
  readonly taskId: string
}

export type WaitState = 'there' | 'not yet'

/** That something has come about. Where nothing is changed before it, the host as it is decides; else it is waited for. */
export const waitKind: Kind<WaitDesired, WaitState> = {
  name: 'wait',
  act: true,
  identify: desired => `for ${titleOf(desired)} (${desired.taskId})`,
  probe: desired => ({
    command: $`
if ${condition(desired, 1)} >/dev/null 2>&1; then echo there; else echo 'not yet'; fi`,
    parse({code, stdout, stderr}) {
      const said = stdout.trim()
      if (said === 'there' || said === 'not yet') return said
      throw new Unreadable(stderr.trim() || `the probe ended with exit code ${code}`)
    },
  }),
  predict: (_desired, current, {hasChanges}) => (hasChanges ? 'not yet' : current),
  diff: (_desired, current) => (current === 'there' ? [] : [{path: 'wait', from: 'not yet', to: 'there'}]),
  steps: desired => [
    {
      do: 'run',
      title: `wait for ${titleOf(desired)}`,
      timeoutMs: (desired.delaySeconds + desired.timeoutSeconds + desired.connectTimeoutSeconds + 30) * 1000,
      command: $`
end=$(($(date +%s) + ${desired.timeoutSeconds}))
sleep ${desired.delaySeconds}
until ${condition(desired, desired.connectTimeoutSeconds)}; do
[ "$(date +%s)" -lt "$end" ] || { echo ${desired.message ?? `${titleOf(desired)}: waited for ${desired.timeoutSeconds} s in vain`}; exit 1; }
sleep ${desired.sleepSeconds}
done`,
    },
  ],
  problems: ({path, port}) =>
    broken(
      (path === undefined) === (port === undefined) ? 'path: either this or port must be given' : undefined,
      path === undefined ? undefined : pathRule('path', path),
      port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)
        ? `port: ${port} is not the number of a port`
        : undefined,
    ),
}

const titleOf = ({path, port, host, state, search}: WaitDesired): string =>
  `${path ?? `port ${port} of ${host}`}${search === undefined ? '' : ` to say ${JSON.stringify(search)}`}${state === 'absent' ? ' to be gone' : ''}`

/** A bare shell cannot connect; bash can. A socket that says nothing is read until the time is over. */
const condition = ({path, port, host, state, search}: WaitDesired, seconds: number): Command => {
  const matches = $`grep -qP -e ${search ?? ''}`
  if (path !== undefined)
    return state === 'absent'
      ? $`[ ! -e ${path} ]`
      : search === undefined
        ? $`[ -e ${path} ]`
        : $`${matches} -- ${path}`
  const open = $`timeout ${seconds} bash -c ${'exec 3<>"/dev/tcp/$0/$1"'} ${host} ${port ?? 0}`
  if (search !== undefined)
    return $`{ timeout ${seconds} bash -c ${'exec 3<>"/dev/tcp/$0/$1" && cat <&3'} ${host} ${port ?? 0} | ${matches}; }`
  return state === 'absent' ? $`! ${open}` : open
}

const build = resourceOf(waitKind)

export const wait = (
  options: WaitDesired & {readonly notify?: readonly Handler[]},
): Resource<WaitDesired, WaitState> => {
  const {notify, ...desired} = options
  return build(desired, notify)
}
