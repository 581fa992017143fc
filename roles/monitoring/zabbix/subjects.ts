/**
 * What an agent tells, and whose metrics that are: `gatewright_NAME_...`. Each subject is one question to the agent
 * (`gatewright.tunnel`), and what it holds is found by discovery: a metric that a role adds is there with the next answer.
 */
export const subjects = {
  vrrp: ['vrrp', 'conntrackd', 'nat'],
  bgp: ['bgp'],
  uplink: ['mwan'],
  tunnel: ['wireguard', 'openvpn'],
  check: ['check'],
  upkeep: ['collector', 'certificate', 'crl', 'clock', 'drill', 'drift', 'log', 'watched'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type Subject = keyof typeof subjects
export const keyOf = (subject: Subject): string => `gatewright.${subject}`
