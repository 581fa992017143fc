import type {EventSource} from 'gatewright'

/** The beginning and the end of a session, in OpenVPN's own words, with the name of the far end in front. */
const session =
  /^(?:\S+ )?(?:Inactivity timeout|Peer Connection Initiated|Initialization Sequence Completed|SIG\w+\[\S+\] received)/

/** Every instance calls itself `openvpn`, whatever its unit is called. */
export const events: readonly EventSource[] = [
  {unit: 'openvpn', tag: true, kind: 'tunnel', says: line => (session.test(line) ? line : undefined)},
]
