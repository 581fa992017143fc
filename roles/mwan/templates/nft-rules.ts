import {type Family, families, ofFamily} from '../networks.ts'
import {confinedLosses, type Marks, type MwanVars, type MwanView, type Policy, type Uplink} from '../view.ts'

const hex = (mark: number): string => `0x${mark.toString(16).padStart(8, '0')}`
const setOf = (items: readonly string[]): string => (items.length === 1 ? `${items[0]}` : `{ ${items.join(', ')} }`)
const quoted = (items: readonly string[]): string => `{ ${items.map(item => `"${item}"`).join(', ')} }`
const word = {4: 'ip', 6: 'ip6'} as const

/** Body of the table inet gatewright_mwan, nft(8) of 1.0.6. What the map `choice` and the sets `moved` hold is the tracker's. */
export const nftRules = (view: MwanView): string => {
  const {uplinks, policies, marks, bypass, ownPolicy} = view
  const {mask, uplinkMask} = marks
  const confined = confinedOf(view)
  const devices = quoted(uplinks.map(({device}) => device))
  return `	map choice {
		type mark : verdict
		elements = { ${policies.flatMap(policy => initial(policy, uplinks)).join(', ')} }
	}

${families.map(family => `	set moved${family} {\n		type mark\n	}\n\n`).join('')}	set bypass4 {
		type ipv4_addr
		flags interval
		auto-merge
		elements = { ${ofFamily(bypass, 4).join(', ')} }
	}

	set bypass6 {
		type ipv6_addr
		flags interval
		auto-merge
		elements = { ${ofFamily(bypass, 6).join(', ')} }
	}

${uplinks.map(({name, mark}) => led(`use_${name}`, mark, mask)).join('')}${confined.map(({name, pinned}) => led(`confine_${name}`, pinned, mask)).join('')}${(
  ['unreachable', 'blackhole'] as const
)
  .flatMap(last => [
    lost(`lost_${last}`, marks[last]),
    ...(confined.length > 0 ? [lost(`lost_confined_${last}`, confinedLosses(marks)[last])] : []),
  ])
  .join('')}${policies.flatMap(policy => [shared(policy, false), shared(policy, true)]).join('')}	chain new_flow {
		ip daddr @bypass4 accept
		ip6 daddr @bypass6 accept
${view.rules.flatMap(matches).join('')}	}

${uplinks.map(uplink => enteredBy(uplink, marks)).join('')}	chain prerouting {
		type filter hook prerouting priority mangle; policy accept;
		meta mark != 0 accept comment "somebody else's"
		iifname vmap { ${uplinks.map(({name, device}) => `"${device}" : goto from_${name}`).join(', ')} }
${families.map(family => `		meta nfproto ipv${family} ct direction original ct status and snat == 0 ct mark and ${hex(uplinkMask)} @moved${family} jump new_flow\n`).join('')}		ct mark and ${hex(uplinkMask)} != 0 meta mark set ct mark and ${hex(mask)} accept
		ct state new goto new_flow
	}

	chain output {
		type route hook output priority mangle; policy accept;
		meta mark != 0 accept comment "somebody else's"
		oifname "lo" accept
		ct state established ct mark and ${hex(uplinkMask)} != 0 meta mark set ct mark and ${hex(mask)} accept
${
  ownPolicy === undefined
    ? ''
    : `		ip daddr @bypass4 accept
		ip6 daddr @bypass6 accept
${families
  .map(family => [family, ofFamily(view.endpoints, family)] as const)
  .filter(([, some]) => some.length > 0)
  .map(([family, some]) => `		${word[family]} daddr ${setOf(some)} accept comment "packets of tunnels"\n`)
  .join('')}		ct state new oifname ${devices} goto policy_${ownPolicy}
`
}	}

	chain forward {
		type filter hook forward priority mangle; policy accept;
		iifname ${devices} tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu
		oifname ${devices} tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu
${uplinks.flatMap(segmentsInto).join('')}	}
${confined.length === 0 ? '' : confinement(confined, marks)}${ownPolicy === undefined ? '' : ownSource(uplinks, uplinkMask)}`
}

/** Until the tracker has looked: the members of the lowest metric, by weight. */
const initial = ({offset, members, isConfined, lastResort}: Policy, uplinks: readonly Uplink[]): string[] =>
  families.flatMap(family => {
    const able = members.filter(({uplink}) =>
      uplinks.some(({name, paths}) => name === uplink && paths.some(path => path.family === family)),
    )
    const lowest = Math.min(...able.map(({metric}) => metric))
    const tier = able.filter(({metric}) => metric === lowest)
    const total = tier.reduce((sum, {weight}) => sum + weight, 0)
    return Array.from({length: tier.length === 0 && !isConfined ? 0 : 60}, (_, bucket) => {
      let position = ((bucket + 0.5) * total) / 60
      const owner = tier.find(({weight}) => (position -= weight) < 0)
      const chain = owner ? `${isConfined ? 'confine' : 'use'}_${owner.uplink}` : `lost_confined_${lastResort}`
      return `${offset + (family === 6 ? 64 : 0) + bucket} : goto ${chain}`
    })
  })

