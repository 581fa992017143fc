import {existsSync, mkdirSync, readFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {newSigningKey, type Signer, signerOf} from '../audit/evidence/keys.ts'
import {verifyEvidence} from '../audit/evidence/verify.ts'
import {InvalidInput} from '../diagnostic.ts'
import {sealText} from '../pki/private-keys.ts'
import {exitCodes} from '../playbook/exit-code.ts'
import {displayPath} from '../playbook/paths.ts'
import {registerSecret} from '../shell/secret.ts'
import {writeAtomically} from '../vault/atomic-write.ts'
import {isVaulted} from '../vault/envelope.ts'
import {openAt} from '../vault/keyring.ts'
import {count, messageOf} from '../wording.ts'
import type {Io} from './io.ts'
import {answering} from './pki-desk.ts'
import {encryptionKey, keyringOf, orPrompt, type VaultFlags} from './vault-flags.ts'

const privateName = 'signing.key'
const publicName = 'signing.pub'
const place = 'evidence'

const refuse = (rule: string, what: string, fix: string): never => {
  throw new InvalidInput([{rule, what, fix}])
}

/** `gatewright evidence init`: a key that signs evidence, encrypted with Ansible Vault, and its public half. */
export const initEvidence = (
  flags: VaultFlags & {readonly directory: string; readonly encryptVaultId?: string},
  io: Io,
): Promise<number> =>
  answering(async () => {
    const directory = resolve(io.cwd, flags.directory)
    const [secret, open] = [join(directory, privateName), join(directory, publicName)]
    for (const path of [secret, open])
      if (existsSync(path))
        refuse(
          'evidence-exists',
          `${displayPath(path)} is there already`,
          'keep it: evidence that it signed is verified with it; name another --directory for a new key',
        )
    const vaultKey = encryptionKey(orPrompt(keyringOf(flags, io), {isNew: true}), flags.encryptVaultId)
    const {privateKey, publicKey} = newSigningKey()
    registerSecret(privateKey)
    mkdirSync(directory, {recursive: true})
    writeAtomically(secret, sealText(privateKey, vaultKey), 0o600)
    writeAtomically(open, publicKey, 0o644)
    io.stdout.write(`${displayPath(secret)} signs evidence, encrypted
${displayPath(open)} verifies it: give it to whoever audits you, ${signerOf(privateKey).key}
`)
  })

/** What signs the evidence of an audit: the key that was named, or that of the project; undefined: nothing does. */
export const signerFor = (
  {signKey, ...flags}: VaultFlags & {readonly signKey?: string},
  project: string,
  io: Io,
): Signer | undefined => {
  const path = signKey === undefined ? join(project, place, privateName) : resolve(io.cwd, signKey)
  if (!existsSync(path)) {
    if (signKey === undefined) return undefined
    return refuse('evidence-key', `${displayPath(path)} does not exist`, 'make one with gatewright evidence init')
  }
  const text = readFileSync(path, 'utf8')
  if (!isVaulted(text))
    refuse(
      'evidence-plain-key',
      `${displayPath(path)} is not encrypted`,
      'take it for known to others and make a new one; if it is not, encrypt it with gatewright vault encrypt',
    )
  const at = {file: displayPath(path), line: 1, column: 1}
  const plain = openAt(text, at, orPrompt(keyringOf(flags, io))).toString()
  registerSecret(plain)
  try {
    return signerOf(plain)
  } catch (error) {
    return refuse(
      'evidence-key',
      `${displayPath(path)} signs no evidence: ${messageOf(error)}`,
      'make one with gatewright evidence init',
    )
  }
}

/** `gatewright evidence verify FILE...`: each file by itself, and that each follows the one before. */
export const verify = (files: readonly string[], {key}: {readonly key: string}, io: Io): number => {
  const publicKey = textOf(key, io)
  let isSound = true
  let before: string | undefined
  for (const file of files) {
    const {problems, records, seal} = checked(textOf(file, io), publicKey, key, before)
    for (const {line, what} of problems) io.stdout.write(`${file}:${line}: ${what}\n`)
    if (problems.length === 0) io.stdout.write(`${file}: sound, ${count(records, 'record')}\n`)
    isSound &&= problems.length === 0
    before = seal
  }
  return isSound ? exitCodes.ok : exitCodes.failed
}

const checked = (text: string, publicKey: string, path: string, before: string | undefined) => {
  try {
    return verifyEvidence(text, publicKey, before)
  } catch (error) {
    return refuse(
      'evidence-key',
      `${path} is no public key: ${messageOf(error)}`,
      `give the ${publicName} that evidence init made`,
    )
  }
}

const textOf = (path: string, {cwd}: Io): string => {
  try {
    return readFileSync(resolve(cwd, path), 'utf8')
  } catch (error) {
    return refuse('evidence-file', `${path} cannot be read: ${messageOf(error)}`, 'check the path')
  }
}
