export type Flaw = {readonly rule: 'bgp-undefined' | 'bgp-unpoliced' | 'bgp-undeclared'; readonly what: string}

/** What may be referred to: how it is defined, and where it is named. */
const kinds = [
  {
    kind: 'route map',
    defined: /^route-map (\S+) (?:permit|deny) \d+/,
    named: [/\broute-map (\S+)(?: in| out)?$/, /^ call (\S+)$/],
  },
  {kind: 'IPv4 prefix list', defined: /^ip prefix-list (\S+) seq/, named: [/^ match ip .*prefix-list (\S+)$/]},
  {kind: 'IPv6 prefix list', defined: /^ipv6 prefix-list (\S+) seq/, named: [/^ match ipv6 .*prefix-list (\S+)$/]},
  {
    kind: 'community list',
    defined: /^bgp community-list (?:standard|expanded) (\S+)/,
    named: [/^ match community (\S+)/],
  },
  {kind: 'AS path list', defined: /^bgp as-path access-list (\S+)/, named: [/^ match as-path (\S+)/]},
  {kind: 'BFD profile', defined: /^ profile (\S+)/, named: [/ bfd profile (\S+)/]},
] as const

/**
 * What `vtysh -C` lets pass and FRR takes without a word: a route map that is not there lets nothing through or, named for
 * redistribution, everything; a neighbor without policy exchanges nothing (RFC 8212).
 */
export const flawsOf = (text: string): readonly Flaw[] => {
  const lines = text.split('\n')
  const matches = (pattern: RegExp): string[] => lines.flatMap(line => pattern.exec(line)?.[1] ?? [])
  const undefinedNames = kinds.flatMap(({kind, defined, named}) => {
    const known = new Set(matches(defined))
    const wanted = new Set(
      named.flatMap(pattern =>
        lines.filter(line => !defined.test(line)).flatMap(line => pattern.exec(line)?.[1] ?? []),
      ),
    )
    return [...wanted]
      .filter(name => !known.has(name))
      .map(name => ({rule: 'bgp-undefined' as const, what: `the ${kind} "${name}" is named and not defined`}))
  })
  const declared = new Set(matches(/^ neighbor (\S+) (?:remote-as|interface remote-as|peer-group)/))
  const undeclared = [...new Set(matches(/^ +neighbor (\S+) /))]
    .filter(name => !declared.has(name))
    .map(name => ({rule: 'bgp-undeclared' as const, what: `neighbor ${name} has settings and no remote-as`}))
  const unpoliced = [...new Set(matches(/^ {2}neighbor (\S+) activate$/))].flatMap(name =>
    (['in', 'out'] as const)
      .filter(direction => !lines.some(line => policyLine(name, direction).test(line)))
      .map(direction => ({
        rule: 'bgp-unpoliced' as const,
        what: `neighbor ${name} has no route map for what ${direction === 'in' ? 'it sends' : 'it gets'}`,
      })),
  )
  return [...undefinedNames, ...undeclared, ...unpoliced]
}

const policyLine = (name: string, direction: 'in' | 'out'): RegExp =>
  new RegExp(`^ {2}neighbor ${name.replaceAll(/[.[\]]/g, '\\$&')} route-map \\S+ ${direction}$`)
