/** Where the role's files are. */
export const etc = '/etc/openvpn'
export const library = '/usr/local/lib/gatewright'
export const runDirectory = '/run/gatewright/openvpn'
export const account = 'openvpn'

export type Side = 'server' | 'client'

export const unitOf = (side: Side, name: string): string => `openvpn-${side}@${name}`
export const confOf = (side: Side, name: string): string => `${etc}/${side}/${name}.conf`
/** Keys, certificates and client settings of one instance. */
export const filesOf = (side: Side, name: string): string => `${etc}/${side}/${name}`
export const socketOf = (side: Side, name: string): string => `/run/openvpn-${side}/${name}.sock`
/** One file for each connected client, named after its address inside the tunnel: serial, common name, source. */
export const sessionsOf = (name: string): string => `${runDirectory}/sessions/${name}`
/** Digest and end of the certificate that the running process has read. */
export const loadedOf = (side: Side, name: string): string => `${runDirectory}/loaded/${side}-${name}`
/** Written by the role vrrp: `{"name":…,"state":"MASTER",…}`. */
export const vrrpState = '/run/gatewright/vrrp/state'
