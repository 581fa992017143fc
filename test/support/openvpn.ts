import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {ExecutionContext} from 'ava'
import type {Topology} from '../../lab/index.ts'
import {initAuthority} from '../../src/pki/init.ts'
import {issue} from '../../src/pki/issue.ts'
import {openKey} from '../../src/pki/private-keys.ts'
import {refreshList} from '../../src/pki/revocations.ts'
import {makeTlsCryptKeys} from '../../src/pki/tls-crypt.ts'
import {daysLater, emptyDesk, vaultKey} from './pki.ts'
import {onHost} from './site.ts'

/** An authority on this machine, more than a year old, so that a certificate can have ended. */
export type Pki = {
  readonly directory: string
  readonly desk: ReturnType<typeof emptyDesk>
  readonly passwordFile: string
  issue(name: string, profile: 'server' | 'client', options?: {ageDays?: number}): Promise<void>
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
    directory,
    desk,
    passwordFile,
    async issue(name, profile, {ageDays = 0} = {}) {
      const at = {...desk, now: daysLater(-ageDays, now)}
      await issue(at, {name, profile, alternativeNames: profile === 'server' ? [name] : []})
      if (profile === 'client') await makeTlsCryptKeys(at, {names: [name]})
    },
  }
}

/** What a person or a device gets of an authority: everything in one file. */
export const credentials = ({desk, directory}: Pki, name: string): string => {
  const read = (file: string): string => readFileSync(join(directory, file), 'utf8').trimEnd()
  const key = (file: string): string => openKey(desk.place, file, [vaultKey]).text.trimEnd()
  return `<ca>\n${read('ca.crt')}\n</ca>
<cert>\n${read(`issued/${name}.crt`)}\n</cert>
<key>\n${key(name)}\n</key>
<tls-crypt-v2>\n${key(`${name}+tls-crypt-v2`)}\n</tls-crypt-v2>\n`
}

/** An OpenVPN client on a lab host, configured by hand as a road warrior's. */
export const startRoadWarrior = async (
  topology: Topology,
  name: string,
  configuration: string,
  host = 'upstream',
): Promise<void> => {
  await onHost(
    topology,
    host,
    `umask 077; cat >/run/${name}.ovpn <<'END'
client
dev-type tun
nobind
remote-cert-tls server
verb 3
${configuration}
END
systemd-run --quiet --collect --unit=road-${name} openvpn --suppress-timestamps --config /run/${name}.ovpn`,
  )
}

export const stopRoadWarrior = (topology: Topology, name: string, host = 'upstream'): Promise<string> =>
  onHost(topology, host, `systemctl stop road-${name} 2>/dev/null; systemctl reset-failed road-${name} 2>/dev/null; :`)
