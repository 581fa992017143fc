import {isAddress, overlaps} from '../addresses.ts'
import {alsoAt} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {placeOf} from '../diagnostics/positions.ts'
import type {PreflightHost} from './preflight-host.ts'

/** Each link of a host is a device and a network of its own, or the kernel decides which of the two a packet takes. */
export const checkLinkSubnets = (hosts: readonly PreflightHost[], findings: Findings): void => {
  for (const {name, host, values} of hosts) {
    const links = Object.entries(host.links)
    const all = links.flatMap(([link, {addresses}]) =>
      addresses.filter(isAddress).map(address => ({link, address, index: addresses.indexOf(address)})),
    )
    for (const [position, later] of all.entries()) {
      const first = all
        .slice(0, position)
        .find(each => each.link !== later.link && overlaps(each.address, later.address))
      if (!first) continue
      const [at, other] = [later, first].map(({link, index}) => placeOf(values, ['links', link, 'addresses', index]))
      findings.add({
        rule: 'overlapping-links',
        what: `${later.address} of the link '${later.link}' is in a network with ${first.address} of the link '${first.link}'`,
        why: 'packets for that network would take one of the two, and answers come back by the other',
        fix: 'correct one of them, or make one link of the two devices (a bond)',
        host: name,
        ...(at && {at}),
        ...alsoAt(other, at),
      })
    }
    for (const [index, [link, {device}]] of links.entries()) {
      const first = links.slice(0, index).find(([, other]) => other.device === device)
      if (!first) continue
      const [at, other] = [link, first[0]].map(each => placeOf(values, ['links', each, 'device']))
      findings.add({
        rule: 'same-device',
        what: `${device} is the device of the link '${link}' and of '${first[0]}'`,
        why: 'what is let in or watched on the one would be so on the other',
        fix: 'correct one of them, or make one link of the two',
        host: name,
        ...(at && {at}),
        ...alsoAt(other, at),
      })
    }
  }
}
