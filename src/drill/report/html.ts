import {factList, page} from '../../report/page.ts'
import {date, day, escape, time} from '../../report/text.ts'
import type {DrillResult, ScenarioResult} from '../model.ts'
import {
  allowances,
  dueDays,
  isPassed,
  isPlayed,
  lostOf,
  outageMs,
  type Service,
  sessionsOf,
  silenceOf,
  timesAYear,
} from './figures.ts'
import {timeline} from './timeline.ts'

const dayMs = 86_400_000

/** The report of a drill as one page, made from its result alone: the same result gives the same page. */
export const drillHtml = (result: DrillResult): string =>
  page({
    title: `Failover drill of ${result.pair}, ${day(result.startedMs)}`,
    engine: result.engine,
    body: `${head(result)}
<main>
${summary(result)}
${meaning(result)}
${stateSection(result)}
<h2 id="scenarios">What happened</h2>
<p class="legend"><span><i style="background:var(--fault)"></i>fault</span><span><i style="background:var(--bad)"></i>packets lost</span><span><i style="background:var(--late)"></i>packets late, none lost</span><span><i style="background:var(--event);border-radius:50%"></i>a protocol says something</span><span>dashed: budget</span></p>
${result.scenarios.map(scenarioSection).join('\n')}
${method(result)}
</main>`,
  })

const head = (result: DrillResult): string => {
  const {pair, site, startedMs, endedMs, operator, engine, run, hosts, isLab, scenarios} = result
  const count = (verdict: ScenarioResult['verdict']): number =>
    scenarios.filter(each => each.verdict === verdict).length
  const passed = isPassed(result)
  const parts = [
    `${count('passed')} passed`,
    count('failed') > 0 && `${count('failed')} failed`,
    count('not run') > 0 && `${count('not run')} not run`,
    count('left out') > 0 && `${count('left out')} left out`,
  ].filter(Boolean)
  const facts: readonly (readonly [string, string])[] = [
    ['Played', `${date(startedMs)}, ${time(endedMs - startedMs)}`],
    ['Gateways', hosts.map(({name}) => name).join(', ')],
    ...(site === undefined ? [] : [['Site', site] as const]),
    ['Operator', operator],
    ['Run', `${run}, gatewright ${engine}${isLab ? ', on a lab' : ''}`],
    ['Next drill due', day(startedMs + dueDays * dayMs)],
  ]
  return `<header>
<h1>Failover drill of ${escape(pair)}</h1>
${factList(facts)}
<div class="banner${passed ? '' : ' failed'}" id="verdict"><strong class="${passed ? 'passed' : 'failed-text'}">${passed ? 'Passed' : result.isInterrupted ? 'Interrupted' : 'Failed'}</strong> &nbsp; ${escape(parts.join(', '))}</div>
</header>`
}

const verdictCell = ({verdict}: ScenarioResult): string =>
  `<span class="${verdict === 'passed' ? 'passed' : verdict === 'left out' ? 'left' : 'failed-text'}">${escape(verdict)}</span>`

const meter = (scenario: ScenarioResult): string => {
  const share = Math.min(100, (outageMs(scenario) / Math.max(1, scenario.budgetMs)) * 100)
  const kind =
    scenario.verdict === 'failed' && outageMs(scenario) > scenario.budgetMs
      ? ' class="bad-bar"'
      : scenario.goalMissed
        ? ' class="warn-bar"'
        : ''
  return `<span class="meter" title="${Math.round(share)} % of the budget"><i${kind} style="width:${Math.max(1, Math.round(share))}%"></i></span>`
}

const optional = (ms: number | undefined): string => (ms === undefined ? '' : escape(time(ms)))

const summary = ({scenarios}: DrillResult): string => `<h2 id="summary">Summary</h2>
<div class="wide"><table>
<thead><tr><th>Scenario</th><th>Result</th><th class="number">Longest silence</th><th class="number">Budget</th><th></th><th class="number">Noticed after</th><th class="number">Repaired after</th><th class="number">Lost</th><th class="number">Sessions</th></tr></thead>
<tbody>
${scenarios.map(summaryRow).join('\n')}
</tbody>
</table></div>`

