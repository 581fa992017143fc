import {$} from '../shell/command.ts'
import {candidateOf} from './candidate.ts'
import {sha256Of} from './content.ts'
import {fileAfter, fileChanges} from './file-change.ts'
import {foreseePath} from './foresee-path.ts'
import {type Foresight, Unforeseen} from './foresight.ts'
import {nftFile, nftKeep, nftListing, nftLoad, nftRecord, nftRestore} from './nft-load.ts'
import {attributeStep, isRewrite, providesBetween} from './path-change.ts'
import {pathObstacle} from './path-kind.ts'
import {type PathQuestion, pathQuestion} from './path-question.ts'
import {type PathState, pathState} from './path-state.ts'
import {
  type Answer,
  type Change,
  type FileWrite,
  type Handler,
  type Kind,
  type Resource,
  resourceOf,
  Unreadable,
  type Unsupported,
  unsupported,
} from './resource.ts'
import {broken} from './rules.ts'

const families = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'] as const
type Family = (typeof families)[number]

export type NftTableDesired = {
  readonly family: Family
  readonly name: string
  /** What stands between the braces of the table in nft(8). */
  readonly rules: string
  /** It can cut the way to the host, which takes it back by itself unless a new login confirms it. */
  readonly confirm?: boolean
}

type NftTableState = {
  readonly file: PathState
  readonly hasProgram: boolean
  /** As the kernel shows it now; undefined: there is no such table. */
  readonly live: string | undefined
  /** As the kernel showed it when it was loaded in this boot, and the digest of the file that it was loaded from. */
  readonly loaded: {readonly sha256: string; readonly listing: string} | undefined
}

/** One table of nftables, in the kernel and in a file of its own that is loaded at boot. Other tables are not touched. */
export const nftTableKind: Kind<NftTableDesired, NftTableState> = {
  name: 'nft-table',
  identify: ({name}) => name,
  probe: desired => {
    const {family, name} = desired
    return {
      command: $`
say() { printf '%s ' "$1"; printf %s "$2" | base64 | tr -d '\\n'; echo; }
if command -v nft >/dev/null; then
echo program
if l=$(LC_ALL=C ${nftListing(family, name)} 2>&1); then say live "$l"; else say none "$l"; fi
fi
if [ -e ${nftRecord(name)} ]; then r=$(cat ${nftRecord(name)}) || exit; say record "$r"; fi
read -r b </proc/sys/kernel/random/boot_id; echo "boot $b"
echo file
( ${pathQuestion(questionOf(desired))} )`,
      parse: answer => parse(name, answer),
    }
  },
  predict: (desired, current, foresight) => foresee(desired, current, foresight),
  obstacle: (desired, {file, hasProgram}) => {
    if (file.type === 'directory') return `${file.at} is a directory`
    if (!hasProgram) return 'the command nft does not exist, and nothing before provides it'
    return pathObstacle(questionOf(desired), file)
  },
  diff(desired, {file, live, loaded}) {
    const inFile = fileChanges(fileOf(desired), file)
    // What is rewritten is loaded anyway, and the file says what is new.
    return isRewrite(inFile) ? inFile : [...inFile, ...liveChanges(sha256Of(contentOf(desired)), live, loaded)]
  },
  steps(desired, changes, {file}) {
    const {family, name} = desired
    const wanted = fileOf(desired)
    const title = `load the table ${family} ${name}`
    const inFile = fileChanges(wanted, file)
    if (isRewrite(changes))
      return [
        {
          do: 'write',
          title: `${title} from ${wanted.path}`,
          files: [wanted],
          validate: $`nft -c -f ${candidateOf(wanted.path)}`,
          // The kernel takes a transaction as a whole or not at all: then the former file is back too.
          check: nftLoad(family, name),
        },
      ]
    return [
      ...(inFile.length > 0 ? [attributeStep(wanted.path, fileAfter(wanted, file), inFile)] : []),
      ...(changes.some(({path}) => path === 'live')
        ? [{do: 'run' as const, title, command: nftLoad(family, name)}]
        : []),
    ]
  },
  provides: (desired, _changes, {file}) => providesBetween(file, fileAfter(fileOf(desired), file)),
  guard: ({family, name, confirm}) =>
    confirm
      ? {paths: [nftFile(name), nftRecord(name)], keep: nftKeep(family, name), restore: nftRestore(family, name)}
      : undefined,
  paths: ({name}) => [nftFile(name)],
  problems: ({family, name, rules}) =>
    broken(
      families.includes(family) ? undefined : `family: ${JSON.stringify(family)} is none of ${families.join(', ')}`,
      /^[a-zA-Z][\w-]{0,99}$/.test(name) ? undefined : `name: ${JSON.stringify(name)} is not the name of a table`,
      staysInside(rules) ? undefined : 'rules: the braces do not match, so that they would not stay in this table',
    ),
}

