import {$, type Command} from '../shell/command.ts'
import {reveal, Secret} from '../shell/secret.ts'
import type {Change, Step} from './resource.ts'
import type {UserDesired} from './user.ts'
import {dateOf, type UserState} from './user-state.ts'

const run = (title: string, command: Command): Step => ({do: 'run', title, command})

/** `usermod -e ''` removes the date. */
const expiry = (seconds: number): readonly string[] => ['-e', seconds < 0 ? '' : dateOf(seconds)]

/** The hash goes through stdin: words of a command are seen by everybody on the host. */
const passwordStep = ({name, password, passwordLock}: UserDesired): Step[] =>
  password === undefined
    ? []
    : [
        run(
          `set the password of ${name}`,
          $`chpasswd -e`.reading(new Secret(`${name}:${passwordLock ? '!' : ''}${reveal(password)}\n`)),
        ),
      ]

const ageStep = ({name, passwordExpireMin, passwordExpireMax}: UserDesired, changes?: readonly Change[]): Step[] => {
  const due = (path: string): boolean => changes?.some(change => change.path === path) ?? true
  const words = [
    ...(passwordExpireMin !== undefined && due('passwordExpireMin') ? ['-m', passwordExpireMin] : []),
    ...(passwordExpireMax !== undefined && due('passwordExpireMax') ? ['-M', passwordExpireMax] : []),
  ]
  return words.length === 0 ? [] : [run(`set how long the password of ${name} is valid`, $`chage ${words} -- ${name}`)]
}

/** A home directory like the skeleton, with the mode that UMASK of login.defs(5) leaves. */
const makeHome = (home: string, skeleton: string): Command => $`
if [ ! -e ${home} ]; then
if [ -e ${skeleton} ]; then mkdir -p -- "$(dirname -- ${home})" && cp -rP --preserve=mode,timestamps -- ${skeleton} ${home}
else mkdir -p -- ${home}
fi || exit
umask=$(sed -n 's/^UMASK[[:space:]]\\{1,\\}\\([0-9]\\{1,\\}\\)$/\\1/p' /etc/login.defs 2>/dev/null | tail -n 1)
[ -z "$umask" ] || chmod "$(printf %o "$((0777 & ~0$umask))")" ${home} || exit
fi`

const chownHome = (name: string, home: string): Command =>
  $`chown -R "$(id -u -- ${name}):$(id -g -- ${name})" -- ${home}`

/** useradd(8) makes no parents of a home directory, so that one is made before. */
export const createSteps = (desired: UserDesired, {ownGroup}: UserState): Step[] => {
  const {name, uid, group, groups = [], comment, home, shell, expires, createHome, skeleton, umask, system} = desired
  const words = [
    ...(uid === undefined ? [] : ['-u', uid, ...(desired.nonUnique ? ['-o'] : [])]),
    ...(group === undefined ? (ownGroup.exists ? ['-N'] : []) : ['-g', group]),
    ...(groups.length === 0 ? [] : ['-G', groups.join(',')]),
    ...(comment === undefined ? [] : ['-c', comment]),
    ...(home === undefined ? [] : ['-d', home]),
    ...(shell === undefined ? [] : ['-s', shell]),
    ...(expires === undefined ? [] : expiry(expires)),
    ...(createHome
      ? [
          '-m',
          ...(skeleton === undefined ? [] : ['-k', skeleton]),
          ...(umask === undefined ? [] : ['-K', `UMASK=${umask}`]),
        ]
      : ['-M']),
    ...(system ? ['-r'] : []),
  ]
  const add = $`useradd ${words} -- ${name}`
  const create =
    home === undefined || !createHome
      ? add
      : $`
deep=
if [ ! -d "$(dirname -- ${home})" ]; then
deep=yes
${makeHome(home, skeleton ?? '/etc/skel')}
fi
${add} || exit
[ -z "$deep" ] || ${chownHome(name, home)}`
  return [run(`create the user ${name}`, create), ...passwordStep(desired), ...ageStep(desired)]
}

export const modifySteps = (desired: UserDesired, changes: readonly Change[], {account}: UserState): Step[] => {
  const {name, uid, group, comment, shell, expires, moveHome, skeleton = '/etc/skel'} = desired
  const due = (path: string): boolean => changes.some(change => change.path === path)
  const groups = changes.find(({path}) => path === 'groups')?.to as readonly string[] | undefined
  const lock = changes.find(({path}) => path === 'password lock')?.to
  const home = desired.home ?? (typeof account === 'object' ? account.home : '')
  const words = [
    ...(uid !== undefined && due('uid') ? ['-u', uid, ...(desired.nonUnique ? ['-o'] : [])] : []),
    ...(group !== undefined && due('group') ? ['-g', group] : []),
    ...(groups ? ['-G', groups.join(',')] : []),
    ...(comment !== undefined && due('comment') ? ['-c', comment] : []),
    ...(due('home') ? ['-d', home, ...(moveHome ? ['-m'] : [])] : []),
    ...(shell !== undefined && due('shell') ? ['-s', shell] : []),
    ...(expires !== undefined && due('expires') ? expiry(expires) : []),
    ...(lock === undefined ? [] : [lock ? '-L' : '-U']),
  ]
  return [
    ...(words.length === 0 ? [] : [run(`change the user ${name}`, $`usermod ${words} -- ${name}`)]),
    ...(due('password') ? passwordStep(desired) : []),
    // A move leaves none where there was none.
    ...(due('home directory') || (due('home') && desired.createHome)
      ? [
          run(
            `make the home directory of ${name}`,
            $`[ -e ${home} ] || {
${makeHome(home, skeleton)}
${chownHome(name, home)}
}`,
          ),
        ]
      : []),
    ...ageStep(desired, changes),
  ]
}

export const removeSteps = ({name, force, remove}: UserDesired): Step[] => [
  run(`remove the user ${name}`, $`userdel ${[...(force ? ['-f'] : []), ...(remove ? ['-r'] : [])]} -- ${name}`),
]
