import {type Command, Option} from 'commander'
import {helpAfter} from './help.ts'
import type {Io} from './io.ts'
import {addVaultFlags} from './vault-flags.ts'
import {wholeNumber} from './whole-number.ts'

type Add = (name: string, description: string) => Command

const several = (value: string, before: readonly string[] = []): string[] => [...before, value]
/** A hundred years. */
const days = (standard?: number): Option => {
  const option = new Option('--days <n>', 'how long it lasts').argParser(wholeNumber(1, 36_500))
  return standard === undefined ? option : option.default(standard)
}

const reason = (): Option =>
  new Option('--reason <reason>', 'why')
    .choices([
      'unspecified',
      'keyCompromise',
      'affiliationChanged',
      'superseded',
      'cessationOfOperation',
      'privilegeWithdrawn',
    ])
    .default('unspecified')

/** `gatewright pki init|issue|renew|revoke|list|crl|export|tls-crypt-v2|ssh-init|ssh-issue|ssh-revoke|wireguard-key`. */
export const addPkiCommands = (add: Add, end: (code: number) => void, io: Io): void => {
  const pki = add('pki', 'a certificate authority of the site, its keys encrypted with Ansible Vault')
  const below = (name: string, description: string): Command =>
    pki
      .command(name)
      .description(description)
      .option('--directory <directory>', 'where the authority lies', 'pki')
      .addHelpText('after', helpAfter(`pki ${name}`))
  const passwords = (command: Command): Command => addVaultFlags(command, 'Passwords:')
  const load = () => import('./pki.ts')

  passwords(
    below('init', 'make an authority: its key, its certificate and an empty revocation list')
      .option('--name <name>', 'the name that stands in certificates', 'Gatewright CA')
      .addOption(new Option('--curve <curve>', 'of all its keys').choices(['P-256', 'P-384']).default('P-256'))
      .addOption(days(3650))
      .option('--encrypt-vault-id <label>', 'encrypt its keys with the password of this vault id'),
  ).action(async flags => end(await (await load()).init(flags, io)))
  passwords(
    below('issue', 'a key and a certificate for a server or a client')
      .argument('<name>')
      .addOption(
        new Option('--profile <profile>', 'what it is for').choices(['server', 'client']).makeOptionMandatory(),
      )
      .option('--san <name>', 'a host name or address of the server (repeatable; default: its name)', several)
      .addOption(days(397))
      .option('--again', 'also when the name has a valid certificate'),
  ).action(async (name, flags) => end(await (await load()).issue(name, flags, io)))
  passwords(
    below('renew', 'new certificates for what ends soon, and a new revocation list when it is due')
      .argument('[certificate...]', 'names of certificates, whenever they end')
      .option('--new-key', 'with new keys')
      .addOption(days())
      .option('--authority', 'the certificate of the authority itself, for the same key'),
  ).action(async (names, flags) => end(await (await load()).renew(names, flags, io)))
  passwords(
    below('revoke', 'end certificates before their time, and write the revocation list')
      .argument('<certificate...>', 'names or serials')
      .addOption(reason()),
  ).action(async (given, flags) => end(await (await load()).revoke(given, flags, io)))
  below('list', 'what was issued, and what has to be renewed')
    .option('--all', 'also what is over or revoked')
    .option('--json', 'as JSON')
    .action(async flags => end((await load()).list(flags, io)))
  passwords(
    below('crl', 'write the revocation list anew when half of its time is over').option('--force', 'in any case'),
  ).action(async flags => end(await (await load()).crl(flags, io)))
  below('export', 'print certificate, key (encrypted), authority and revocation list as variables of a role')
    .argument('<certificate>')
    .option('--prefix <prefix>', 'before the names of the variables', 'openvpn_')
    .action(async (name, flags) => end((await load()).exported(name, flags, io)))

  passwords(
    below('tls-crypt-v2', "keys that hide OpenVPN's handshake: the servers' one, and one of its own for each client")
      .argument('[certificate...]', 'names of clients; all that have none')
      .option('--again', 'also for clients that have one'),
  ).action(async (names, flags) => end(await (await import('./pki-tls-crypt.ts')).make(names, flags, io)))

  const loadSsh = () => import('./pki-ssh.ts')
  passwords(
    below('ssh-init', 'make an authority for user certificates of SSH').option(
      '--encrypt-vault-id <label>',
      'encrypt its key with the password of this vault id',
    ),
  ).action(async flags => end(await (await loadSsh()).init(flags, io)))
  passwords(
    below('ssh-issue', 'a certificate with which an admin logs in by SSH')
      .argument('<name>', 'the person, as it stands in logs')
      .requiredOption('--key <file>', 'the public key of the person')
      .requiredOption('--principals <names>', 'login names on the hosts, with commas between them')
      .option('--valid <duration>', 'how long: 12h, 30d, 4w', '30d')
      .option('--source-address <prefix>', 'only from there (repeatable)', several)
      .option('--again', 'also when the name has a valid certificate'),
  ).action(async (name, flags) => end(await (await loadSsh()).issue(name, flags, io)))
  below('ssh-revoke', 'end certificates of SSH before their time')
    .argument('<ssh-certificate...>', 'names or serials')
    .addOption(reason())
    .action(async (given, flags) => end(await (await loadSsh()).revoke(given, flags, io)))

  passwords(
    below('wireguard-key', 'a key for a WireGuard device, or the secret of two')
      .argument('<device>', 'what the key is called, for example gw1-wg0')
      .option('--psk <device>', 'the preshared key of both instead')
      .option('--next', 'the key that it will change to')
      .option('--promote', 'the next key becomes the present one')
      .option('--encrypt-vault-id <label>', 'encrypt it with the password of this vault id'),
  ).action(async (name, flags) => end(await (await import('./pki-wireguard.ts')).wireguardKey(name, flags, io)))
}
