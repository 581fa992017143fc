// The report of a drill in a real browser: light, dark, on paper and on a narrow screen.
import test from 'ava'
import {drillHtml} from '../../src/drill/report/html.ts'
import {failedResult} from '../drill/example-result.ts'
import {looksLikeAReport, openReport} from '../support/report-in-browser.ts'

const opened = openReport(drillHtml(failedResult))

test.serial('it opens without a complaint and shows each scenario with its verdict and its time line', async t => {
  t.deepEqual(opened().complaints, [])
  t.is(await opened().evaluate('document.title'), 'Failover drill of frankfurt, 2026-11-29')
  t.deepEqual(
    await opened().evaluate(
      '[...document.querySelectorAll("section.scenario")].map(each => [each.id, each.querySelectorAll("svg").length])',
    ),
    [
      ['lan-cable', 1],
      ['crash', 1],
      ['tunnel', 0],
      ['failback', 0],
    ],
  )
  t.regex(
    await opened().evaluate('document.querySelector("#verdict").innerText'),
    /Failed.*1 passed, 1 failed, 1 not run, 1 left out/s,
  )
  t.regex(await opened().evaluate('document.querySelector("#cost").innerText'), /8000 USD an hour.*7\.66 USD/)
  t.is(await opened().evaluate('document.scripts.length'), 0, 'what a host has said is not run')
})

test.serial('losses are drawn where they were: within the fault, and as long as they lasted', async t => {
  const [fault, loss, flow] = await opened().evaluate<{x: number; width: number}[]>(
    '(() => { const box = name => { const {x, width} = document.querySelector(`#crash svg .${name}`).getBBox(); return {x, width} }; return [box("fault"), box("loss"), box("flow")] })()',
  )
  if (!fault || !loss || !flow) return t.fail('all are drawn')
  t.true(loss.x >= fault.x && loss.x + loss.width <= fault.x + fault.width)
  // 3.4 s of a time line of 14 s.
  t.true(Math.abs(loss.width / flow.width - 3.405 / 14) < 0.01, `${loss.width / flow.width}`)
})

test.serial('links within the page lead somewhere', async t => {
  t.deepEqual(
    await opened().evaluate(
      '[...document.querySelectorAll("a")].filter(({hash}) => !document.getElementById(hash.slice(1))).map(({hash}) => hash)',
    ),
    [],
  )
})

looksLikeAReport(opened)
