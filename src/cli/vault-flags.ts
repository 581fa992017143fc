import {existsSync} from 'node:fs'
import {resolve} from 'node:path'
import type {Command} from 'commander'
import {InvalidInput} from '../diagnostic.ts'
import {displayPath, expandPath} from '../playbook/paths.ts'
import type {Keyring, VaultKey} from '../vault/keyring.ts'
import {keyringFrom, type PasswordSource} from '../vault/passwords.ts'
import type {Io} from './io.ts'

/** Where the passwords of Ansible Vault come from. */
export type VaultFlags = {
  readonly vaultId?: readonly string[]
  readonly vaultPasswordFile?: readonly string[]
  readonly askVaultPass?: true
}

const several = (value: string, before: readonly string[] = []): string[] => [...before, value]

export const addVaultFlags = (command: Command, heading: string): Command =>
  command
    .optionsGroup(heading)
    .option(
      '--vault-password-file <file>',
      'the vault password: a file, or a program that prints it (repeatable)',
      several,
    )
    .option(
      '--vault-id <label@source>',
      'the same for one vault id; the source is a file, a program or prompt',
      several,
    )
    .option('--ask-vault-pass', 'ask for the vault password when it is needed')

/** Files that the environment names: ours, then Ansible's. */
const variables = ['GATEWRIGHT_VAULT_PASSWORD_FILE', 'ANSIBLE_VAULT_PASSWORD_FILE']

/** Passwords in the order in which Ansible tries them: vault ids, files, the environment, a question. */
export const keyringOf = (flags: VaultFlags, {env, cwd}: Pick<Io, 'env' | 'cwd'>): Keyring => {
  const path = (given: string, flag: string): {path: string} => {
    const full = given.startsWith('~') ? expandPath(given) : resolve(cwd, given)
    if (existsSync(full)) return {path: full}
    throw new InvalidInput([
      {
        rule: 'vault-password-file',
        what: `the vault password file ${displayPath(full)} does not exist`,
        fix: 'check the path',
        at: {file: flag, line: 0, column: 0},
      },
    ])
  }
  const ids = (flags.vaultId ?? []).map((given): PasswordSource => {
    const [, label = 'default', source = ''] = /^(?:([^@]*)@)?(.*)$/s.exec(given) ?? []
    if (source === 'prompt') return {label, from: {question: `Vault password (${label}): `}}
    return {label, from: path(source, '--vault-id')}
  })
  const files = (flags.vaultPasswordFile ?? []).map(given => path(given, '--vault-password-file'))
  const variable = variables.find(name => env[name])
  return keyringFrom([
    ...ids,
    ...[...files, ...(variable === undefined ? [] : [path(env[variable] ?? '', variable)])].map(
      (from): PasswordSource => ({label: 'default', from}),
    ),
    ...(flags.askVaultPass ? [{label: 'default', from: {question: 'Vault password: '}}] : []),
  ])
}

/** A question where no password was given: these commands have no use without one. */
export const orPrompt = (keys: Keyring, {isNew = false} = {}): Keyring =>
  keys.length > 0 ? keys : keyringFrom([{label: 'default', from: {question: 'Vault password: ', isNew}}])

export type NewKeyFlags = {readonly newVaultPasswordFile?: string; readonly newVaultId?: readonly string[]}

/** The password that `rekey` encrypts with. */
export const newKeyOf = ({newVaultPasswordFile, newVaultId}: NewKeyFlags, io: Pick<Io, 'cwd'>): VaultKey => {
  const given = {
    ...(newVaultId && {vaultId: newVaultId}),
    ...(newVaultPasswordFile !== undefined && {vaultPasswordFile: [newVaultPasswordFile]}),
  }
  const question = {label: 'default', from: {question: 'New vault password: ', isNew: true}}
  const [key, second] =
    newVaultId || newVaultPasswordFile ? keyringOf(given, {...io, env: {}}) : keyringFrom([question])
  if (key && !second) return key
  const what = 'two new passwords are given'
  throw new InvalidInput([{rule: 'vault-id', what, fix: 'give one of --new-vault-id and --new-vault-password-file'}])
}

/** The password to encrypt with: the only one, or the one of a vault id. */
export const encryptionKey = (keys: Keyring, label: string | undefined): VaultKey => {
  const refuse = (what: string, fix: string): never => {
    throw new InvalidInput([{rule: 'vault-id', what, fix}])
  }
  const [first, second] = label === undefined ? keys : keys.filter(key => key.label === label)
  const labels = keys.map(key => key.label).join(', ')
  if (!first) return refuse(`there is no password for the vault id '${label}'`, `given: ${labels}`)
  if (second && label === undefined)
    return refuse(`there are several passwords: ${labels}`, 'choose one with --encrypt-vault-id LABEL')
  return first
}
