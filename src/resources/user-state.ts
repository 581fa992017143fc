import {$, type Command} from '../shell/command.ts'
import type {Foresight} from './foresight.ts'
import {type Answer, type Change, Unreadable, type Unsupported, unsupported} from './resource.ts'

export type Account = {
  readonly uid: number | undefined
  readonly gid: number | undefined
  readonly comment: string
  readonly home: string
  readonly shell: string
  /** Groups that list the user. */
  readonly groups: readonly string[]
  /** The field of the shadow file; undefined: not readable; `given`: an earlier task sets what is desired. */
  readonly password: string | undefined
  /** Days since 1970, -1 for never. */
  readonly expires: number
  readonly passwordExpireMin: number
  readonly passwordExpireMax: number
}

export type UserState = {
  /** `coming`: a package is going to make it, nobody knows how. */
  readonly account: Account | 'coming' | undefined
  /** The home directory of the account, or the one that is desired, exists. */
  readonly hasHome: boolean
  /** Groups of interest that exist -> their numbers; undefined for those to come. */
  readonly groups: ReadonlyMap<string, number | undefined>
  /** A group of its own comes with a new user, and goes with it. */
  readonly ownGroup: {readonly exists: boolean; readonly enabled: boolean; readonly goes: boolean}
  readonly defaults: {readonly home: string; readonly shell: string}
}

/** Asks for the account, its secrets, its groups, and the defaults of useradd(8). */
export const userQuestion = (name: string, groups: readonly string[], home: string | undefined): Command => $`
command -v getent >/dev/null || { echo 'no getent'; exit 0; }
u=${name} h=${home ?? ''} gid=
p=$(getent passwd -- "$u") || [ $? -eq 2 ] || exit
if [ -n "$p" ]; then
printf 'passwd %s\\n' "$p"
s=$(getent shadow -- "$u" 2>/dev/null) && printf 'shadow %s\\n' "$s"
IFS=: read -r n x id gid c d r <<END
$p
END
[ -n "$h" ] || h=$d
fi
if [ -n "$h" ] && [ -e "$h" ]; then echo home; fi
for g in ${groups.length === 0 ? $`` : $`${groups}`}; do
l=$(getent group -- "$g") || [ $? -eq 2 ] || exit
[ -z "$l" ] || printf 'exists %s %s\\n' "$g" "$l"
done
all=$(getent group) || exit
printf '%s\\n' "$all" | while IFS=: read -r n x id m; do
[ "$n" != "$u" ] || printf 'own %s:%s\\n' "$id" "$m"
case ,$m, in *,"$u",*) printf 'member %s\\n' "$n" ;; esac
done
[ -z "$gid" ] || getent passwd | while IFS=: read -r n x id i r; do [ "$i" != "$gid" ] || [ "$n" = "$u" ] || echo shared; done
sed -n 's/^USERGROUPS_ENAB[[:space:]]\\{1,\\}/usergroups /p' /etc/login.defs 2>/dev/null
sed -n 's/^\\(HOME\\|SHELL\\)=/default \\1=/p' /etc/default/useradd 2>/dev/null
exit 0`

/** Throws Unreadable. */
export const userState = (name: string, {code, stdout, stderr}: Answer): UserState | Unsupported => {
  if (stdout.startsWith('no getent')) return unsupported('this host has no getent')
  if (code !== 0) throw new Unreadable(stderr.trim() || `getent ended with exit code ${code}`)
  const all = (word: string): string[] =>
    stdout.split('\n').flatMap(line => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []))
  const [passwd] = all('passwd')
  const [shadow] = all('shadow')
  const [own] = all('own')
  const [ownId, ownMembers] = own?.split(':') ?? []
  const account = passwd === undefined ? undefined : accountOf(name, passwd, shadow, all('member'))
  const enabled = /^yes\b/i.test(all('usergroups').at(-1) ?? 'no')
  const preset = (key: string, otherwise: string): string =>
    all('default')
      .findLast(line => line.startsWith(`${key}=`))
      ?.slice(key.length + 1) || otherwise
  return {
    account,
    hasHome: /^home$/m.test(stdout),
    groups: new Map(
      all('exists').map(line => {
        const [group = '', entry = ''] = line.split(' ')
        return [group, Number(entry.split(':')[2])]
      }),
    ),
    ownGroup: {
      exists: own !== undefined,
      enabled,
      goes:
        enabled &&
        account?.gid === Number(ownId ?? -1) &&
        !(ownMembers ?? '').split(',').some(member => member !== '' && member !== name) &&
        !/^shared$/m.test(stdout),
    },
    defaults: {home: `${preset('HOME', '/home')}/${name}`, shell: preset('SHELL', '')},
  }
}

const accountOf = (name: string, passwd: string, shadow: string | undefined, groups: readonly string[]): Account => {
  const [found, , uid = '', gid = '', comment = '', home = '', shell = ''] = passwd.split(':')
  if (found !== name || !/^\d+$/.test(uid) || !/^\d+$/.test(gid))
    throw new Unreadable(`getent tells ${JSON.stringify(passwd)} of ${name}`)
  const [, password, , min, max, , , expires] = shadow?.split(':') ?? []
  const days = (field: string | undefined): number => (field === undefined || field === '' ? -1 : Number(field))
  return {
    uid: Number(uid),
    gid: Number(gid),
    comment,
    home,
    shell,
    groups,
    password,
    expires: days(expires),
    passwordExpireMin: days(min),
    passwordExpireMax: days(max),
  }
}

/** The day, or `never`; a number of days counts in UTC as in the shadow file. */
export const dateOf = (seconds: number): string =>
  seconds < 0 ? 'never' : new Date(seconds * 1000).toISOString().slice(0, 10)

/** The account once what is planned before has been done. */
export const foreseeUser = (name: string, state: UserState, foresight: Foresight): UserState => {
  let {account, hasHome} = state
  if (!account && foresight.users.has(name)) account = 'coming'
  for (const {path, to} of foresight.changesOf('user', name)) {
    if (path === 'state') account = to === 'absent' ? undefined : fresh(state)
    else if (path === 'home directory') hasHome = to !== 'absent'
    else if (typeof account === 'object') account = changed(account, path, to)
  }
  const groups = new Map(state.groups)
  const goes = (group: string): boolean =>
    foresight.changesOf('group', group).findLast(({path}) => path === 'state')?.to === 'absent'
  for (const group of state.groups.keys()) if (goes(group)) groups.delete(group)
  const ownGroup = {...state.ownGroup, exists: (state.ownGroup.exists || foresight.groups.has(name)) && !goes(name)}
  return {...state, account, hasHome, groups, ownGroup}
}

const fresh = ({defaults}: UserState): Account => ({
  uid: undefined,
  gid: undefined,
  comment: '',
  ...defaults,
  groups: [],
  password: '!',
  expires: -1,
  passwordExpireMin: 0,
  passwordExpireMax: 99_999,
})

const changed = (account: Account, path: string, to: Change['to']): Account => {
  if (path === 'password') return {...account, password: 'given'}
  if (path === 'password lock') return {...account, password: to === true ? `!${account.password}` : 'given'}
  if (path === 'expires')
    return {...account, expires: to === 'never' ? -1 : typeof to === 'string' ? Date.parse(to) / 86_400_000 : -1}
  return path in account ? {...account, [path]: to} : account
}
