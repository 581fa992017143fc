import {existsSync} from 'node:fs'
import {resolve} from 'node:path'
import type {Command} from 'commander'
import {InvalidInput} from '../diagnostic.ts'
import {displayPath, expandPath} from '../playbook/paths.ts'
import type {Keyring} from '../vault/keyring.ts'
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
  const named = variables.flatMap(name => (env[name] ? [path(env[name], name)] : []))
  return keyringFrom([
    ...ids,
    ...[...files, ...named.slice(0, 1)].map((from): PasswordSource => ({label: 'default', from})),
    ...(flags.askVaultPass ? [{label: 'default', from: {question: 'Vault password: '}}] : []),
  ])
}