const summaryRow = (scenario: ScenarioResult): string => {
  const {id, title, budgetMs, goalMs, goalMissed, detectMs, repairMs, paths, because, verdict} = scenario
  const name = `<a href="#${escape(id)}">${escape(title)}</a>`
  if (!isPlayed(scenario) || paths.length === 0)
    return `<tr><td>${name}</td><td>${verdictCell(scenario)}</td><td colspan="7" class="dim">${escape(because.join('; '))}</td></tr>`
  const sessions = sessionsOf(paths)
  const goal =
    goalMs === undefined ? '' : `<br><span class="${goalMissed ? 'warn' : 'dim'}">goal ${escape(time(goalMs))}</span>`
  return `<tr data-scenario="${escape(id)}" data-verdict="${escape(verdict)}"><td>${name}</td><td>${verdictCell(scenario)}</td><td class="number">${escape(time(outageMs(scenario)))}</td><td class="number">${escape(time(budgetMs))}${goal}</td><td>${meter(scenario)}</td><td class="number">${optional(detectMs)}</td><td class="number">${optional(repairMs)}</td><td class="number">${lostOf(paths)}</td><td class="number">${sessions.opened > 0 ? `${sessions.survived} of ${sessions.opened}` : ''}</td></tr>`
}

const meaning = (result: DrillResult): string => {
  const rows = (Object.keys(allowances) as Service[]).flatMap(service => {
    const silentMs = silenceOf(result, service)
    if (silentMs === undefined) return []
    const {words, yearMs} = allowances[service]
    const share = (silentMs / yearMs) * 100
    return [
      `<tr><td>${service === 'tunnel' ? 'Tunnels' : 'Internet'}</td><td class="number">${words}</td><td class="number">${escape(time(yearMs))}</td><td class="number">${escape(time(silentMs))}</td><td class="number">${share < 0.01 ? '&lt; 0.01' : share.toFixed(2)} %</td></tr>`,
    ]
  })
  if (rows.length === 0) return ''
  const played = result.scenarios.filter(scenario => isPlayed(scenario) && scenario.paths.length > 0)
  const worst = played.reduce<ScenarioResult | undefined>(
    (most, each) => (most === undefined || outageMs(each) > outageMs(most) ? each : most),
    undefined,
  )
  const often = worst && timesAYear(outageMs(worst), 'internet')
  const {costPerHour, currency} = result
  const silentMs = (silenceOf(result, 'internet') ?? 0) + (silenceOf(result, 'tunnel') ?? 0)
  const cost =
    costPerHour === undefined
      ? ''
      : `<p id="cost">At ${escape(`${costPerHour} ${currency}`)} an hour of outage, every fault of this drill happening once costs <strong>${escape(`${((silentMs / 3_600_000) * costPerHour).toFixed(2)} ${currency}`)}</strong>.</p>`
  return `<h2 id="meaning">What it means</h2>
<div class="wide"><table>
<thead><tr><th>Service</th><th class="number">Availability a year</th><th class="number">May be gone</th><th class="number">Gone when every fault happens once</th><th class="number">Of what a year allows</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table></div>
${worst && often !== undefined ? `<p>The longest silence, ${escape(time(outageMs(worst)))} (${escape(worst.title)}), could happen ${often} times a year before it alone used up 99.99 %.</p>` : ''}
${cost}`
}

const stateSection = ({stateChanges}: DrillResult): string => `<h2 id="state">Before and after</h2>
${
  stateChanges.length === 0
    ? '<p>Addresses, routes, rules, packet filter, units and kernel parameters of both gateways are as they were before.</p>'
    : stateChanges
        .map(
          ({host, section, gone, new: added}) =>
            `<div class="reasons"><p><strong>${escape(host)}: ${escape(section)}</strong></p>${[...shown(gone, '−'), ...shown(added, '+')].map(line => `<p><code>${escape(line)}</code></p>`).join('')}</div>`,
        )
        .join('\n')
}`

const mostLines = 20
const shown = (lines: readonly string[], sign: string): string[] => [
  ...lines.slice(0, mostLines).map(line => `${sign} ${line}`),
  ...(lines.length > mostLines ? [`${sign} and ${lines.length - mostLines} more`] : []),
]

