/** Settings of each device, without secrets: `/etc/gatewright/wireguard/wg0`. */
export const settingsDirectory = '/etc/gatewright/wireguard'
export const programs = '/usr/local/lib/gatewright'
export const runDirectory = '/run/gatewright/wireguard'
/** What outlives a reboot: which devices have changed to their next key. */
export const keptDirectory = '/var/lib/gatewright-wireguard'
export const unitFile = '/etc/systemd/system/gatewright-wireguard.service'
export const unitOf = (device: string): string => `wg-quick@${device}`
export const confOf = (device: string): string => `/etc/wireguard/${device}.conf`
export const nextKeyOf = (device: string): string => `/etc/wireguard/${device}.next`
