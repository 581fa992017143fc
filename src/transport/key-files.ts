import {readFile} from 'node:fs/promises'
import type {ParsedKey} from 'ssh2'

export type ParseKey = typeof import('ssh2').utils.parseKey

/** What a private key file gives: a key, or the reason why not. The public half is known of encrypted ones too. */
export type KeyFile = {
  readonly file: string
  readonly publicBlob?: Buffer
  readonly key?: ParsedKey
  readonly trouble?: string
  readonly isEncrypted?: true
  readonly isMissing?: true
}

const parsed = new Map<string, KeyFile>()

/** Reads a private key. It is parsed once in a process: the KDF of an encrypted one blocks everything for 0.3 s. */
export const readKeyFile = async (file: string, passphrase: string | undefined, parse: ParseKey): Promise<KeyFile> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => error)
  if (text instanceof Error)
    return {file, trouble: `${file} cannot be read (${text.code})`, ...(text.code === 'ENOENT' && {isMissing: true})}
  const id = JSON.stringify([file, passphrase ?? null, text])
  const cached = parsed.get(id)
  if (cached !== undefined) return cached
  const result = {file, ...judge(file, text, passphrase, parse)}
  parsed.set(id, result)
  return result
}

const judge = (file: string, text: string, passphrase: string | undefined, parse: ParseKey): Omit<KeyFile, 'file'> => {
  const result = parse(text)
  const plain = Array.isArray(result) ? result[0] : result
  if (plain !== undefined && !(plain instanceof Error))
    return plain.isPrivateKey()
      ? {key: plain, publicBlob: plain.getPublicSSH()}
      : {publicBlob: plain.getPublicSSH(), trouble: `${file} holds a public key, whose other half no agent has`}
  const message = plain?.message ?? 'no key in it'
  if (!/encrypted/i.test(message)) return {trouble: `${file}: ${message}`}
  const publicBlob = publicHalf(text)
  const base = {isEncrypted: true, ...(publicBlob && {publicBlob})} as const
  if (passphrase === undefined)
    return {
      ...base,
      trouble: `${file}: is encrypted; add it to the ssh agent, or give ansible_ssh_private_key_passphrase`,
    }
  const unlocked = parse(text, passphrase)
  const key = Array.isArray(unlocked) ? unlocked[0] : unlocked
  if (key === undefined || key instanceof Error) return {...base, trouble: `${file}: its passphrase is another one`}
  return {...base, key, publicBlob: key.getPublicSSH()}
}

/** The public half of a key in OpenSSH's format, which is never encrypted. */
const publicHalf = (text: string): Buffer | undefined => {
  const magic = 'openssh-key-v1\0'
  const body = /BEGIN OPENSSH PRIVATE KEY-+([\s\S]+?)-+END/.exec(text)?.[1]
  const bytes = Buffer.from(body ?? '', 'base64')
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined
  let at = magic.length
  const next = (): Buffer => {
    const length = bytes.readUInt32BE(at)
    const field = bytes.subarray(at + 4, at + 4 + length)
    at += 4 + length
    return field
  }
  // Cipher, KDF and its options, then the number of keys.
  for (let field = 0; field < 3; field += 1) next()
  at += 4
  return next()
}