/** Declaring the table first lets the deletion pass where there is none. */
const contentOf = ({family, name, rules}: NftTableDesired): string => `# Written by gatewright.
table ${family} ${name}
delete table ${family} ${name}
table ${family} ${name} {
${rules.trimEnd()}
}
`

const fileOf = (desired: NftTableDesired): FileWrite => ({
  path: nftFile(desired.name),
  content: contentOf(desired),
  mode: '0600',
  owner: 'root',
  group: 'root',
})

const questionOf = (desired: NftTableDesired): PathQuestion => ({
  path: nftFile(desired.name),
  owner: 'root',
  group: 'root',
  unlessSha256: sha256Of(contentOf(desired)),
})

const parse = (name: string, {code, stdout, stderr}: Answer): NftTableState | Unsupported => {
  const [head = '', file] = stdout.split(/^file\n/m)
  if (code !== 0 || file === undefined) throw new Unreadable(stderr.trim() || `exit code ${code}`)
  const lines = new Map(head.split('\n').map(line => [line.split(' ')[0], line.split(' ')[1] ?? '']))
  const text = (word: string): string | undefined => {
    const found = lines.get(word)
    return found === undefined ? undefined : Buffer.from(found, 'base64').toString()
  }
  const none = text('none')
  if (none !== undefined && /not supported/.test(none)) return unsupported('the kernel of this host has no nftables')
  if (none !== undefined && !/No such file or directory/.test(none)) throw new Unreadable(none.trim())
  const [first = '', ...listing] = text('record')?.split('\n') ?? []
  const [boot, sha256 = ''] = first.split(' ')
  return {
    file: pathState(nftFile(name), {code: 0, stdout: file, stderr}),
    hasProgram: lines.has('program'),
    live: text('live'),
    loaded: boot !== '' && boot === lines.get('boot') ? {sha256, listing: listing.join('\n')} : undefined,
  }
}

const foresee = (
  desired: NftTableDesired,
  current: NftTableState,
  foresight: Foresight,
): NftTableState | Unforeseen => {
  const file = foreseePath(questionOf(desired), current.file, foresight)
  if (file instanceof Unforeseen) return file
  return {...current, file, hasProgram: current.hasProgram || foresight.commands.has('nft')}
}

const liveChanges = (
  sha256: string,
  live: NftTableState['live'],
  loaded: NftTableState['loaded'],
): readonly Change[] => {
  if (live === undefined) return [{path: 'live', from: 'absent', to: 'loaded'}]
  if (loaded?.sha256 !== sha256) return [{path: 'live', from: 'not loaded from this file', to: 'loaded'}]
  return live === loaded.listing ? [] : [{path: 'live', from: {text: `${live}\n`}, to: {text: `${loaded.listing}\n`}}]
}

/** Outside of strings and comments, no brace closes what it did not open. */
const staysInside = (rules: string): boolean => {
  let depth = 0
  for (const [token] of rules.matchAll(/"[^"\n]*"|#.*|[{}]/g)) {
    if (token === '{') depth++
    if (token === '}' && --depth < 0) return false
  }
  return depth === 0
}

const build = resourceOf(nftTableKind)

/**
 * A table of nftables with exactly these chains, sets and maps, now and after a reboot. It is replaced in one transaction;
 * what sets hold at run time and counters are not compared.
 */
export const nftTable = (
  options: NftTableDesired & {readonly notify?: readonly Handler[]},
): Resource<NftTableDesired, NftTableState> => {
  const {notify, ...desired} = options
  return build(desired, notify)
}
