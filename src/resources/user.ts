import type {Secret} from '../shell/secret.ts'
import {reveal} from '../shell/secret.ts'
import {groupMade} from './group.ts'
import {type Change, type Handler, type Json, type Kind, type Resource, resourceOf} from './resource.ts'
import {accountNameRule, broken, pathRule} from './rules.ts'
import {createSteps, modifySteps, removeSteps} from './user-script.ts'
import {dateOf, foreseeUser, type UserState, userQuestion, userState} from './user-state.ts'

export type UserDesired = {
  readonly name: string
  readonly state: 'present' | 'absent'
  readonly uid?: number
  readonly nonUnique?: boolean
  /** The primary group, by name or number. */
  readonly group?: string
  /** Further groups: exactly these, or with `append` at least these. */
  readonly groups?: readonly string[]
  readonly append?: boolean
  readonly comment?: string
  readonly home?: string
  readonly createHome: boolean
  readonly moveHome?: boolean
  /** What a new home directory begins with; /etc/skel unless given. */
  readonly skeleton?: string
  readonly umask?: string
  readonly shell?: string
  readonly system?: boolean
  /** A hash of crypt(3), `!` or `*`. */
  readonly password?: Secret
  readonly updatePassword: 'always' | 'on_create'
  readonly passwordLock?: boolean
  /** Seconds since 1970; negative: never. */
  readonly expires?: number
  readonly passwordExpireMin?: number
  readonly passwordExpireMax?: number
  /** Of an absent user: with its home directory and mail. */
  readonly remove?: boolean
  readonly force?: boolean
}

/** An account of the host, as useradd(8) and usermod(8) keep it. */
export const userKind: Kind<UserDesired, UserState> = {
  name: 'user',
  identify: ({name}) => name,
  probe: ({name, group, groups = [], home}) => ({
    command: userQuestion(name, [...groups, ...(group === undefined ? [] : [group])], home),
    parse: answer => userState(name, answer),
  }),
  predict: ({name, group, groups = []}, state, foresight) => {
    const after = foreseeUser(name, state, foresight)
    const coming = [...groups, ...(group === undefined ? [] : [group])].filter(
      one => !state.groups.has(one) && foresight.groups.has(one),
    )
    return {...after, groups: new Map([...after.groups, ...coming.map((one): [string, undefined] => [one, undefined])])}
  },
  obstacle({name, state, group, groups = [], passwordLock, password}, {groups: existing, account}) {
    if (state === 'absent') return undefined
    const missing = [...groups, ...(group === undefined ? [] : [group])].find(one => !existing.has(one))
    if (missing !== undefined) return `the group ${missing} does not exist, and nothing before makes it`
    const held = typeof account === 'object' ? account.password : (account ?? '!')
    return passwordLock === false && password === undefined && held === '!'
      ? `unlocking ${name} would leave an account without a password; give it one`
      : undefined
  },
  diff: (desired, state) => (desired.state === 'absent' ? removal(desired, state) : differences(desired, state)),
  steps: (desired, changes, state) => {
    if (desired.state === 'absent') return removeSteps(desired)
    return changes.some(({path}) => path === 'state')
      ? createSteps(desired, state)
      : modifySteps(desired, changes, state)
  },
  provides: ({name, state}, changes) => {
    const value = (path: string): Json | undefined => changes.find(change => change.path === path)?.to
    const ownGroup = value('own group')
    const home = value('home')
    return {
      ...(state === 'present' && {users: [name]}),
      ...(ownGroup === 'present' && {groups: [name]}),
      ...(value('home directory') === 'present' &&
        typeof home === 'string' && {directories: [{path: home, owner: name}]}),
      made: [
        {kind: 'user', name, changes},
        ...(ownGroup === undefined ? [] : [groupMade(name, ownGroup === 'present' ? 'present' : 'absent')]),
      ],
    }
  },
  isBeside: (first, later) =>
    first.state === later.state &&
    (Object.keys(first) as (keyof UserDesired)[]).every(
      key =>
        first[key] === undefined ||
        later[key] === undefined ||
        (key === 'groups' && first.append === true && later.append === true) ||
        ['append', 'createHome', 'updatePassword'].includes(key) ||
        text(first[key]) === text(later[key]),
    ),
  problems: ({name, groups = [], home, uid, password, expires, skeleton, comment = '', shell = ''}) =>
    broken(
      accountNameRule('name', name),
      ...groups.map(one =>
        /^\d+$/.test(one) ? `groups: ${one} is a number; write the name of the group` : accountNameRule('groups', one),
      ),
      home === undefined ? undefined : pathRule('home', home),
      skeleton === undefined ? undefined : pathRule('skeleton', skeleton),
      uid !== undefined && !(Number.isInteger(uid) && uid >= 0) ? `uid: ${uid} is not the number of a user` : undefined,
      expires !== undefined && !Number.isFinite(expires)
        ? 'expires: it is not a time in seconds since 1970'
        : undefined,
      /[:\n]/.test(comment) ? 'comment: a colon or line end cannot stand there' : undefined,
      /[:\n]/.test(shell) ? 'shell: a colon or line end cannot stand there' : undefined,
      password === undefined || isHash(reveal(password))
        ? undefined
        : 'password: it is no hash of crypt(3); make one with mkpasswd, or write * for none',
    ),
}

