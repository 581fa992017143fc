import {spawnSync} from 'node:child_process'
import {readFileSync, statSync} from 'node:fs'
import {basename, extname} from 'node:path'
import {registerSecret} from '../shell/secret.ts'
import {isVaulted} from './envelope.ts'
import {type Keyring, open, type VaultKey} from './keyring.ts'
import {prompt} from './prompt.ts'
import {VaultProblem} from './vault-problem.ts'

/** Where a password comes from: a file, a program that prints it, or a person. */
export type PasswordSource = {
  readonly label: string
  readonly from: {readonly path: string} | {readonly question: string; readonly isNew?: boolean}
}

const problem = (what: string, fix: string, why?: string): VaultProblem =>
  new VaultProblem({rule: 'vault-password-file', what, fix, ...(why !== undefined && {why})})

/** Programs whose name ends in -client are told which vault id they are asked for. */
const isClient = (path: string): boolean => basename(path, extname(path)).endsWith('-client')

const fromProgram = (path: string, label: string): Buffer => {
  const {status, stdout, error} = spawnSync(path, isClient(path) ? ['--vault-id', label] : [], {
    stdio: ['inherit', 'pipe', 'inherit'],
  })
  if (error)
    throw problem(
      `${path} cannot be run for the vault password`,
      'if it is no program, make it not executable',
      error.message,
    )
  if (status !== 0)
    throw problem(
      `${path} gave no vault password for '${label}'`,
      'run it by hand to see what it says',
      `it ended with code ${status}`,
    )
  return Buffer.from(stdout.toString('latin1').replace(/^[\r\n]+|[\r\n]+$/g, ''), 'latin1')
}

/** A file may be encrypted itself, with a password that stands before it. */
const fromFile = (path: string, earlier: Keyring): Buffer => {
  const content = readFileSync(path)
  const plain = isVaulted(content) ? open(content.toString('latin1'), earlier).plain : content
  return Buffer.from(plain.toString('latin1').trim(), 'latin1')
}

const fetch = ({label, from}: PasswordSource, earlier: Keyring): Buffer => {
  if ('question' in from) {
    const answer = prompt(from.question)
    if (from.isNew && prompt('The same again: ') !== answer)
      throw problem('the two passwords are not the same', 'enter the same password twice')
    return Buffer.from(answer)
  }
  const {path} = from
  let password: Buffer
  try {
    password = (statSync(path).mode & 0o111) === 0 ? fromFile(path, earlier) : fromProgram(path, label)
  } catch (error) {
    if (error instanceof VaultProblem) throw error
    throw problem(`the vault password file ${path} cannot be read`, 'check the path', (error as Error).message)
  }
  if (password.length === 0) throw problem(`the vault password in ${path} is empty`, 'write the password into it')
  return password
}

/** Passwords in the order in which they are tried; each is fetched when it is first needed, and once. */
export const keyringFrom = (sources: readonly PasswordSource[]): Keyring => {
  const keys: VaultKey[] = []
  for (const source of sources) {
    const earlier = [...keys]
    let password: Buffer | undefined
    keys.push({
      label: source.label,
      password() {
        password ??= fetch(source, earlier)
        registerSecret(password.toString())
        return password
      },
    })
  }
  return keys
}
