/** Where things lie on a gateway. */
export const frrFile = '/etc/frr/frr.conf'
export const announceProgram = '/usr/local/lib/gatewright/bgp-announce'
export const watchProgram = '/usr/local/lib/gatewright/bgp-watch'
export const announceUnit = 'gatewright-bgp-announce'
export const watchUnit = 'gatewright-bgp-watch'
/** It exists while the gateway is drained. In /run: a reboot ends it. */
export const drainFile = '/run/gatewright/bgp/drain'
export const trackFile = '/run/gatewright/track/bgp'
/** Protocol number of our markers in the kernel's tables (ip-route(8)); none that FRR or iproute2 know. */
export const markerProtocol = 103
