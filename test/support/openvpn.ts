import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {ExecutionContext} from 'ava'
import type {Topology} from '../../lab/index.ts'
import type {Desk} from '../../src/pki/desk.ts'
import {initAuthority} from '../../src/pki/init.ts'
import {issue} from '../../src/pki/issue.ts'
import {openKey} from '../../src/pki/private-keys.ts'
import {refreshList} from '../../src/pki/revocations.ts'
import {makeTlsCryptKeys} from '../../src/pki/tls-crypt.ts'
import {type Finished, gatewright} from './gatewright.ts'
import {daysLater, emptyDesk, vaultKey} from './pki.ts'
import {inventory, onHost} from './site.ts'

/** An authority on this machine, more than a year old, so that a certificate can have ended. */
export type Pki = {
  readonly desk: Desk
  readonly passwordFile: string
  issue(name: string, profile: 'server' | 'client', options?: {ageDays?: number}): Promise<void>
  /** A file of the authority. */
  read(file: string): string
  /** A private key, decrypted. */
  key(name: string): string
  /** The expression by which a variable takes a file. */
  lookup(file: string): string
}

export const newPki = async (t: Pick<ExecutionContext, 'teardown'>): Promise<Pki> => {
  const now = new Date()
  const desk = emptyDesk(t as ExecutionContext, now)
  const {directory} = desk.place
  await initAuthority({...desk, now: daysLater(-500, now)}, {name: 'Test CA', curve: 'P-256', vaultKey})
  await refreshList(desk)
  const passwordFile = join(directory, 'password')
  writeFileSync(passwordFile, `${vaultKey.password().toString()}\n`)
  return {
    desk,
    passwordFile,
    async issue(name, profile, {ageDays = 0} = {}) {
      const at = {...desk, now: daysLater(-ageDays, now)}
      await issue(at, {name, profile, alternativeNames: profile === 'server' ? [name] : []})
      if (profile === 'client') await makeTlsCryptKeys(at, {names: [name]})
    },
    read: file => readFileSync(join(directory, file), 'utf8').trimEnd(),
    key: name => openKey(desk.place, name, [vaultKey]).text.trimEnd(),
    lookup: file => `{{ lookup('file', '${join(directory, file)}') }}`,
  }
}

/** Variables of hosts or groups, beside those of the lab's inventory: `{gateways: {openvpn_servers: [...]}}`. */
export const variablesFor = (
  t: Pick<ExecutionContext, 'teardown'>,
): {readonly directory: string; write(groups: Readonly<Record<string, object>>): void} => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-inventory-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  mkdirSync(join(directory, 'group_vars'))
  writeFileSync(join(directory, 'hosts.yml'), 'gateways: {hosts: {gw1: , gw2: }}\n')
  return {
    directory,
    write(groups) {
      for (const [group, variables] of Object.entries(groups))
        writeFileSync(join(directory, 'group_vars', `${group}.yml`), JSON.stringify(variables))
    },
  }
}

/** A command of gatewright with both inventories and the vault's password. */
export const gatewrightWith =
  (pki: Pki, directory: string) =>
  (...args: string[]): Promise<Finished> =>
    gatewright(...args, '-i', inventory, '-i', directory, '--vault-password-file', pki.passwordFile, '--json')

/** What a person or a device has of an authority, in one file: whose certificate and key, and whose key of tls-crypt-v2. */
export const credentials = (
  pki: Pki,
  {certificate, tlsCrypt, from = pki}: {certificate: string | undefined; tlsCrypt: string | undefined; from?: Pki},
): string => {
  const block = (tag: string, text: string): string => `<${tag}>\n${text}\n</${tag}>\n`
  return [
    block('ca', pki.read('ca.crt')),
    certificate === undefined ? '' : block('cert', from.read(`issued/${certificate}.crt`)),
    certificate === undefined ? '' : block('key', from.key(certificate)),
    tlsCrypt === undefined ? '' : block('tls-crypt-v2', pki.key(tlsCrypt)),
  ].join('')
}

/** Starts OpenVPN on a lab host, configured by hand; it logs as the unit `road-NAME`. */
export const startOpenvpn = async (
  topology: Topology,
  host: string,
  name: string,
  configuration: string,
): Promise<void> => {
  await onHost(
    topology,
    host,
    `umask 077
cat >/run/${name}.ovpn <<'END'
${configuration}
END
systemctl stop road-${name} 2>/dev/null
systemd-run --quiet --collect --unit=road-${name} openvpn --suppress-timestamps --verb 3 --config /run/${name}.ovpn`,
  )
}

export const stopOpenvpn = (topology: Topology, host: string, name: string): Promise<string> =>
  onHost(topology, host, `systemctl stop road-${name} 2>/dev/null; :`)
