import type {HostProfile, ItemProfile, Phase, Profile} from '../events.ts'
import type {Look} from './item-lines.ts'
import {duration, pad, padStart, truncate} from './text.ts'

const phases: readonly Phase[] = ['connect', 'facts', 'probe', 'apply', 'verify']
const shownItems = 15
const shownHosts = 10
const widestBar = 30
const cell = 8

/** The slowest items, the plays, and where the time of the slowest hosts went. */
export const profileLines = ({items, plays, hosts}: Profile, look: Look): string[] => {
  const {style} = look
  const width = Math.min(look.width, 160)
  const slowest = hosts.toSorted((a, b) => b.totalMs - a.totalMs).slice(0, shownHosts)
  return [
    '',
    style.bold('profile'),
    ...(items.length === 0
      ? []
      : [
          style.dim(head('slowest items', ['longest', 'mean', 'hosts'], nameWidth(width, 3))),
          ...items.slice(0, shownItems).map(item => itemLine(item, items[0]?.longestMs ?? 0, {...look, width})),
        ]),
    ...(plays.length === 0 ? [] : [style.dim(head('plays', ['time', 'hosts'], nameWidth(width, 3)))]),
    ...plays.map(({name, hosts: count, elapsedMs}) => row(name, [time(elapsedMs), String(count)], nameWidth(width, 3))),
    style.dim(head(hosts.length > shownHosts ? 'slowest hosts' : 'hosts', [...phases, 'total'], nameWidth(width, 6))),
    ...slowest.map(host => hostLine(host, slowest[0]?.totalMs ?? 0, {...look, width})),
    ...(hosts.length > 1 ? [hostLine(total(hosts), 0, {...look, width})] : []),
  ].map(line => line.trimEnd())
}

const leastBar = 10
/** What is left for names beside the cells and a bar. */
const nameWidth = (width: number, cells: number): number =>
  Math.min(60, Math.max(14, width - 2 - cells * cell - 2 - leastBar))

const head = (title: string, cells: readonly string[], width: number): string =>
  pad(title, width + 2) + cells.map(text => padStart(text, cell)).join('')

const row = (name: string, cells: readonly string[], width: number): string =>
  `  ${pad(truncate(name, width), width)}${cells.map(text => padStart(text, cell)).join('')}`

const itemLine = ({id, hosts, sumMs, longestMs}: ItemProfile, most: number, {width, style}: Look): string => {
  const text = row(id, [time(longestMs), time(sumMs / hosts), String(hosts)], nameWidth(width, 3))
  return text + style.yellow(bar(longestMs, most, width - text.length - 2))
}

const hostLine = (host: HostProfile, most: number, {width, style}: Look): string => {
  const cells = [...phases.map(phase => host[phase]), host.totalMs].map(time)
  const text = row(host.host, cells, nameWidth(width, 6))
  return text + style.yellow(bar(host.totalMs, most, width - text.length - 2))
}

const bar = (ms: number, most: number, room: number): string =>
  most === 0 ? '' : `  ${'█'.repeat(Math.round((ms / most) * Math.min(widestBar, room)))}`

const time = (ms: number): string =>
  duration(ms)
    .replace(' min ', 'm')
    .replace(' h ', 'h')
    .replace(/ (s|min)$/, '$1')

const total = (hosts: readonly HostProfile[]): HostProfile => {
  const of = (key: Phase | 'totalMs'): number => hosts.reduce((sum, host) => sum + host[key], 0)
  const name = `all ${hosts.length}`
  const [connect, facts, probe, apply, verify] = [of('connect'), of('facts'), of('probe'), of('apply'), of('verify')]
  return {host: name, connect, facts, probe, apply, verify, totalMs: of('totalMs')}
}
