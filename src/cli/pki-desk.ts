import {resolve} from 'node:path'
import {InvalidInput} from '../diagnostic.ts'
import type {Desk} from '../pki/desk.ts'
import type {Place} from '../pki/index-file.ts'
import {exitCodes} from '../playbook/exit-code.ts'
import {displayPath} from '../playbook/paths.ts'
import type {Keyring, VaultKey} from '../vault/keyring.ts'
import {VaultProblem} from '../vault/vault-problem.ts'
import {projectOf} from './flags.ts'
import type {Io} from './io.ts'
import {encryptionKey, keyringOf, orPrompt, type VaultFlags} from './vault-flags.ts'

/** Flags of every command of an authority. */
export type PkiFlags = VaultFlags & {readonly directory: string}

export const placeOf = ({directory: given}: PkiFlags, {cwd}: Io): Place => {
  const directory = resolve(projectOf([], cwd), given)
  return {directory, shown: displayPath(directory)}
}
export const timeOf = ({now}: Io): Date => now?.() ?? new Date()
export const deskOf = (flags: PkiFlags, io: Io): Desk => ({
  place: placeOf(flags, io),
  keys: orPrompt(keyringOf(flags, io)),
  now: timeOf(io),
})

/** What new keys are encrypted with. */
export const newKeyOf = (
  flags: PkiFlags & {readonly encryptVaultId?: string},
  io: Io,
): {readonly keys: Keyring; readonly vaultKey: VaultKey} => {
  const keys = orPrompt(keyringOf(flags, io), {isNew: true})
  return {keys, vaultKey: encryptionKey(keys, flags.encryptVaultId)}
}

/** What a password program or prompt says is a problem of the input too. */
export const answering = async (work: () => Promise<void>): Promise<number> => {
  try {
    await work()
    return exitCodes.ok
  } catch (error) {
    if (!(error instanceof VaultProblem)) throw error
    const {rule, message: what, why, fix} = error
    throw new InvalidInput([{rule, what, fix, ...(why !== undefined && {why})}])
  }
}

/** `2026-11-23` */
export const day = (time: string): string => time.slice(0, 10)
