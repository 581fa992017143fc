import {createHash} from 'node:crypto'
import {$, raw} from '../shell/command.ts'
import {type KeyLine, readKey, readOptions, withKeys} from './authorized-keys-file.ts'
import {bytesOf} from './content.ts'
import {type Foresight, Unforeseen} from './foresight.ts'
import {
  type Answer,
  type Handler,
  type Kind,
  type Resource,
  resourceOf,
  Unreadable,
  type Unsupported,
  unsupported,
} from './resource.ts'
import {accountRule, broken, pathRule} from './rules.ts'

export type AuthorizedKeyDesired = {
  readonly user: string
  /** One or several lines of an authorized_keys file. */
  readonly key: string
  readonly state: 'present' | 'absent'
  /** In the place of those that stand before the keys. */
  readonly options?: string
  /** In the place of those that stand behind the keys. */
  readonly comment?: string
  readonly exclusive: boolean
  /** The file; `.ssh/authorized_keys` in the home directory unless given. */
  readonly path?: string
  /** The directory of the file is made, given to the user, and closed to others. */
  readonly manageDirectory: boolean
  /** A link to a file elsewhere stays. */
  readonly follow: boolean
}

export type AuthorizedKeyState = {
  /** undefined: there is no such user. */
  readonly path: string | undefined
  readonly content: string
}

/** Keys of one user with which to log in. The rest of the file stays as it is, unless they are to be the only ones. */
export const authorizedKeyKind: Kind<AuthorizedKeyDesired, AuthorizedKeyState> = {
  name: 'authorized_key',
  identify: ({user, path}) => (path === undefined ? user : `${user} ${path}`),
  probe: ({user, path}) => ({
    command: $`
command -v getent >/dev/null || { echo 'no getent'; exit 0; }
e=$(getent passwd -- ${user}) || [ $? -eq 2 ] || exit
f=${path ?? ''}
if [ -n "$e" ]; then
echo user
e=\${e%:*}
[ -n "$f" ] || f=\${e##*:}/.ssh/authorized_keys
fi
[ -n "$f" ] || exit 0
printf 'path %s\\n' "$f"
[ -f "$f" ] || exit 0
b=$(base64 <"$f") || exit
printf 'content %s\\n' "$(printf %s "$b" | tr -d '\\n')"`,
    parse,
  }),
  predict: (desired, state, foresight) => foresee(desired, state, foresight),
  obstacle: ({user, state}, {path}) =>
    path === undefined && state === 'present'
      ? `the user ${user} does not exist, and nothing before makes it`
      : undefined,
  diff(desired, {path, content}) {
    const to = path === undefined ? undefined : withKeys(content, wantedOf(desired))
    return to === undefined ? [] : [{path: 'content', from: content, to}]
  },
  steps: (desired, _changes, {content}) => [
    {
      do: 'run',
      title: `${desired.state === 'present' ? 'write' : 'remove'} keys of ${desired.user}`,
      command: writeScript(desired, content).reading(withKeys(content, wantedOf(desired)) ?? content),
    },
  ],
  provides: ({user}, changes, {path}) => {
    const content = changes[0]?.to
    if (path === undefined || typeof content !== 'string') return {}
    const after = {type: 'file', mode: '0600', owner: [user], group: [], content} as const
    return {paths: new Map([[path, after]])}
  },
  isBeside: (one, other) => {
    const [keys, others] = [wantedOf(one).keys, wantedOf(other).keys]
    const shared = keys.some(({data}) => others.some(key => key.data === data))
    return (
      one.follow === other.follow &&
      one.manageDirectory === other.manageDirectory &&
      !one.exclusive &&
      !other.exclusive &&
      (!shared || (one.state === other.state && one.options === other.options && one.comment === other.comment))
    )
  },
  problems: ({user, key, path, comment = '', options = ''}) =>
    broken(
      accountRule('user', user),
      path === undefined ? undefined : pathRule('path', path),
      linesOf(key).length === 0 ? 'key: there is none' : undefined,
      ...linesOf(key).map(line =>
        readKey(line, 0) ? undefined : `key: ${JSON.stringify(shorten(line))} is not a public key of OpenSSH`,
      ),
      /[\r\n]/.test(comment + options) ? 'comment: it, and options, are one line' : undefined,
    ),
}

