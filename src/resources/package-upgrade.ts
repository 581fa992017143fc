import {$} from '../shell/command.ts'
import {type AptOptions, upgradeScript} from './package-script.ts'
import {
  type Handler,
  type Kind,
  type Resource,
  resourceOf,
  Unreadable,
  type Unsupported,
  unsupported,
} from './resource.ts'

export type PackageUpgradeDesired = {
  /** Nothing is left for apt-get(8) to do by this. */
  readonly operation: 'upgrade' | 'dist-upgrade' | 'autoremove'
  readonly purge?: boolean
  readonly options: AptOptions
}

/** What apt-get would do now, one line each: `Inst libc6 [1] (2 …)`. */
type Due = {readonly due: readonly string[]}

/** The whole of the installed packages, brought to what apt has or needs. */
export const packageUpgradeKind: Kind<PackageUpgradeDesired, Due> = {
  name: 'packages',
  opaque: true,
  identify: ({operation}) => operation,
  probe: desired => ({
    command: $`
command -v apt-get >/dev/null || { echo 'no apt'; exit 0; }
LC_ALL=C apt-get -s -q -o Debug::NoLocking=1 ${wordsOf(desired)}`,
    parse({code, stdout, stderr}): Due | Unsupported {
      if (stdout.startsWith('no apt')) return unsupported('this host has no apt')
      if (code !== 0) throw new Unreadable(stderr.trim() || `apt-get ended with exit code ${code}`)
      return {due: stdout.split('\n').flatMap(line => /^(?:Inst|Remv|Purg) \S+(?: \[\S+\])?/.exec(line)?.[0] ?? [])}
    },
  }),
  diff: (_desired, {due}) => (due.length === 0 ? [] : [{path: 'packages', from: due, to: []}]),
  steps: desired => [
    {
      do: 'run',
      title: desired.operation,
      command: upgradeScript(wordsOf(desired), desired.options),
      timeoutMs: 3_600_000,
    },
  ],
  problems: () => [],
}

const wordsOf = ({operation, purge, options}: PackageUpgradeDesired): readonly string[] => [
  ...(options.defaultRelease === undefined ? [] : ['-t', options.defaultRelease]),
  ...(operation === 'upgrade' ? ['upgrade', '--with-new-pkgs'] : [operation]),
  ...(options.autoremove ? ['--auto-remove'] : []),
  ...(purge ? ['--purge'] : []),
]

const build = resourceOf(packageUpgradeKind)

/** Upgrades of everything, and the removal of what nothing needs any more. */
export const packageUpgrade = (
  options: PackageUpgradeDesired & {readonly notify?: readonly Handler[]},
): Resource<PackageUpgradeDesired, Due> => {
  const {notify, ...desired} = options
  return build(desired, notify)
}
