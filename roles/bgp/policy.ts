import {bogons} from './bogons.ts'
import {type Family, type Prefix, prefixesOf} from './prefix.ts'
import type {BgpVars, Session} from './sessions.ts'

export type PrefixList = {readonly family: Family; readonly name: string; readonly permits: readonly string[]}
export type Clause = {
  readonly map: string
  readonly action: 'permit' | 'deny'
  readonly match: readonly string[]
  readonly set: readonly string[]
}

/**
 * How well a gateway announces. The metric is that of the marker routes in the kernel, which the notify script writes; the
 * community carries it inside of bgpd, from the marker to the aggregate, and is taken off on the way out.
 */
export const ranks = [
  {name: 'drained', metric: 300, community: '65000:300', medMore: 200},
  {name: 'standby', metric: 200, community: '65000:200', medMore: 100},
  {name: 'active', metric: 100, community: '65000:100', medMore: 0},
] as const

const any = {4: '0.0.0.0/0', 6: '::/0'} as const
/** The longest that is accepted on the internet. */
const longest = {4: 24, 6: 48} as const
const widest = {4: 32, 6: 128} as const
const ip = {4: 'ip', 6: 'ipv6'} as const

export const announceMap = (family: Family): string => `announce-ipv${family}`
export const importMap = ({importMap, address}: Session): string => importMap ?? `import-${address}`
export const exportMap = ({exportMap, address}: Session): string => exportMap ?? `export-${address}`

/** The marker of a network: its first address, which nobody has. */
export const markerOf = ({address, family}: Prefix): string => `${address}/${widest[family]}`

const named = (family: Family, name: string): string => `${ip[family]} address prefix-list ${name}`

/** Prefix lists of one family; FRR has nothing like an empty one, so that one without entries is left out. */
export const prefixLists = (vars: BgpVars, family: Family, sessions: readonly Session[]): readonly PrefixList[] => {
  const own = prefixesOf(vars.networks, family)
  const list = (name: string, permits: readonly string[]): PrefixList => ({family, name, permits})
  const accepts = (accept: Session['accept']): boolean => sessions.some(session => session.accept === accept)
  return [
    list(
      'own',
      own.map(({text}) => text),
    ),
    list('own-and-longer', own.map(orLonger)),
    list('announce', own.map(markerOf)),
    list('bogons', prefixesOf(vars.bogons ?? bogons, family).map(orLonger)),
    ...(accepts('default') ? [list('default', [any[family]])] : []),
    ...(accepts('full') ? [list('internet', [`${any[family]} le ${longest[family]}`])] : []),
    ...sessions
      .filter(({accept, importMap}) => accept === 'list' && importMap === undefined)
      .map(({address, acceptList}) => list(`accept-${address}`, prefixesOf(acceptList, family).map(upToLongest))),
  ].filter(({permits}) => permits.length > 0)
}

const orLonger = ({text, family, length}: Prefix): string =>
  length < widest[family] ? `${text} le ${widest[family]}` : text
const upToLongest = ({text, family, length}: Prefix): string =>
  length < longest[family] ? `${text} le ${longest[family]}` : text

/** From the markers in the kernel into bgpd, with the rank as community. */
export const announceClauses = (family: Family): readonly Clause[] =>
  ranks.map(({metric, community}) => ({
    map: announceMap(family),
    action: 'permit' as const,
    match: [named(family, 'announce'), `metric ${metric}`],
    set: [`community ${community}`],
  }))

/** What is accepted: never our own, never bogons, never endless paths; then what the session is for. */
export const importClauses = (vars: BgpVars, session: Session): readonly Clause[] => {
  if (session.importMap !== undefined) return []
  const {family, accept, address, isInternal, isOfPair, preference} = session
  const map = importMap(session)
  const deny = (match: string): Clause => ({map, action: 'deny', match: [match], set: []})
  const permit = (match: readonly string[], set: readonly string[]): Clause => ({map, action: 'permit', match, set})
  const wanted = {all: [], default: [named(family, 'default')], full: [named(family, 'internet')]}
  const match = accept === 'list' ? [named(family, `accept-${address}`)] : wanted[accept]
  return [
    ...(prefixesOf(vars.networks, family).length > 0 ? [deny(named(family, 'own-and-longer'))] : []),
    ...(prefixesOf(vars.bogons ?? bogons, family).length > 0 ? [deny(named(family, 'bogons'))] : []),
    ...(isOfPair
      ? [
          // Every way of our own comes before one over the sync link, however good it is behind the other gateway. What is to be
          // shut down there stays the last resort, or each of two such gateways would send to the other.
          permit(['local-preference 0', ...match], []),
          permit(match, ['local-preference 1']),
        ]
      : isInternal
        ? [permit(match, [])]
        : [
            deny('as-path too-long'),
            // RFC 8326 section 4.2: what is about to be shut down is the last resort.
            permit(['community drained-by-neighbor', ...match], ['local-preference 0']),
            permit(match, [`local-preference ${preference}`]),
          ]),
  ]
}

/** What is announced: our own prefixes as good as the rank says, nothing else; between our gateways what others announced. */
export const exportClauses = (vars: BgpVars, session: Session): readonly Clause[] => {
  if (session.exportMap !== undefined) return []
  const {family, isInternal, nextHop} = session
  const map = exportMap(session)
  const hasOwn = prefixesOf(vars.networks, family).length > 0
  if (isInternal)
    return [
      ...(hasOwn ? [{map, action: 'deny' as const, match: [named(family, 'own-and-longer')], set: []}] : []),
      {map, action: 'permit', match: [], set: []},
    ]
  if (!hasOwn) return [{map, action: 'deny', match: [], set: []}]
  return ranks.map(({name, medMore}) => {
    const communities = [...session.communities, ...(name === 'drained' ? ['graceful-shutdown'] : [])]
    const prepend = session.prepend + (name === 'active' ? 0 : vars.standby_prepend)
    return {
      map,
      action: 'permit',
      match: [`community ${name}`, named(family, 'own')],
      set: [
        ...(prepend > 0 ? [`as-path prepend${` ${vars.asn}`.repeat(prepend)}`] : []),
        `community ${communities.length > 0 ? communities.join(' ') : 'none'}`,
        ...(nextHop === undefined ? [] : [`ip next-hop ${nextHop}`]),
        `metric ${session.med + medMore}`,
        'origin igp',
      ],
    }
  })
}
