import {type Monitored, monitored} from 'gatewright'
import {filesOf, library, loadedOf, socketOf, unitOf} from './places.ts'
import type {OpenvpnVars} from './vars.ts'

/**
 * What a server tells in `status 3`, and a client in `state` (doc/management-notes.txt). systemd's StatusText is no help: it still
 * says that all is done while a client that lost its server tries to reach it again.
 */
const sessions = ({
  servers,
  clients,
}: OpenvpnVars): string => String.raw`is_active() { systemctl is-active --quiet -- "$1"; }
echo "# HELP gatewright_openvpn_up whether a server runs, or a client is connected
# TYPE gatewright_openvpn_up gauge"
${servers.map(({name}) => `is_active ${unitOf('server', name)} && up=1 || up=0; echo "gatewright_openvpn_up{name=\\"${name}\\",side=\\"server\\"} $up"\n`).join('')}${clients.map(({name}) => `${library}/openvpn-tell ${socketOf('client', name)} state 2>/dev/null | grep -q ',CONNECTED,' && up=1 || up=0; echo "gatewright_openvpn_up{name=\\"${name}\\",side=\\"client\\"} $up"\n`).join('')}
echo "# HELP gatewright_openvpn_clients connected clients
# TYPE gatewright_openvpn_clients gauge"
${servers.map(({name}) => `! is_active ${unitOf('server', name)} || echo "gatewright_openvpn_clients{name=\\"${name}\\"} $(${library}/openvpn-tell ${socketOf('server', name)} 'status 3' | grep -c ^CLIENT_LIST)"\n`).join('')}`

/** By the clock of who watches: until when what each instance shows to others lasts, in its file and in its process. */
const expiry = (vars: OpenvpnVars): string => String.raw`until_of() { date -d "$1" +%s; }
echo "# HELP gatewright_certificate_until_seconds end of a certificate, in Unix time
# TYPE gatewright_certificate_until_seconds gauge"
${each(
  vars,
  (
    side,
    name,
  ) => `[ ! -e ${filesOf(side, name)}/cert.crt ] || echo "gatewright_certificate_until_seconds{name=\\"openvpn ${name}\\",where=\\"file\\"} $(until_of "$(openssl x509 -enddate -noout -in ${filesOf(side, name)}/cert.crt | cut -d= -f2)")"
[ ! -e ${loadedOf(side, name)} ] || echo "gatewright_certificate_until_seconds{name=\\"openvpn ${name}\\",where=\\"process\\"} $(cut -d ' ' -f 2 ${loadedOf(side, name)})"
`,
)}echo "# HELP gatewright_crl_until_seconds end of a list of revoked certificates, in Unix time
# TYPE gatewright_crl_until_seconds gauge"
${each(
  vars,
  (
    side,
    name,
  ) => `[ ! -e ${filesOf(side, name)}/crl.pem ] || echo "gatewright_crl_until_seconds{name=\\"openvpn ${name}\\"} $(until_of "$(openssl crl -nextupdate -noout -in ${filesOf(side, name)}/crl.pem | cut -d= -f2)")"
`,
)}`

const each = ({servers, clients}: OpenvpnVars, line: (side: 'server' | 'client', name: string) => string): string =>
  [...servers.map(({name}) => line('server', name)), ...clients.map(({name}) => line('client', name))].join('')

/** What monitoring watches: each instance, and what it proves itself with. */
export const watched = (vars: OpenvpnVars): Monitored[] => {
  const metrics = {name: 'openvpn', program: sessions(vars)}
  const credentials = {name: 'certificates', program: expiry(vars), isSlow: true as const}
  return [
    ...vars.servers.map(({name, device, follow}) =>
      monitored({
        what: 'openvpn server',
        name,
        device,
        ...(follow !== '' && {follows: true as const}),
        metrics,
      }),
    ),
    ...vars.clients.map(({name, device}) => monitored({what: 'openvpn client', name, device, metrics})),
    ...[...vars.servers, ...vars.clients].map(({name}) =>
      monitored({what: 'certificate', name: `openvpn ${name}`, metrics: credentials}),
    ),
  ]
}
