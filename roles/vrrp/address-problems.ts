import {contains, type OfferContext, type RoleProblem} from 'gatewright'
import {type Virtual, virtualAddresses} from './segments.ts'
import {bare, canonical, prefixLength} from './subnet.ts'
import type {VrrpVars} from './view.ts'

type Context = OfferContext<VrrpVars>

/** A virtual address is a free one of its link's subnet, and of one instance only. */
export const addressProblems = (context: Context): RoleProblem[] => {
  const virtual = virtualAddresses(context.vars)
  return virtual.flatMap((each, index) => {
    const what =
      ownerOf(each, context) ??
      outside(each, context) ??
      (virtual.slice(0, index).some(other => canonical(other.address) === canonical(each.address))
        ? `${bare(each.address)} is there twice`
        : undefined)
    return what === undefined
      ? []
      : [
          {
            rule: 'vrrp-address',
            variable: each.variable,
            what,
            fix: fixes[what.includes('subnet') ? 'outside' : 'taken'],
          },
        ]
  })
}

const fixes = {
  outside: "use an address of that subnet with the subnet's prefix length",
  taken: 'choose an address of the subnet that no machine has',
}

const ownerOf = ({address, link}: Virtual, {host, peers}: Context): string | undefined => {
  const wanted = canonical(address)
  for (const {name, links} of [host, ...peers])
    if (links[link]?.addresses.some(own => canonical(own) === wanted))
      return `${bare(address)} is the own address of ${name} on ${link}`
  const {gateway} = host.links[link] ?? {}
  return gateway !== undefined && canonical(gateway) === wanted
    ? `${bare(address)} is the gateway of ${host.name} on ${link}`
    : undefined
}

const outside = ({address, link}: Virtual, {host}: Context): string | undefined => {
  const own = host.links[link]?.addresses ?? []
  return own.some(each => contains(each, bare(address)) && prefixLength(each) === prefixLength(address))
    ? undefined
    : `${address} is not in the subnet of ${link} (${own.join(', ') || 'no address'})`
}
