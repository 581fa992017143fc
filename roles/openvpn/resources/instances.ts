import {directory, file, handler, onlyFiles, type Resource, readRevocationList, service} from 'gatewright'
import {confOf, filesOf} from '../places.ts'
import {clientConf} from '../templates/client-conf.ts'
import {clientSettings, serverConf} from '../templates/server-conf.ts'
import {followLines, unitConf} from '../templates/unit-conf.ts'
import {validateConf} from '../validate.ts'
import type {ClientView, Instance, ServerView} from '../view.ts'
import {admitted} from './admitted.ts'
import {certificateInUse} from './certificate-in-use.ts'
import {followed} from './followed.ts'

/** Of a server: who is not admitted any more goes last, when what refuses them from now on is in place. */
export const serverResources = (server: ServerView, restartDays: number): readonly Resource[] => {
  const {name, unit, follow, clients, crl = ''} = server
  const settings = `${filesOf('server', name)}/clients`
  const names = clients.map(client => client.name)
  return [
    ...credentialFiles(server),
    directory({path: settings}),
    ...clients.map(client => file({path: `${settings}/${client.name}`, content: clientSettings(server, client)})),
    onlyFiles({directory: settings, names}),
    ...running(server, serverConf(server), unitConf(server, follow === undefined ? [] : followLines(server))),
    ...(follow === undefined
      ? [service({name: unit, enabled: true, running: true})]
      : [service({name: unit, enabled: false}), followed({unit, name: follow})]),
    inUse(server, restartDays),
    admitted({server: name, clients: names, revoked: readRevocationList(crl)?.serials ?? []}),
  ]
}

export const clientResources = (client: ClientView, restartDays: number): readonly Resource[] => [
  ...credentialFiles(client),
  ...running(client, clientConf(client), unitConf(client)),
  service({name: client.unit, enabled: true, running: true}),
  inUse(client, restartDays),
]

const inUse = ({side, name, certificateId}: Instance, restartDays: number): Resource =>
  certificateInUse({side, name, certificateId, restartDays})

/**
 * The list of revoked certificates is read for each new connection, by the account that OpenVPN has become; certificate and key are
 * read at the start, and a renewed one waits for the next (see certificate-in-use). The others need a new start.
 */
const credentialFiles = (instance: Instance): readonly Resource[] => {
  const {side, name, unit, ca, crl, cert, key, tlsCrypt, certificateId} = instance
  const at = filesOf(side, name)
  const restart = handler(service.restart(unit))
  return [
    directory({path: at}),
    file({path: `${at}/ca.crt`, content: ca, notify: [restart]}),
    ...(crl === undefined ? [] : [file({path: `${at}/crl.pem`, content: crl})]),
    file({path: `${at}/key.pem`, content: key, mode: '0600'}),
    file({path: `${at}/cert.crt`, content: cert}),
    file({path: `${at}/certificate`, content: `${certificateId}\n`}),
    file({path: `${at}/tls-crypt-v2.pem`, content: tlsCrypt, mode: '0600', notify: [restart]}),
  ]
}

const running = ({side, name, unit}: Instance, conf: string, dropIn: string): readonly Resource[] => {
  const restart = handler(service.restart(unit))
  const directoryOfUnit = `/etc/systemd/system/${unit}.service.d`
  return [
    file({path: confOf(side, name), content: conf, validate: validateConf, notify: [restart]}),
    directory({path: directoryOfUnit}),
    file({path: `${directoryOfUnit}/gatewright.conf`, content: dropIn, notify: [restart]}),
  ]
}
