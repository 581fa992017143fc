import {contains, isAddress} from '../addresses.ts'
import {alsoAt, type Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {placeOf} from '../diagnostics/positions.ts'
import type {PreflightHost} from './preflight-host.ts'

/** Addresses of links are real, stand once at a site, and reach their gateway. */
export const checkAddresses = (hosts: readonly PreflightHost[], findings: Findings): void => {
  const seen = new Map<string, {host: string; link: string; at: Position | undefined}>()
  for (const {name, host, values} of hosts)
    for (const [link, {addresses, gateway, device}] of Object.entries(host.links)) {
      const place = (...path: (string | number)[]): {at?: Position} => {
        const at = placeOf(values, ['links', link, ...path])
        return at ? {at} : {}
      }
      for (const [index, address] of addresses.entries()) {
        const here: {at?: Position; host: string} = {...place('addresses', index), host: name}
        if (!isAddress(address)) {
          findings.add({
            rule: 'invalid-address',
            what: `'${address}' of the link '${link}' is not an address with prefix length`,
            fix: 'for example 10.10.0.2/24',
            ...here,
          })
          continue
        }
        const key = `${host.site ?? ''} ${address.split('/')[0]}`
        const first = seen.get(key)
        if (first)
          findings.add({
            rule: 'same-address',
            what: `the address ${address} of the link '${link}' is also that of ${first.host} (link '${first.link}')`,
            why: 'two machines at one site would answer for it',
            fix: 'correct one of them',
            ...here,
            ...alsoAt(first.at, here.at),
          })
        else seen.set(key, {host: name, link, at: here.at})
      }
      if (
        gateway !== undefined &&
        addresses.every(isAddress) &&
        addresses.length > 0 &&
        !addresses.some(address => contains(address, gateway))
      )
        findings.add({
          rule: 'unreachable-gateway',
          what: `the gateway ${gateway} of the link '${link}' is in none of its networks`,
          why: `${device} has ${addresses.join(', ')}`,
          fix: 'correct the gateway or the prefix length',
          host: name,
          ...place('gateway'),
        })
    }
}
