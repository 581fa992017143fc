import {unitOf} from '../places.ts'
import type {OpenvpnVars} from '../vars.ts'

/**
 * /etc/gatewright/vrrp.d/40-openvpn STATE NAME: servers run where the gateway is master, and nowhere else. Without waiting, as other
 * hooks come after it.
 */
export const vrrpHook = ({servers}: Pick<OpenvpnVars, 'servers'>): string => {
  const following = servers.filter(({follow}) => follow !== '')
  return `#!/bin/sh
# Written by gatewright; changes are overwritten.
[ "$1" = master ] && verb=start || verb=stop
case $2 in
${[...new Set(following.map(({follow}) => follow))]
  .map(name => {
    const units = following.filter(({follow}) => follow === name).map(server => unitOf('server', server.name))
    return `${name}) exec systemctl --no-block $verb -- ${units.join(' ')} ;;\n`
  })
  .join('')}esac
`
}
