import type {Command} from 'commander'
import {helpAfter} from './help.ts'
import type {Io} from './io.ts'
import {addVaultFlags} from './vault-flags.ts'

type Add = (name: string, description: string) => Command

/** `gatewright evidence init|verify`. */
export const addEvidenceCommands = (add: Add, end: (code: number) => void, io: Io): void => {
  const evidence = add('evidence', 'the signed evidence of audits')
  const below = (name: string, description: string): Command =>
    evidence
      .command(name)
      .description(description)
      .addHelpText('after', helpAfter(`evidence ${name}`))
  const load = () => import('./evidence.ts')
  addVaultFlags(
    below('init', 'make a key that signs evidence, encrypted with Ansible Vault, and its public half')
      .option('--directory <directory>', 'where they lie', 'evidence')
      .option('--encrypt-vault-id <label>', 'encrypt it with the password of this vault id'),
    'Passwords:',
  ).action(async flags => end(await (await load()).initEvidence(flags, io)))
  below('verify', 'say whether evidence is as it was signed, by nothing but the public key')
    .argument('<file...>', 'the oldest first, where there are several: each has to follow the one before')
    .requiredOption('--key <file>', 'the public key')
    .action(async (files, flags) => end((await load()).verify(files, flags, io)))
}
