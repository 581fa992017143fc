/*
 * The text of an authorized_keys file as Ansible's module authorized_key reads and writes it: a key is known by its data,
 * everything else is kept line by line.
 */

/** One key, or a line that is none: then `type` is undefined and `data` is the line with its end. */
export type KeyLine = {
  readonly data: string
  readonly type?: string
  /** In order; a name may come again. */
  readonly options: readonly (readonly [name: string, value: string | undefined])[]
  readonly comment: string
  readonly rank: number
}

const types = new Set(
  [
    'sk-ecdsa-sha2-nistp256 sk-ecdsa-sha2-nistp256-cert-v01 webauthn-sk-ecdsa-sha2-nistp256 sk-ssh-ed25519',
    'ecdsa-sha2-nistp256-cert-v01 ecdsa-sha2-nistp384-cert-v01 ecdsa-sha2-nistp521-cert-v01 sk-ssh-ed25519-cert-v01',
    'ssh-ed25519-cert-v01 ssh-xmss ssh-xmss-cert-v01 ssh-rsa-cert-v01 rsa-sha2-256-cert-v01 rsa-sha2-512-cert-v01',
    'ssh-dss-cert-v01',
  ]
    .flatMap(line => line.split(' '))
    .map(type => `${type}@openssh.com`)
    .concat('ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 ssh-ed25519'.split(' '))
    .concat('ssh-dss ssh-rsa rsa-sha2-256 rsa-sha2-512'.split(' ')),
)

/** `no-pty,command="a,b"` */
export const readOptions = (text: string): KeyLine['options'] =>
  [...text.matchAll(/(?:[^,"']|"[^"]*"|'[^']*')+/g)].map(([part]) => {
    const equals = part.indexOf('=')
    return equals < 0 ? [part, undefined] : [part.slice(0, equals), part.slice(equals + 1)]
  })

/** undefined: it is no key. */
export const readKey = (line: string, rank: number): KeyLine | undefined => {
  const words = line
    .replaceAll(String.raw`\#`, '#')
    .split(/[ \t\r\n]+/)
    .filter(word => word !== '')
  const at = words.findIndex(word => types.has(word))
  const [type, data] = [words[at], words[at + 1]]
  if (words[0] === '#' || type === undefined || data === undefined) return undefined
  return {data, type, options: readOptions(words.slice(0, at).join(' ')), comment: words.slice(at + 2).join(' '), rank}
}

const readFile = (text: string): Map<string, KeyLine> =>
  new Map(
    (text.match(/[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$/g) ?? []).map((line, rank) => {
      const key = readKey(line, rank) ?? {data: line, options: [], comment: '', rank}
      return [key.data, key]
    }),
  )

const lineOf = ({data, type, options, comment}: KeyLine): string => {
  if (type === undefined) return data
  const words = options.map(([name, value]) => (value === undefined ? name : `${name}=${value}`)).join(',')
  return `${words === '' ? '' : `${words} `}${type} ${data} ${comment}\n`
}

const isSame = (one: KeyLine, other: KeyLine): boolean => described(one) === described(other)
const described = ({data, type, options, comment}: KeyLine): string =>
  JSON.stringify([data, type, options.map(option => JSON.stringify(option)).toSorted(), comment])

export type KeysWanted = {
  readonly keys: readonly KeyLine[]
  readonly state: 'present' | 'absent'
  /** Nothing else may be in the file. */
  readonly exclusive: boolean
}

/** The file's new text; undefined when it is as it should be. */
export const withKeys = (text: string, {keys, state, exclusive}: KeysWanted): string | undefined => {
  const held = readFile(text)
  const size = held.size
  let isChanged = false
  for (const key of keys) {
    const existing = held.get(key.data)
    if (state === 'absent') {
      isChanged = held.delete(key.data) || isChanged
      continue
    }
    if (existing && isSame(existing, key)) continue
    held.delete(key.data)
    held.set(key.data, {...key, rank: size + key.rank})
    isChanged = true
  }
  if (state === 'present' && exclusive)
    for (const data of held.keys()) if (!keys.some(key => key.data === data)) isChanged = held.delete(data) || isChanged
  if (!isChanged) return undefined
  return [...held.values()]
    .toSorted((one, other) => one.rank - other.rank)
    .map(lineOf)
    .join('')
}
