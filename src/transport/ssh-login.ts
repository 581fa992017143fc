import {readFile} from 'node:fs/promises'
import type {AnyAuthMethod, ParsedKey} from 'ssh2'
import {type Target, TransportError} from './transport.ts'

const parsed = new Map<string, ParsedKey | string>()

/** Parses a private key once: the KDF of an encrypted one takes 0.3 s. A string is the reason why it is of no use. */
const readKey = async (file: string, parse: typeof import('ssh2').utils.parseKey): Promise<ParsedKey | string> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => error)
  if (text instanceof Error) return `${file} cannot be read (${text.code})`
  const cached = parsed.get(text)
  if (cached !== undefined) return cached
  const key = parse(text)
  const first = Array.isArray(key) ? key[0] : key
  const usable =
    first instanceof Error || first === undefined
      ? `${file}: ${/encrypted/i.test(first?.message ?? '') ? 'is encrypted; add it to the ssh agent' : (first?.message ?? 'no key in it')}`
      : first.isPrivateKey()
        ? first
        : `${file} holds a public key; name the private one`
  parsed.set(text, usable)
  return usable
}

/** The ways to log in, in the order in which they are tried, and why others are not tried. */
export const loginMethods = async (
  {host, user, keyFiles, password}: Target,
  parse: typeof import('ssh2').utils.parseKey,
): Promise<{methods: AnyAuthMethod[]; unusable: string[]}> => {
  const keys = await Promise.all(keyFiles.map(file => readKey(file, parse)))
  const unusable = keys.filter(key => typeof key === 'string')
  const agent = keyFiles.length === 0 ? process.env['SSH_AUTH_SOCK'] : undefined
  const methods: AnyAuthMethod[] = keys
    .filter(key => typeof key !== 'string')
    .map(key => ({type: 'publickey', username: user, key}))
  if (agent !== undefined && agent !== '') methods.push({type: 'agent', username: user, agent})
  if (password !== undefined)
    methods.push(
      {type: 'password', username: user, password},
      {
        type: 'keyboard-interactive',
        username: user,
        prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => password)),
      },
    )
  if (methods.length === 0)
    throw new TransportError(
      'login-refused',
      host,
      unusable.length > 0
        ? `no usable key: ${unusable.join('; ')}`
        : `no way to log in as ${user}: name a private key file, start an ssh agent or give a password`,
    )
  return {methods, unusable}
}
