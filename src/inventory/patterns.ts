import type {Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {nearest} from '../diagnostics/nearest.ts'
import type {Inventory} from './model.ts'

/** Splits at `,` and `:` outside of brackets; an IPv6 address or `~regex` keeps its colons. */
const split = (pattern: string): readonly string[] =>
  pattern.includes(',')
    ? pattern.split(/,(?![^[]*\])/).flatMap(part => split(part.trim()))
    : pattern.startsWith('~') || /^[0-9a-f]*:[0-9a-f:]*:[0-9a-f]*$/i.test(pattern)
      ? [pattern]
      : pattern.split(/:(?![^[]*\])/).map(part => part.trim())

const globToRegExp = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replaceAll(/[.+^${}()|\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')
      .replaceAll('[!', '[^')}$`,
  )

const select = (hosts: readonly string[], subscript: string): readonly string[] => {
  const range = /^(-?\d*):(-?\d*)$/.exec(subscript) ?? /^(\d+)-(\d*)$/.exec(subscript)
  if (!range) {
    const host = hosts.at(Number(subscript))
    return host === undefined ? [] : [host]
  }
  const [, from = '', to = ''] = range
  const end = to === '' ? hosts.length : Number(to) < 0 ? hosts.length + Number(to) : Number(to)
  return hosts.slice(from === '' ? 0 : Number(from), end + 1)
}

const match = (part: string, inventory: Inventory): readonly string[] => {
  if (part === 'all' || part === '*') return [...inventory.hosts.keys()]
  if (inventory.hosts.has(part)) return [part]
  if (inventory.groups.has(part)) return inventory.hostsOf(part)
  if (part.startsWith('~')) {
    const regex = new RegExp(part.slice(1))
    return matching(inventory, name => regex.test(name))
  }
  const subscript = /^(.*)\[(-?\d+|-?\d*:-?\d*|\d+-\d*)\]$/.exec(part)
  if (subscript) return select(match(subscript[1] ?? '', inventory), subscript[2] ?? '')
  if (!/[*?[]/.test(part)) return []
  const regex = globToRegExp(part)
  return matching(inventory, name => regex.test(name))
}

const matching = (inventory: Inventory, wanted: (name: string) => boolean): readonly string[] => {
  const found = new Set([...inventory.groups.keys()].filter(wanted).flatMap(group => inventory.hostsOf(group)))
  return [...inventory.hosts.keys()].filter(host => found.has(host) || wanted(host))
}

/** The hosts that a pattern means, in inventory order. A part that matches nothing is a problem. */
export const matchHosts = (
  pattern: string,
  inventory: Inventory,
  report: {findings: Findings; at?: Position | undefined; where: string},
): readonly string[] => {
  const parts = split(pattern).filter(part => part !== '')
  const chosen = new Set<string>()
  const place = report.at ? {at: report.at} : {}
  const resolved = parts.map(part => {
    const sign = /^[!&]/.exec(part)?.[0] ?? ''
    const name = part.slice(sign.length)
    try {
      const hosts = match(name, inventory)
      if (hosts.length === 0 && name !== 'ungrouped' && inventory.hosts.size > 0) {
        const near = nearest(name, [...inventory.groups.keys(), ...inventory.hosts.keys()])
        const empty = inventory.groups.has(name)
        report.findings.add({
          rule: 'unmatched-pattern',
          what: `'${name}' in ${report.where} matches no host`,
          why: empty ? 'the group has no hosts' : 'the inventory has no such host or group',
          fix: empty
            ? 'add hosts to it or leave it out'
            : near === undefined
              ? `known groups: ${[...inventory.groups.keys()].join(', ')}`
              : `did you mean '${near}'?`,
          ...place,
        })
      }
      return {sign, hosts}
    } catch (error) {
      report.findings.add({
        rule: 'pattern-syntax',
        what: `'${name}' in ${report.where} is not a pattern`,
        why: (error as Error).message,
        ...place,
      })
      return {sign, hosts: []}
    }
  })
  if (resolved.length > 0 && resolved.every(({sign}) => sign !== ''))
    for (const host of inventory.hosts.keys()) chosen.add(host)
  for (const {sign, hosts} of resolved) if (sign === '') for (const host of hosts) chosen.add(host)
  for (const {sign, hosts} of resolved)
    if (sign === '&') for (const host of chosen) if (!hosts.includes(host)) chosen.delete(host)
  for (const {sign, hosts} of resolved) if (sign === '!') for (const host of hosts) chosen.delete(host)
  return [...inventory.hosts.keys()].filter(host => chosen.has(host))
}
