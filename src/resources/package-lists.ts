import {$} from '../shell/command.ts'
import {listsAge, updateScript} from './package-script.ts'
import {
  type Handler,
  type Kind,
  type Resource,
  resourceOf,
  Unreadable,
  type Unsupported,
  unsupported,
} from './resource.ts'
import {broken} from './rules.ts'

export type PackageListsDesired = {
  /** They are fetched again when they are older; 0: each time. */
  readonly validForSeconds: number
  readonly taskId: string
}

/** What apt knows of the packages of its sources, and for how many seconds. */
export const packageListsKind: Kind<PackageListsDesired, {readonly ageSeconds: number}> = {
  name: 'package_lists',
  opaque: true,
  act: true,
  identify: ({validForSeconds, taskId}) => `at most ${validForSeconds} s old (${taskId})`,
  probe: () => ({
    command: $`
command -v apt-get >/dev/null || { echo 'no apt'; exit 0; }
${listsAge}
echo "$age"`,
    parse({code, stdout, stderr}): {ageSeconds: number} | Unsupported {
      if (stdout.startsWith('no apt')) return unsupported('this host has no apt')
      if (code !== 0 || !/^-?\d+\n$/.test(stdout))
        throw new Unreadable(stderr.trim() || `the probe ended with exit code ${code}`)
      return {ageSeconds: Number(stdout)}
    },
  }),
  predict: (_desired, current, foresight) =>
    foresight.changesOf('package_lists', '').length > 0 ? {ageSeconds: 0} : current,
  diff: ({validForSeconds}, {ageSeconds}) =>
    validForSeconds === 0 || ageSeconds > validForSeconds
      ? [{path: 'age', from: `${ageSeconds} s`, to: `at most ${validForSeconds} s`}]
      : [],
  steps: () => [{do: 'run', title: 'fetch the lists of packages', command: updateScript, timeoutMs: 600_000}],
  provides: (_desired, changes) => ({made: [{kind: 'package_lists', name: '', changes}]}),
  problems: ({validForSeconds}) =>
    broken(
      Number.isInteger(validForSeconds) && validForSeconds >= 0
        ? undefined
        : 'validForSeconds: it is not a number of seconds',
    ),
}

const build = resourceOf(packageListsKind)

/** The lists of apt, not older than given. */
export const packageLists = (
  options: PackageListsDesired & {readonly notify?: readonly Handler[]},
): Resource<PackageListsDesired, {readonly ageSeconds: number}> => {
  const {notify, ...desired} = options
  return build(desired, notify)
}
