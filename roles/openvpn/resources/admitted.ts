import {$, type Kind, resourceOf} from 'gatewright'
import {library, sessionsOf, unitOf} from '../places.ts'

export type AdmittedDesired = {
  readonly server: string
  /** Common names of those who may be connected. */
  readonly clients: readonly string[]
  /** Serials of certificates that may not. */
  readonly revoked: readonly string[]
}
type Session = {readonly address: string; readonly serial: string; readonly name: string}

/**
 * That nobody is connected who would be refused now. OpenVPN looks into its list of revoked certificates when a client connects and at
 * renegotiations, an hour apart.
 */
export const admittedKind: Kind<AdmittedDesired, readonly Session[]> = {
  name: 'admitted',
  identify: ({server}) => server,
  probe: ({server}) => ({
    command: $`systemctl is-active --quiet -- ${unitOf('server', server)} || exit 0
cd ${sessionsOf(server)} 2>/dev/null || exit 0; for f in *; do [ -f "$f" ] && echo "$f $(cat "$f")"; done; exit 0`,
    parse: ({stdout}) =>
      stdout
        .split('\n')
        .filter(Boolean)
        .map(line => {
          const [address = '', serial = '', name = ''] = line.split(' ')
          return {address, serial, name}
        }),
  }),
  diff: ({clients, revoked}, current) =>
    current.flatMap(({address, serial, name}) => {
      const why = revoked.includes(serial) ? 'revoked' : clients.includes(name) ? undefined : 'not listed'
      return why === undefined ? [] : [{path: address, from: `${name}, ${why}`, to: 'disconnected'}]
    }),
  steps: ({server}, changes) => [
    {
      do: 'run',
      title: `end the sessions of ${changes.map(({path}) => path).join(', ')}`,
      timeoutMs: 60_000,
      // OpenVPN tells the client, and ends the session 5 s later.
      command: $`${library}/openvpn-end ${server} ${changes.map(({path}) => path)} || exit
n=0; for a in ${changes.map(({path}) => path)}; do while [ -e ${sessionsOf(server)}/"$a" ] && [ $n -lt 300 ]; do n=$((n + 1)); sleep 0.1; done; done`,
    },
  ],
  problems: () => [],
}

/** `admitted({server: 'road', clients: ['alice'], revoked: ['4a70…']})` */
export const admitted = resourceOf(admittedKind)
