// The report of an audit in a real browser: light, dark, on paper and on a narrow screen.
import test from 'ava'
import {auditHtml} from '../../src/audit/report/html.ts'
import {failedResult} from '../audit/example.ts'
import {looksLikeAReport, openReport} from '../support/report-in-browser.ts'

const opened = openReport(auditHtml(failedResult))

const rows = (section: string): Promise<string[]> =>
  opened().evaluate(
    `[...document.querySelector("#${section}").nextElementSibling.querySelectorAll("tbody tr")].map(row => [...row.cells].map(cell => cell.innerText.split("\\n")[0]).join(" | "))`,
  )

test.serial('it opens without a complaint and says what is wrong, where, and what to do', async t => {
  t.deepEqual(opened().complaints, [])
  t.is(await opened().evaluate('document.title'), 'Audit of gw1, gw2, 2026-11-30')
  t.regex(
    await opened().evaluate('document.querySelector("#verdict").innerText'),
    /Failed\s+2 failed, 1 not evaluated, 1 waived, 0 passed/,
  )
  t.deepEqual(await rows('todo'), [
    'critical | gw1 | Everything is dropped that is not declared | gatewright play',
    'high | gw1 | SSH <takes> keys | look & mend',
  ])
  t.deepEqual(await rows('controls'), [
    'Everything is dropped that is not declared | critical | fail | not evaluated',
    'SSH <takes> keys | high | fail | waived',
  ])
  t.deepEqual(await rows('hosts'), [
    'gw1 | 2 | 0 | 0 | 0 | ssh-ed25519 SHA256:abc',
    'gw2 | 0 | 1 | 1 | 0 | ssh-ed25519 SHA256:abc',
  ])
  t.is(await opened().evaluate('document.scripts.length'), 0, 'what a host has said is not run')
})

test.serial('evidence unfolds', async t => {
  const shown = '[...document.querySelectorAll("#filter pre")].some(each => each.checkVisibility())'
  t.false(await opened().evaluate(shown))
  await opened().evaluate('document.querySelector("#filter summary").click()')
  t.true(await opened().evaluate(shown))
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
