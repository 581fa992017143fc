import {readFileSync} from 'node:fs'
import {resolve} from 'node:path'
import {type Command, Option} from 'commander'
import {InvalidInput} from '../diagnostic.ts'
import type {AccessOptions} from '../inventory/target.ts'
import {askSecret} from './ask-secret.ts'
import type {Io} from './io.ts'

/** Flags about how hosts are reached. */
export type AccessFlags = {
  readonly transport?: 'ssh2' | 'openssh'
  readonly sshConfig?: string
  readonly askPass?: true
  readonly askBecomePass?: true
  readonly connectionPasswordFile?: string
  readonly becomePasswordFile?: string
  readonly acceptNew?: true
}

export const addAccessFlags = (command: Command): Command =>
  command
    .addOption(
      new Option('--transport <name>', "ssh2, or openssh: the system's own ssh program").choices(['ssh2', 'openssh']),
    )
    .option('--ssh-config <file>', "this ssh_config file instead of the usual ones, or 'none'")
    .option('-k, --ask-pass', 'ask for the password to log in with')
    .option('-K, --ask-become-pass', 'ask for the password that sudo or su asks for')
    .option('--connection-password-file <file>', 'its first line is the password to log in with')
    .option('--become-password-file <file>', 'its first line is the password that sudo or su asks for')
    .option('--accept-new', 'file the keys of hosts that are not known yet; a changed key is refused all the same')

/** What the flags say, with passwords read and asked for. */
export const accessOptions = async (flags: AccessFlags, io: Io): Promise<AccessOptions> => {
  const {transport, sshConfig, acceptNew} = flags
  const password = flags.askPass
    ? await askSecret('SSH password: ', io)
    : firstLine(flags.connectionPasswordFile, '--connection-password-file', io)
  const become = flags.askBecomePass
    ? await askSecret(`BECOME password${flags.askPass ? ' [defaults to SSH password]' : ''}: `, io)
    : firstLine(flags.becomePasswordFile, '--become-password-file', io)
  const becomePassword = become === '' && flags.askPass ? password : become
  return {
    ...(transport && {transport}),
    ...(sshConfig !== undefined && {sshConfig: sshConfig === 'none' ? sshConfig : resolve(io.cwd, sshConfig)}),
    ...(acceptNew && {acceptNew}),
    ...(password !== undefined && {password}),
    ...(becomePassword !== undefined && {becomePassword}),
  }
}

const firstLine = (file: string | undefined, flag: string, {cwd}: Io): string | undefined => {
  if (file === undefined) return undefined
  try {
    return readFileSync(resolve(cwd, file), 'utf8').split(/\r?\n/, 1)[0] ?? ''
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    const what = `the file of ${flag}, ${file}, cannot be read (${code})`
    throw new InvalidInput([{rule: 'missing-password-file', what, fix: 'correct the path'}])
  }
}
