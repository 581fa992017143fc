import {factList, page} from '../../report/page.ts'
import {date, day, escape, time} from '../../report/text.ts'
import type {AuditRecord, AuditResult, Verdict} from '../model.ts'
import {countOf, countText, failuresOf, verdicts} from './figures.ts'

/** The report of an audit as one page, made from its result alone: the same result gives the same page. */
export const auditHtml = (result: AuditResult): string =>
  page({
    title: `Audit of ${result.hosts.join(', ')}, ${day(result.startedMs)}`,
    engine: result.engine,
    body: `${head(result)}
<main>
${todo(result)}
${byHost(result)}
${byControl(result)}
${sinceLast(result)}
${requirements(result)}
<h2 id="evidence">Evidence</h2>
${result.controls.map(control => controlSection(control, result)).join('\n')}
</main>`,
  })

const classes: Readonly<Record<Verdict, string>> = {
  pass: 'passed',
  fail: 'failed-text',
  waived: 'warn',
  'not evaluated': 'left',
}
const shown = (verdict: Verdict): string => `<span class="${classes[verdict]}">${verdict}</span>`

const head = (result: AuditResult): string => {
  const {hosts, startedMs, endedMs, operator, run, engine, records} = result
  const failed = countOf(records, 'fail') > 0
  return `<header>
<h1>Audit of ${escape(hosts.join(', '))}</h1>
${factList([
  ['Done', `${date(startedMs)}, in ${time(endedMs - startedMs)}`],
  ['Operator', operator],
  ['Run', `${run}, gatewright ${engine}, read-only`],
])}
<div class="banner${failed ? ' failed' : ''}" id="verdict"><strong class="${failed ? 'failed-text' : 'passed'}">${failed ? 'Failed' : 'No failure'}</strong> &nbsp; ${escape(countText(records))}</div>
</header>`
}

const titleOf = ({controls}: AuditResult, id: string): string =>
  controls.find(control => control.id === id)?.title ?? id
const link = (result: AuditResult, id: string): string => `<a href="#${escape(id)}">${escape(titleOf(result, id))}</a>`

const todo = (result: AuditResult): string => {
  const failures = failuresOf(result)
  if (failures.length === 0) return '<h2 id="todo">What to do</h2>\n<p>Nothing: no control failed.</p>'
  return `<h2 id="todo">What to do</h2>
<div class="wide"><table>
<thead><tr><th>Severity</th><th>Host</th><th>What is wrong</th><th>Run or do</th></tr></thead>
<tbody>
${failures
  .map(
    ({control, host, severity, because, repair = '', isDrift}) =>
      `<tr data-control="${escape(control)}" data-host="${escape(host)}"><td>${severity}</td><td>${escape(host)}</td><td>${link(result, control)}${because.map(reason => `<br><span class="dim">${escape(reason)}</span>`).join('')}</td><td>${isDrift ? `<code>${escape(repair)}</code>` : escape(repair)}</td></tr>`,
  )
  .join('\n')}
</tbody>
</table></div>`
}

const byHost = ({hosts, records}: AuditResult): string => `<h2 id="hosts">By host</h2>
<div class="wide"><table>
<thead><tr><th>Host</th>${verdicts.map(verdict => `<th class="number">${verdict}</th>`).join('')}<th>Host key</th></tr></thead>
<tbody>${hosts
  .map(host => {
    const own = records.filter(each => each.host === host)
    return `<tr><td>${escape(host)}</td>${verdicts.map(verdict => `<td class="number">${countOf(own, verdict)}</td>`).join('')}<td><code>${escape(own[0]?.hostKeys.join(', ') ?? '')}</code></td></tr>`
  })
  .join('')}</tbody>
</table></div>`