const shorten = (line: string): string => (line.length > 40 ? `${line.slice(0, 40)}…` : line)
const linesOf = (key: string): string[] => key.split(/\r\n|\n|\r/).filter(line => line !== '' && !line.startsWith('#'))

const wantedOf = ({key, options, comment, state, exclusive}: AuthorizedKeyDesired) => ({
  state,
  exclusive,
  keys: linesOf(key).flatMap((line, rank): KeyLine[] => {
    const read = readKey(line, rank)
    return read
      ? [
          {
            ...read,
            ...(options !== undefined && {options: readOptions(options)}),
            ...(comment !== undefined && {comment}),
          },
        ]
      : []
  }),
})

const parse = ({code, stdout, stderr}: Answer): AuthorizedKeyState | Unsupported => {
  if (stdout.startsWith('no getent')) return unsupported('this host has no getent')
  if (code !== 0) throw new Unreadable(stderr.trim() || `the probe ended with exit code ${code}`)
  const path = /^path (.*)$/m.exec(stdout)?.[1]
  return {
    path: /^user$/m.test(stdout) ? path : undefined,
    content: Buffer.from(/^content (.*)$/m.exec(stdout)?.[1] ?? '', 'base64').toString(),
  }
}

const foresee = (
  {user, path: given}: AuthorizedKeyDesired,
  state: AuthorizedKeyState,
  foresight: Foresight,
): AuthorizedKeyState | Unforeseen => {
  const changes = foresight.changesOf('user', user)
  const last = changes.findLast(({path}) => path === 'state')?.to
  if (last === 'absent') return {path: undefined, content: ''}
  const home = changes.findLast(({path}) => path === 'home')?.to
  if (state.path === undefined && last === undefined) {
    if (!foresight.users.has(user)) return state
    if (given === undefined) return new Unforeseen(`the home directory of ${user} is known once the user is there`)
  }
  const path = given ?? (typeof home === 'string' ? `${home}/.ssh/authorized_keys` : state.path)
  if (path === undefined) return state
  const patch = foresight.at(path)
  if (patch?.content !== undefined) return {path, content: bytesOf(patch.content).toString()}
  if (patch?.type === 'absent') return {path, content: ''}
  if (patch?.type === 'file') return new Unforeseen(`what ${path} holds is known once it is written`)
  return {path, content: path === state.path || given !== undefined ? state.content : ''}
}

/** The text on stdin replaces the file whole. It was made from what the file held, so that must still be there. */
const writeScript = ({user, path, manageDirectory, follow}: AuthorizedKeyDesired, before: string) => $`
e=$(getent passwd -- ${user}) || { echo ${`the user ${user} does not exist`}; exit 1; }
IFS=: read -r n x u g c h r <<END
$e
END
f=${path ?? ''}
[ -n "$f" ] || f=$h/.ssh/authorized_keys
d=$(dirname -- "$f")
${follow ? $`f=$(realpath -m -- "$f") || exit` : $`:`}
${manageDirectory ? manage : $`:`}
mkdir -p -- "$(dirname -- "$f")" || exit
now=$(if [ -f "$f" ]; then cat -- "$f"; fi | sha256sum | cut -d ' ' -f 1)
[ "$now" = ${createHash('sha256').update(before).digest('hex')} ] || { echo "$f has changed since it was read"; exit 1; }
t=$(mktemp -- "$f.XXXXXX") || exit
{ cat >"$t" && chown -- "$u:$g" "$t" && chmod 0600 -- "$t" && mv -f -- "$t" "$f"; } || { rm -f -- "$t"; exit 1; }`

const manage = raw(`[ -e "$d" ] || mkdir -m 0700 -- "$d" || exit
chown -- "$u:$g" "$d" && chmod 0700 -- "$d" || exit`)

const build = resourceOf(authorizedKeyKind)

/** Keys of a user: `authorizedKey({user: 'deploy', key: 'ssh-ed25519 AAAA… deploy@laptop'})`. */
export const authorizedKey = (
  options: Pick<AuthorizedKeyDesired, 'user' | 'key'> &
    Partial<AuthorizedKeyDesired> & {readonly notify?: readonly Handler[]},
): Resource<AuthorizedKeyDesired, AuthorizedKeyState> => {
  const {notify, state = 'present', exclusive = false, manageDirectory = true, follow = false, ...rest} = options
  return build({...rest, state, exclusive, manageDirectory, follow}, notify)
}
