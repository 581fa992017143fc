import {escape, time} from '../../report/text.ts'
import type {Direction, PathResult, ProtocolEvent, ScenarioResult} from '../model.ts'

const width = 1000
const left = 190
const lane = 22
const top = 34

/** Kinds of events, each with a lane of its own, in the order in which a failover goes. */
const kinds = ['fault', 'BFD', 'VRRP', 'BGP', 'uplink', 'conntrack']

/** A scenario on one time line, as inline SVG: the fault, what each direction of each path lost, what protocols said. */
export const timeline = (scenario: ScenarioResult): string => {
  const {startMs, endMs, faultMs, healMs, budgetMs, paths, events} = scenario
  const spanMs = Math.max(1, endMs - startMs)
  const x = (atMs: number): number =>
    Number((left + (Math.min(Math.max(atMs, startMs), endMs) - startMs) * ((width - left - 10) / spanMs)).toFixed(1))
  const pathLanes = paths.flatMap(path => path.directions.map(direction => ({path, direction})))
  const known = [...new Set([...kinds, ...events.map(({kind}) => kind)])]
  const eventLanes = known.filter(kind => events.some(event => event.kind === kind))
  const height = top + (pathLanes.length + eventLanes.length) * lane + 26
  const bottom = height - 22
  return `<svg class="timeline" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(`${scenario.title}: time line`)}">
<rect class="fault" x="${x(faultMs)}" y="${top - 10}" width="${Math.max(1, Number((x(healMs) - x(faultMs)).toFixed(1)))}" height="${bottom - top + 10}"/>
<text class="note" x="${x(faultMs) + 4}" y="${top - 16}">fault, ${escape(time(healMs - faultMs))}</text>
<line class="budget" x1="${x(faultMs + budgetMs)}" x2="${x(faultMs + budgetMs)}" y1="${top - 10}" y2="${bottom}"/>
${faultMs + budgetMs < endMs ? `<text class="note budget-note" x="${x(faultMs + budgetMs) + 4}" y="${bottom - 4}">budget ${escape(time(budgetMs))}</text>` : ''}
${pathLanes.map(({path, direction}, index) => pathLane(path, direction, top + index * lane, x)).join('\n')}
${eventLanes.map((kind, index) => eventLane(kind, events, top + (pathLanes.length + index) * lane, x, startMs)).join('\n')}
${axis(startMs, endMs, faultMs, bottom, x)}
</svg>`
}

const laneName = ({name, from, to = ''}: PathResult, {way}: Direction): string =>
  way === 'there and back' ? `${name}, ping` : way === 'out' ? `${name} → ${to}` : `${name} → ${from}`

const pathLane = (path: PathResult, direction: Direction, y: number, x: (ms: number) => number): string => {
  const bars = direction.gaps.map(({fromMs, toMs, lost}) => {
    const barWidth = Math.max(1.5, Number((x(toMs) - x(fromMs)).toFixed(1)))
    const title = `${time(toMs - fromMs)} without an arrival, ${lost} lost`
    return `<rect class="${lost > 0 ? 'loss' : 'late'}" x="${x(fromMs)}" y="${y + 2}" width="${barWidth}" height="${lane - 6}"><title>${escape(title)}</title></rect>`
  })
  return `<text class="lane" x="0" y="${y + 14}">${escape(laneName(path, direction))}</text><rect class="flow" x="${left}" y="${y + 8}" width="${width - left - 10}" height="4"/>${bars.join('')}`
}

const eventLane = (
  kind: string,
  events: readonly ProtocolEvent[],
  y: number,
  x: (ms: number) => number,
  startMs: number,
): string => {
  const dots = events
    .filter(event => event.kind === kind && event.atMs >= startMs)
    .map(
      ({atMs, host, text}) =>
        `<circle class="event" cx="${x(atMs)}" cy="${y + 10}" r="4"><title>${escape(`${host}: ${text}`)}</title></circle>`,
    )
  return `<text class="lane" x="0" y="${y + 14}">${escape(kind)}</text>${dots.join('')}`
}

/** A mark each second, or less often where these would be too many. */
const axis = (startMs: number, endMs: number, zeroMs: number, y: number, x: (ms: number) => number): string => {
  const everyMs = [1000, 2000, 5000, 10_000, 30_000, 60_000].find(each => (endMs - startMs) / each <= 16) ?? 120_000
  const marks: string[] = []
  for (let at = zeroMs - Math.floor((zeroMs - startMs) / everyMs) * everyMs; at <= endMs; at += everyMs)
    marks.push(
      `<line class="tick" x1="${x(at)}" x2="${x(at)}" y1="${y}" y2="${y + 4}"/><text class="tick-text" x="${x(at)}" y="${y + 16}">${Math.round((at - zeroMs) / 1000)} s</text>`,
    )
  return marks.join('')
}