const isHash = (text: string): boolean => /^!{0,2}(\*+|x)?$|^!?\$[^:\n$]+\$[^:\n]+$/.test(text) && text !== ''
const text = (value: unknown): string => (isSecret(value) ? reveal(value) : JSON.stringify(value))
const isSecret = (value: unknown): value is Secret => typeof value === 'object' && value !== null && 'reveal' in value

const removal = ({remove}: UserDesired, {account, hasHome, ownGroup}: UserState): readonly Change[] =>
  account
    ? [
        {path: 'state', from: 'present', to: 'absent'},
        ...(remove && hasHome ? [{path: 'home directory', from: 'present', to: 'absent'}] : []),
        ...(ownGroup.goes ? [{path: 'own group', from: 'present', to: 'absent'}] : []),
      ]
    : []

const differences = (desired: UserDesired, state: UserState): readonly Change[] | 'unknown' => {
  const {account, hasHome, defaults, ownGroup} = state
  if (account === 'coming') return 'unknown'
  const {group, groups, createHome, expires} = desired
  const changes: Change[] = []
  const expect = (path: string, from: Json | undefined, to: Json | undefined): void => {
    if (to !== undefined && from !== to) changes.push({path, from: from ?? null, to})
  }
  if (!account) expect('state', 'absent', 'present')
  expect('uid', account?.uid, desired.uid)
  if (group !== undefined && (!account || account.gid === undefined || state.groups.get(group) !== account.gid))
    changes.push({path: 'group', from: account?.gid ?? null, to: group})
  if (!account && group === undefined && ownGroup.enabled && !ownGroup.exists) expect('own group', 'absent', 'present')
  const wanted = groups && wantedGroups(desired, account?.groups ?? [])
  if (wanted && !isSame(wanted, account?.groups ?? []))
    changes.push({path: 'groups', from: account?.groups ?? [], to: wanted})
  expect('comment', account?.comment ?? '', desired.comment)
  expect('home', account?.home, desired.home ?? (account ? undefined : defaults.home))
  expect('shell', account?.shell, desired.shell)
  if (expires !== undefined) expect('expires', account ? dateOf(account.expires * 86_400) : 'never', dateOf(expires))
  changes.push(...passwordChanges(desired, account))
  const moves =
    account !== undefined && desired.moveHome === true && desired.home !== undefined && account.home !== desired.home
  if (createHome && !hasHome && !moves) expect('home directory', 'absent', 'present')
  for (const key of ['passwordExpireMin', 'passwordExpireMax'] as const) expect(key, account?.[key], desired[key])
  return changes
}

const wantedGroups = ({groups = [], append}: UserDesired, current: readonly string[]): readonly string[] =>
  [...new Set([...(append ? current : []), ...groups])].toSorted()
const isSame = (wanted: readonly string[], current: readonly string[]): boolean =>
  JSON.stringify(wanted) === JSON.stringify(current.toSorted())

const passwordChanges = (
  {password, passwordLock, updatePassword}: UserDesired,
  account: {readonly password: string | undefined} | undefined,
): Change[] => {
  const held = account ? account.password : '!'
  if (password !== undefined && (!account || updatePassword === 'always') && held !== 'given') {
    const bare = (hash: string): string => hash.replace(/^!+/, '')
    if (!account || held === undefined || bare(reveal(password)) !== bare(held))
      return [{path: 'password', from: account ? 'another' : 'none', to: 'as given'}]
  }
  if (passwordLock === undefined || held === undefined || held === 'given') return []
  return held.startsWith('!') === passwordLock ? [] : [{path: 'password lock', from: !passwordLock, to: passwordLock}]
}

const build = resourceOf(userKind)

/** An account: `user({name: 'deploy', groups: ['sudo'], append: true})`, or its absence. Its groups come first. */
export const user = (
  options: Omit<UserDesired, 'state' | 'createHome' | 'updatePassword'> &
    Partial<Pick<UserDesired, 'state' | 'createHome' | 'updatePassword'>> & {readonly notify?: readonly Handler[]},
): Resource<UserDesired, UserState> => {
  const {notify, state = 'present', createHome = true, updatePassword = 'always', ...rest} = options
  return build({...rest, state, createHome, updatePassword}, notify)
}