const byControl = (result: AuditResult): string => {
  const {hosts, controls, records} = result
  return `<h2 id="controls">By control</h2>
<div class="wide"><table>
<thead><tr><th>Control</th><th>Severity</th>${hosts.map(host => `<th>${escape(host)}</th>`).join('')}</tr></thead>
<tbody>
${controls
  .map(
    ({id, severity}) =>
      `<tr><td>${link(result, id)}</td><td>${severity}</td>${hosts
        .map(
          host =>
            `<td>${records
              .filter(each => each.control === id && each.host === host)
              .map(({verdict}) => shown(verdict))
              .join('')}</td>`,
        )
        .join('')}</tr>`,
  )
  .join('\n')}
</tbody>
</table></div>`
}

const sinceLast = (result: AuditResult): string => {
  const {since} = result
  if (!since) return '<h2 id="since">Since the last audit</h2>\n<p>This is the first audit of these hosts on file.</p>'
  const moves = since.moved.map(
    ({control, host, was, is}) =>
      `<tr><td>${link(result, control)}</td><td>${escape(host)}</td><td>${was === 'new' ? 'not asked' : shown(was)}</td><td>${is === 'gone' ? 'not asked' : shown(is)}</td></tr>`,
  )
  return `<h2 id="since">Since the last audit</h2>
<p>Compared with that of ${date(since.startedMs)} (${escape(since.run)}).${moves.length === 0 ? ' Every verdict is the same.' : ''}</p>
${moves.length === 0 ? '' : `<div class="wide"><table><thead><tr><th>Control</th><th>Host</th><th>Was</th><th>Is</th></tr></thead><tbody>${moves.join('\n')}</tbody></table></div>`}`
}

const requirements = (result: AuditResult): string =>
  result.requirements.length === 0
    ? ''
    : `<h2 id="requirements">Requirements</h2>
<div class="wide"><table>
<thead><tr><th>No.</th><th>Requirement</th><th>Answered by</th></tr></thead>
<tbody>
${result.requirements
  .map(({id, text, without}) => {
    const answers = result.controls.filter(control => control.requirements.includes(id))
    const answered =
      without === undefined
        ? answers.map(control => link(result, control.id)).join(', ')
        : `<span class="dim">not by an audit: ${escape(without)}</span>`
    return `<tr><td>${escape(id)}</td><td>${escape(text)}</td><td>${answered}</td></tr>`
  })
  .join('\n')}
</tbody>
</table></div>`

const controlSection = (control: AuditResult['controls'][number], {records}: AuditResult): string => {
  const {id, title, rationale, severity, references, requirements: answered, expected} = control
  const about = [severity, ...answered, ...references].map(escape).join(' &middot; ')
  return `<section class="scenario" id="${escape(id)}">
<div class="head"><h3>${escape(title)}</h3><span class="dim">${about}</span></div>
<p class="dim">${escape(rationale)}${expected === undefined ? '' : ` Expected: ${escape(expected)}.`}</p>
${records
  .filter(each => each.control === id)
  .map(recordPart)
  .join('\n')}
</section>`
}

const recordPart = ({host, verdict, because, waiver, repair, evidence}: AuditRecord): string => {
  const reasons = [
    ...because,
    ...(waiver
      ? [`${verdict === 'waived' ? 'waived' : 'was waived'} by ${waiver.who} until ${waiver.until}: ${waiver.why}`]
      : []),
    ...(repair === undefined || verdict !== 'fail' ? [] : [`to do: ${repair}`]),
  ]
  const box =
    reasons.length === 0 ? '' : `<div class="reasons">${reasons.map(each => `<p>${escape(each)}</p>`).join('')}</div>`
  const seen = evidence
    .map(
      ({what, of, command, observed, atMs}) =>
        `<tr><td>${what === 'resource' ? escape(of) : `seen on ${escape(of)}`}<br><span class="dim">${new Date(atMs).toISOString()}</span></td><td><pre class="wide"><code>${escape(observed)}</code></pre>${command === '' ? '' : `<details><summary>command</summary><pre class="wide"><code>${escape(command)}</code></pre></details>`}</td></tr>`,
    )
    .join('')
  return `<p><strong>${escape(host)}</strong> ${shown(verdict)}</p>${box}${evidence.length === 0 ? '' : `<details><summary>${evidence.length} pieces of evidence</summary><div class="wide"><table><tbody>${seen}</tbody></table></div></details>`}`
}
