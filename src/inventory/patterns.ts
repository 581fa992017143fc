import type {Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {nearest} from '../diagnostics/nearest.ts'
import {parseAddress} from './address.ts'
import type {Inventory} from './model.ts'

/** Splits at commas, else at colons outside of brackets; an address of IPv6 stays whole. */
export const splitPattern = (pattern: string): readonly string[] =>
  (pattern.includes(',') ? pattern.split(',') : parseAddress(pattern) ? [pattern] : colons(pattern)).flatMap(
    part => part.trim() || [],
  )

const colons = (pattern: string): readonly string[] => pattern.match(/(?:[^\s:[\]]|\[[^\]]*\])+/gu) ?? [pattern]

/** Python's fnmatch: `*`, `?`, `[seq]` and `[!seq]`; a bracket that is not closed is itself. */
const globToRegExp = (glob: string): RegExp =>
  new RegExp(
    `^(?:${glob.replaceAll(
      /\[(!?)(\]?[^\]]*)\]|[*?]|[\\^$.|+(){}[\]]/g,
      (found, not: string, set: string | undefined) => {
        if (set !== undefined) return `[${not && '^'}${set.replaceAll(/[\\[\]^]|^-|-$/g, String.raw`\$&`)}]`
        return found === '*' ? '.*' : found === '?' ? '.' : `\\${found}`
      },
    )})$`,
    'su',
  )

/** Matches at the beginning, not at the end, as Python's `match` does. */
const pythonRegExp = (source: string): RegExp =>
  new RegExp(`^(?:${source.replaceAll(/\\([^\w^$\\.*+?()[\]{}|/])/g, (_, sign) => `\\x${hex(sign)}`)})`, 'u')

const hex = (sign: string): string => sign.charCodeAt(0).toString(16).padStart(2, '0')

const select = (hosts: readonly string[], subscript: string): readonly string[] => {
  const range = /^(-?\d*)[:-](-?\d*)$/.exec(subscript)
  if (!range || /^-\d+$/.test(subscript)) {
    const host = hosts.at(Number(subscript))
    return host === undefined ? [] : [host]
  }
  const [, from = '', to = ''] = range
  const last = to === '' ? hosts.length - 1 : Number(to) < 0 ? hosts.length + Number(to) : Number(to)
  return hosts.slice(from === '' ? 0 : Number(from), last + 1)
}

/** Hosts of one pattern without its sign: those of the groups that match, and hosts that match themselves. */
const match = (part: string, inventory: Inventory): readonly string[] => {
  const isRegExp = part.startsWith('~')
  const [, body = part, subscript] =
    (isRegExp ? null : /^(.+)\[(-?\d+|\d+[:-]\d*|-?\d*:-?\d*)\]$/.exec(part)) ?? ([] as string[])
  const expression = isRegExp ? pythonRegExp(part.slice(1)) : globToRegExp(body)
  const groups = [...inventory.groups.keys()].filter(name => expression.test(name))
  const found = groups.flatMap(group => inventory.hostsOf(group))
  if (groups.length === 0 || isRegExp || /[.?*[]/.test(body))
    found.push(...[...inventory.hosts.keys()].filter(name => expression.test(name)))
  return subscript === undefined ? found : select(found, subscript)
}

type Report = {readonly findings: Findings; readonly at?: Position | undefined; readonly where: string}

const unmatched = (name: string, inventory: Inventory, {findings, at, where}: Report): void => {
  const empty = inventory.groups.has(name)
  const several = name.includes(':') && splitPattern(name).length > 1
  const near = nearest(name, [...inventory.groups.keys(), ...inventory.hosts.keys()])
  const [index] = /\[[\d:-]+\]$/.exec(name) ?? []
  const fix = empty
    ? 'add hosts to it or leave it out'
    : index !== undefined
      ? `${index} at the end is an index; ~${name} is a pattern of characters`
      : several
        ? 'separate all parts with commas, or all with colons'
        : near === undefined
          ? `known groups: ${[...inventory.groups.keys()].join(', ')}`
          : `did you mean '${near}'?`
  findings.add({
    rule: 'unmatched-pattern',
    what: `'${name}' in ${where} matches no host`,
    why: empty ? 'the group has no hosts' : 'the inventory has no such host or group',
    fix,
    ...(at && {at}),
  })
}

/** The hosts of one part; a part that matches nothing is a problem. */
const resolve = (part: string, inventory: Inventory, report: Report): readonly string[] => {
  if (inventory.hosts.has(part)) return [part]
  const name = part.replace(/^[!&]/, '')
  try {
    const hosts = match(name, inventory)
    if (hosts.length === 0 && name !== 'ungrouped' && inventory.hosts.size > 0) unmatched(name, inventory, report)
    return hosts
  } catch (error) {
    report.findings.add({
      rule: 'pattern-syntax',
      what: `'${name}' in ${report.where} is not a pattern`,
      why: (error as Error).message.replace(/^.*: /s, '').toLowerCase(),
      fix: "quote its special characters, or use '*' and '?' without '~'",
      ...(report.at && {at: report.at}),
    })
    return []
  }
}

/**
 * The hosts that a pattern means, as Ansible orders them: parts as written, groups from top to bottom. A list holds parts
 * that are not split any more.
 */
export const matchHosts = (
  pattern: string | readonly string[],
  inventory: Inventory,
  report: Report,
): readonly string[] => {
  const parts = (typeof pattern === 'string' ? splitPattern(pattern) : pattern).filter(part => part !== '')
  const signed = (sign: string) => parts.filter(part => part.startsWith(sign))
  const plain = parts.filter(part => !/^[!&]/.test(part))
  if (parts.length === 0) return []
  let hosts = [...new Set((plain.length ? plain : ['all']).flatMap(part => resolve(part, inventory, report)))]
  for (const part of signed('&')) {
    const kept = new Set(resolve(part, inventory, report))
    hosts = hosts.filter(host => kept.has(host))
  }
  for (const part of signed('!')) {
    const excluded = new Set(resolve(part, inventory, report))
    hosts = hosts.filter(host => !excluded.has(host))
  }
  return hosts
}
