import {runDirectory} from '../places.ts'

export const hookPath = '/etc/gatewright/vrrp.d/40-wireguard'

/**
 * /etc/gatewright/vrrp.d/40-wireguard STATE NAME: has the watcher look at once, which reads the state by itself. Nobody listening is
 * no reason to hold up a takeover.
 */
export const vrrpHook = `#!/bin/sh
# Written by gatewright.
[ -p ${runDirectory}/events ] || exit 0
timeout 1 sh -c 'echo look >${runDirectory}/events' || exit 0
`
