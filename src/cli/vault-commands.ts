import type {Command} from 'commander'
import {helpAfter} from './help.ts'
import type {Io} from './io.ts'
import {addVaultFlags} from './vault-flags.ts'

type Add = (name: string, description: string) => Command

const several = (value: string, before: readonly string[] = []): string[] => [...before, value]

/** `gatewright vault view|edit|encrypt|decrypt|rekey`. */
export const addVaultCommands = (add: Add, end: (code: number) => void, io: Io): void => {
  const vault = add('vault', 'read and write what is encrypted with Ansible Vault')
  const below = (name: string, description: string): Command =>
    vault
      .command(name)
      .description(description)
      .addHelpText('after', helpAfter(`vault ${name}`))
  const key = (command: Command): Command =>
    command.option('--key <a.b[0]>', 'only this encrypted value of a YAML file; the rest stays byte for byte')
  const passwords = (command: Command): Command => addVaultFlags(command, 'Passwords:')
  const load = () => import('./vault.ts')

  passwords(key(below('view', 'print files, or one value, decrypted').argument('<file...>'))).action(
    async (files, flags) => end((await load()).view(files, flags, io)),
  )
  passwords(key(below('edit', 'edit a file, or one value, in $EDITOR').argument('<file>'))).action(
    async (file, flags) => end(await (await load()).edit(file, flags, io)),
  )
  passwords(
    below('encrypt', 'encrypt files, or print one text encrypted for a YAML file')
      .argument('[file...]')
      .option('--string <text>', 'this text; other users of this machine can read it while the command runs')
      .option('--stdin-name <name>', 'the text on standard input, as the value of this variable')
      .option('--name <name>', 'with --string: the variable')
      .option('--encrypt-vault-id <label>', 'with the password of this vault id'),
  ).action(async (files, flags) => end((await load()).encrypt(files, flags, io)))
  passwords(key(below('decrypt', 'store files, or one value, decrypted').argument('<file...>'))).action(
    async (files, flags) => end((await load()).decrypt(files, flags, io)),
  )
  passwords(
    key(below('rekey', 'encrypt files, or the values in YAML files, with another password').argument('<file...>'))
      .option('--new-vault-password-file <file>', 'the new password: a file, or a program that prints it')
      .option(
        '--new-vault-id <label@source>',
        'the same with a vault id; the source is a file, a program or prompt',
        several,
      ),
  ).action(async (files, flags) => end((await load()).rekey(files, flags, io)))
}
