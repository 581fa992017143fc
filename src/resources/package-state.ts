import {$, type Command} from '../shell/command.ts'
import {type Answer, Unreadable, type Unsupported, unsupported} from './resource.ts'

export type OnePackage = {
  /** `interrupted`: unpacked or half way, and nothing can be installed before that is ended. `configured`: only its configuration files are left. */
  readonly status: 'installed' | 'interrupted' | 'configured' | 'absent'
  readonly version?: string
  /** What apt would install now, where it was asked. */
  readonly candidate?: string
  /** Installed because another needs it. */
  readonly isAuto?: boolean
  /** An earlier task brings it: its version is what that installs. */
  readonly isForeseen?: boolean
}

/** By name. */
export type PackageState = Readonly<Record<string, OnePackage>>

/** Asks dpkg(1), and apt where its marks or candidates matter. dpkg-query(1) exits 1 when it does not know a name. */
export const packageQuestion = (
  names: readonly string[],
  {marks, candidates, release}: {readonly marks: boolean; readonly candidates: boolean; readonly release?: string},
): Command => $`
command -v dpkg-query >/dev/null || { echo 'no dpkg'; exit 0; }
dpkg-query -W -f='\${binary:Package} \${db:Status-Want} \${db:Status-Eflag} \${db:Status-Status} \${Version}\\n' -- ${names} 2>&1
[ $? -le 1 ] || exit
${marks ? $`apt-mark showauto -- ${names} 2>/dev/null | sed 's/^/auto /'` : $`:`}
${
  candidates
    ? $`LC_ALL=C apt-cache ${release === undefined ? [] : ['-t', release]} policy -- ${names} | sed -n 's/^\\([^ ].*\\):$/candidate \\1/p; s/^  Candidate: /is /p'`
    : $`:`
}
exit 0`

/** One line `name[:arch] want flag status [version]` per package that dpkg knows; others it mentions in prose. */
export const packageState = (names: readonly string[], {code, stdout, stderr}: Answer): PackageState | Unsupported => {
  if (stdout.startsWith('no dpkg')) return unsupported('this host has no dpkg')
  if (code !== 0) throw new Unreadable((stderr || stdout).trim() || `dpkg-query ended with exit code ${code}`)
  const lines = stdout.split('\n')
  const bare = (name: string): string => name.replace(/:.*/, '')
  const found = new Map(
    lines.flatMap((line): [string, string[]][] => {
      const [name, ...status] = line.split(' ')
      return name && (status.length === 3 || status.length === 4) && flags.has(status[1] ?? '')
        ? [[bare(name), status]]
        : []
    }),
  )
  const auto = new Set(lines.filter(line => line.startsWith('auto ')).map(line => bare(line.slice(5))))
  const candidates = new Map(
    lines.flatMap((line, index): [string, string][] => {
      const version = lines[index + 1]?.slice(3)
      return line.startsWith('candidate ') && version && version !== '(none)' ? [[bare(line.slice(10)), version]] : []
    }),
  )
  return Object.fromEntries(
    names.map(name => {
      const status = found.get(name)
      const candidate = candidates.get(name)
      return [
        name,
        {
          status: stateOf(status),
          ...(status?.[3] && {version: status[3]}),
          ...(candidate !== undefined && {candidate}),
          ...(auto.has(name) && {isAuto: true}),
        },
      ]
    }),
  )
}

const flags = new Set(['ok', 'reinstreq'])

const stateOf = ([, flag, status]: readonly string[] = ['', 'ok', 'not-installed']): OnePackage['status'] => {
  if (flag === 'reinstreq') return 'interrupted'
  if (status === 'installed') return 'installed'
  if (status === 'config-files') return 'configured'
  return status === 'not-installed' ? 'absent' : 'interrupted'
}
