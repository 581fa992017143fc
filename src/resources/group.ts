import {$} from '../shell/command.ts'
import {
  type Answer,
  type Change,
  type Handler,
  type Kind,
  type Resource,
  resourceOf,
  Unreadable,
  type Unsupported,
  unsupported,
} from './resource.ts'
import {accountNameRule, broken} from './rules.ts'

export type GroupDesired = {
  readonly name: string
  readonly state: 'present' | 'absent'
  readonly gid?: number
  /** On creation: a number from the range of the system's own. */
  readonly system?: boolean
  /** Another group may have the same number. */
  readonly nonUnique?: boolean
}

export type GroupState = {
  /** undefined: there is none. Its number is unknown where a package is going to make it, null where we do. */
  readonly group: {readonly gid: number | null | undefined} | undefined
  /** A user whose primary group it is. */
  readonly user?: string
}

/** A group of the host. Who is in it is said by the users. */
export const groupKind: Kind<GroupDesired, GroupState> = {
  name: 'group',
  identify: ({name}) => name,
  probe: ({name}) => ({
    // getent(1) exits 2 for a name that is not known.
    command: $`
command -v getent >/dev/null || { echo 'no getent'; exit 0; }
g=$(getent group -- ${name}) || [ $? -eq 2 ] || exit
printf 'group %s\\n' "$g"
[ -z "$g" ] || getent passwd | while IFS=: read -r n x id i r; do [ "$g" = "\${g%:"$i":*}" ] || printf 'user %s\\n' "$n"; done
exit 0`,
    parse: answer => parse(name, answer),
  }),
  predict: ({name}, {group, user}, foresight) => {
    let after: GroupState['group'] = group ?? (foresight.groups.has(name) ? {gid: undefined} : undefined)
    for (const {path, to} of foresight.changesOf('group', name)) {
      if (path === 'state') after = to === 'absent' ? undefined : {gid: null}
      if (path === 'gid') after = {gid: Number(to)}
    }
    const leaves =
      user !== undefined && foresight.changesOf('user', user).some(({path}) => /^(state|group)$/.test(path))
    return {group: after, ...(user !== undefined && !leaves && {user})}
  },
  obstacle: ({state}, {group, user}) =>
    state === 'absent' && group && user !== undefined
      ? `it is the primary group of the user ${user}, and nothing before changes that`
      : undefined,
  diff({state, gid}, {group}) {
    if (state === 'absent') return group ? [{path: 'state', from: 'present', to: 'absent'}] : []
    const number = gid === undefined ? [] : [{path: 'gid', from: group?.gid ?? null, to: gid}]
    if (!group) return [{path: 'state', from: 'absent', to: 'present'}, ...number]
    if (gid !== undefined && group.gid === undefined) return 'unknown'
    return group.gid === gid ? [] : number
  },
  steps({name, state, gid, system, nonUnique}, changes) {
    const number = [...(gid === undefined ? [] : ['-g', gid]), ...(gid !== undefined && nonUnique ? ['-o'] : [])]
    if (state === 'absent') return [{do: 'run', title: `remove the group ${name}`, command: $`groupdel -- ${name}`}]
    return changes.some(({path}) => path === 'state')
      ? [
          {
            do: 'run',
            title: `create the group ${name}`,
            command: $`groupadd ${[...number, ...(system ? ['-r'] : [])]} -- ${name}`,
          },
        ]
      : [{do: 'run', title: `give the group ${name} the number ${gid}`, command: $`groupmod ${number} -- ${name}`}]
  },
  provides: ({name, state}, changes) => ({
    ...(state === 'present' && {groups: [name]}),
    made: [{kind: 'group', name, changes}],
  }),
  isBeside: (first, later) =>
    first.state === later.state && (first.gid === undefined || later.gid === undefined || first.gid === later.gid),
  problems: ({name, gid, nonUnique}) =>
    broken(
      accountNameRule('name', name),
      nonUnique && gid === undefined ? 'nonUnique: it needs a gid' : undefined,
      gid !== undefined && !(Number.isInteger(gid) && gid >= 0)
        ? `gid: ${gid} is not the number of a group`
        : undefined,
    ),
}

const parse = (name: string, {code, stdout, stderr}: Answer): GroupState | Unsupported => {
  if (stdout.startsWith('no getent')) return unsupported('this host has no getent')
  const line = /^group (.*)$/m.exec(stdout)?.[1]
  if (code !== 0 || line === undefined) throw new Unreadable(stderr.trim() || `getent ended with exit code ${code}`)
  if (line === '') return {group: undefined}
  const [found, , gid = ''] = line.split(':')
  if (found !== name || !/^\d+$/.test(gid)) throw new Unreadable(`getent tells ${JSON.stringify(line)} of ${name}`)
  const user = /^user (.*)$/m.exec(stdout)?.[1]
  return {group: {gid: Number(gid)}, ...(user !== undefined && {user})}
}

/** The changes of a group that comes or goes with its user. */
export const groupMade = (name: string, to: 'present' | 'absent'): {kind: string; name: string; changes: Change[]} => ({
  kind: 'group',
  name,
  changes: [{path: 'state', from: to === 'absent' ? 'present' : 'absent', to}],
})

const build = resourceOf(groupKind)

/** A group: `group({name: 'admins', gid: 3000})`, or its absence. */
export const group = (
  options: Omit<GroupDesired, 'state'> & {
    readonly state?: GroupDesired['state']
    readonly notify?: readonly Handler[]
  },
): Resource<GroupDesired, GroupState> => {
  const {notify, state = 'present', ...rest} = options
  return build({...rest, state}, notify)
}