const scenarioSection = (scenario: ScenarioResult): string => {
  const {id, title, because, faults, holderBefore, holderDuring, holderAfter, paths, events, faultMs, verdict, breaks} =
    scenario
  const reasons =
    because.length === 0
      ? ''
      : `<div class="reasons">${because.map(reason => `<p>${escape(reason)}</p>`).join('')}</div>`
  if (paths.length === 0)
    return `<section class="scenario" id="${escape(id)}"><div class="head"><h3>${escape(title)}</h3>${verdictCell(scenario)}</div>${verdict === 'left out' ? `<p class="dim">${escape(because.join('; '))}</p>` : reasons}</section>`
  return `<section class="scenario" id="${escape(id)}">
<div class="head"><h3>${escape(title)}</h3>${verdictCell(scenario)}</div>
<p class="dim">${faults.map(escape).join('; ')}. The traffic: ${escape(holderBefore)} before, ${escape(holderDuring || 'nobody')} at the end of the fault, ${escape(holderAfter || 'nobody')} after it. Worst that may happen: ${escape(breaks)}.</p>
${reasons}${timeline(scenario)}
<div class="wide"><table>
<thead><tr><th>Path</th><th></th><th class="number">Longest silence</th><th class="number">Lost</th><th class="number">Sent</th><th class="number">Twice</th><th class="number">Own pause</th></tr></thead>
<tbody>${paths.map(pathRows).join('')}</tbody>
</table></div>
<details><summary>${events.length} lines of the journals</summary><table><tbody>${events
    .map(
      ({atMs, host, kind, text}) =>
        `<tr><td class="number">${((atMs - faultMs) / 1000).toFixed(3)} s</td><td>${escape(host)}</td><td>${escape(kind)}</td><td>${escape(text)}</td></tr>`,
    )
    .join('')}</tbody></table></details>
</section>`
}

const pathRows = ({name, from, to, directions, sessions, attempts, note}: ScenarioResult['paths'][number]): string => {
  const rows = directions.map(({way, gapMs, lost, sent, duplicates, pauseMs}) => {
    const text = way === 'out' ? `${from} to ${to}` : way === 'back' ? `${to} to ${from}` : `${from}, there and back`
    return `<tr><td>${escape(name)}</td><td>${escape(text)}${note === undefined ? '' : `<br><span class="dim">${escape(note)}</span>`}</td><td class="number">${escape(time(gapMs))}</td><td class="number">${lost}</td><td class="number">${sent}</td><td class="number">${duplicates}</td><td class="number">${escape(time(pauseMs))}</td></tr>`
  })
  const more = [
    sessions &&
      `${sessions.survived} of ${sessions.opened} TCP sessions survived (${sessions.reset} reset, ${sessions.timedOut} timed out), longest stall ${time(sessions.longestStallMs)}`,
    ...attempts.map(
      ({kind, made, failed, longestMs}) =>
        `new ${kind === 'http' ? 'HTTP requests' : 'DNS queries'}: ${failed} of ${made} failed, longest time without a success ${time(longestMs)}`,
    ),
  ].filter(text => text !== undefined)
  return (
    rows.join('') +
    (more.length === 0 ? '' : `<tr><td></td><td colspan="6" class="dim">${more.map(escape).join('<br>')}</td></tr>`)
  )
}

const method = ({clockMs, scenarios}: DrillResult): string => {
  const periods = [...new Set(scenarios.flatMap(({paths}) => paths.map(({periodMs}) => periodMs)))].toSorted(
    (a, b) => a - b,
  )
  return `<h2 id="method">How it was measured</h2>
<p>Numbered UDP datagrams in both directions, counted where they arrive, and ICMP echoes; periods: ${periods.map(each => `${each} ms`).join(' and ') || 'none'}. A silence is a time without an arrival less the period (RFC 6412, loss of connectivity) and less the time in which a probe itself stood still (own pause), by one clock, and never shorter than what was lost in it; a lost packet is a number that never came. Times of the journals were compared with the control machine's clock and are wrong by ${escape(time(Math.ceil(clockMs)))} at most.</p>`
}
