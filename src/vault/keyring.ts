import {InvalidInput, type Position} from '../diagnostic.ts'
import {unseal} from './cipher.ts'
import {labelOf, readEnvelope} from './envelope.ts'
import {VaultProblem} from './vault-problem.ts'

/** A password and the vault id that it is for; `password` asks for it when it is first needed, and throws VaultProblem. */
export type VaultKey = {readonly label: string; readonly password: () => Buffer}

/** The passwords of a run, in the order in which they are tried. */
export type Keyring = readonly VaultKey[]

const locked = (label: string | undefined): VaultProblem =>
  new VaultProblem({
    rule: 'vault-locked',
    what: 'this is encrypted with Ansible Vault, and no password was given',
    fix: `give it with --vault-password-file FILE, --vault-id ${label ?? 'LABEL'}@FILE or --ask-vault-pass`,
  })

const refused = (label: string | undefined, keys: Keyring): VaultProblem =>
  new VaultProblem({
    rule: 'vault-password',
    what: keys.length === 1 ? 'the vault password is wrong' : 'none of the vault passwords is right',
    why: `tried: ${keys.map(key => key.label).join(', ')}${label === undefined ? '' : `; the text was encrypted for '${label}'`}; damaged text looks the same`,
    fix: `give the right one with --vault-id ${label ?? 'LABEL'}@FILE or --vault-password-file FILE`,
  })

/** Keys of the text's own vault id come first, as Ansible has it; the id is no more than a hint. */
const ordered = (keys: Keyring, label: string | undefined): Keyring => [
  ...keys.filter(key => key.label === label),
  ...keys.filter(key => key.label !== label),
]

/** The plain text of encrypted text, and the key that opened it. Throws VaultProblem. */
export const open = (text: string, keys: Keyring): {plain: Buffer; key: VaultKey; label: string | undefined} => {
  if (keys.length === 0) throw locked(labelOf(text))
  const envelope = readEnvelope(text)
  const {label} = envelope
  for (const key of ordered(keys, label)) {
    const plain = unseal(envelope, key.password())
    if (plain) return {plain, key, label}
  }
  throw refused(label, keys)
}

/** The same for text that begins at `at`. Throws InvalidInput. */
export const openedAt = (text: string, at: Position, keys: Keyring): ReturnType<typeof open> => {
  try {
    return open(text, keys)
  } catch (error) {
    if (!(error instanceof VaultProblem)) throw error
    const {rule, message: what, why, fix, line} = error
    throw new InvalidInput([{rule, what, ...(why !== undefined && {why}), fix, at: {...at, line: at.line + line}}])
  }
}

export const openAt = (text: string, at: Position, keys: Keyring): Buffer => openedAt(text, at, keys).plain