/** The uplinks of confined policies. */
const confinedOf = ({uplinks, policies}: MwanView): Uplink[] =>
  uplinks.filter(({name}) =>
    policies.some(({isConfined, members}) => isConfined && members.some(({uplink}) => uplink === name)),
  )

const lost = (chain: string, mark: number): string =>
  `	chain ${chain} {\n		meta mark set ${hex(mark)}\n		accept\n	}\n\n`

const led = (chain: string, mark: number, mask: number): string => `	chain ${chain} {
		ct mark set ct mark and ${hex((0xffffffff ^ mask) >>> 0)} or ${hex(mark)}
		meta mark set ${hex(mark)}
		accept
	}

`

/** The random bucket of a new flow, or the bucket of its source; the same seed on both gateways. */
const shared = ({name, offset, isConfined, lastResort}: Policy, sticky: boolean): string => {
  const bucket = (family: Family): string => {
    const by = sticky ? `jhash ${word[family]} saddr mod 60 seed 0x6d77616e` : 'numgen random mod 60'
    return `		meta nfproto ipv${family} meta mark set ${by} offset ${offset + (family === 6 ? 64 : 0)}\n`
  }
  return `	chain ${sticky ? 'sticky' : 'policy'}_${name} {
${families.map(bucket).join('')}		meta mark vmap @choice
		${isConfined ? `goto lost_confined_${lastResort}` : 'meta mark set 0'}
	}

`
}

/** One line for each family that the rule can match. */
const matches = (rule: MwanVars['rules'][number]): string[] => {
  const target = `goto ${rule.sticky ? 'sticky' : 'policy'}_${rule.policy}`
  const ends = (['source', 'destination'] as const).filter(end => (rule[end] ?? []).length > 0)
  const transport =
    rule.protocol === undefined
      ? ''
      : rule.protocol === 'icmp'
        ? 'meta l4proto { icmp, ipv6-icmp } '
        : rule.ports === undefined || rule.ports.length === 0
          ? `meta l4proto ${rule.protocol} `
          : `${rule.protocol} dport ${setOf(rule.ports)} `
  if (ends.length === 0) return [`		${transport}${target}\n`]
  return families
    .filter(family => ends.every(end => ofFamily(rule[end] ?? [], family).length > 0))
    .map(family => {
      const addresses = ends
        .map(
          end => `${word[family]} ${end === 'source' ? 'saddr' : 'daddr'} ${setOf(ofFamily(rule[end] ?? [], family))} `,
        )
        .join('')
      return `		${addresses}${transport}${target}\n`
    })
}

/**
 * What comes in over an uplink has its mark, so that the reverse path filter looks into its table; a flow that began outside is
 * pinned to it. Where flows can move, the far end may have moved it: it is pinned to where it comes in now.
 */
const enteredBy = ({name, mark, pinned, onDown}: Uplink, {mask, uplinkMask}: Marks): string => {
  const others = hex((0xffffffff ^ mask) >>> 0)
  const [when, value] =
    onDown === 'move'
      ? ['ct direction original', `ct mark and ${others} or ${hex(pinned)}`]
      : [`ct state new ct mark and ${hex(uplinkMask)} == 0`, `ct mark or ${hex(pinned)}`]
  return `	chain from_${name} {
${families.map(family => `		${when} ${word[family]} saddr != @bypass${family} ct mark set ${value}\n`).join('')}		meta mark set ${hex(mark)}
		accept
	}

`
}

/**
 * The far end of a connection through a tunnel is told what fits, too: of packets that come in, the kernel only knows the route of
 * main back to their sender. Headers without options: RFC 9293 (20 bytes), RFC 791 (20), RFC 8200 (40).
 */
const segmentsInto = ({device, mtu, paths}: Uplink): string[] =>
  mtu === undefined
    ? []
    : paths.map(
        ({family}) =>
          `		iifname "${device}" meta nfproto ipv${family} tcp flags & (syn | rst) == syn tcp option maxseg size set ${mtu - (family === 4 ? 40 : 60)}\n`,
      )

/** Holds also before there are rules and routes, or without them: it knows the marks alone. */
const confinement = (confined: readonly Uplink[], marks: Marks): string => {
  const losses = Object.values(confinedLosses(marks))
  const all = [...confined.map(({pinned}) => pinned), ...losses].map(hex)
  return `
	chain confined {
		type filter hook postrouting priority mangle; policy accept;
		meta mark and ${hex(marks.mask)} ${setOf(all)} oifname != ${quoted(confined.map(({device}) => device))} drop
	}
`
}

/** Own traffic got its source address before the policy moved it: it needs one of the uplink that it leaves by. */
const ownSource = (uplinks: readonly Uplink[], uplinkMask: number): string => `
	chain own_source {
		type nat hook postrouting priority srcnat - 10; policy accept;
${uplinks
  .flatMap(({device, mark, paths}) =>
    paths.map(
      ({family, networks}) =>
        `		oifname "${device}" meta mark and ${hex(uplinkMask)} == ${hex(mark)} fib saddr type local ${networks.length === 0 ? `meta nfproto ipv${family}` : `${word[family]} saddr != ${setOf(networks)}`} masquerade\n`,
    ),
  )
  .join('')}	}
`
