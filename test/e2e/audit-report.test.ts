// The report of an audit in a real browser: light, dark, on paper and on a narrow screen.
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {auditHtml} from '../../src/audit/report/html.ts'
import {failedResult} from '../audit/example.ts'
import {openPage, type Page} from '../support/chromium.ts'

let page: Page
let directory: string
test.before(async t => {
  t.timeout(700_000)
  directory = mkdtempSync(join(tmpdir(), 'gatewright-report-'))
  writeFileSync(join(directory, 'report.html'), auditHtml(failedResult))
  page = await openPage(`file://${directory}/report.html`)
})
test.after.always(async () => {
  await page?.close()
  rmSync(directory, {recursive: true, force: true})
})

const rows = (section: string): Promise<string[]> =>
  page.evaluate(
    `[...document.querySelector("#${section}").nextElementSibling.querySelectorAll("tbody tr")].map(row => [...row.cells].map(cell => cell.innerText.split("\\n")[0]).join(" | "))`,
  )
const background = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor')

test.serial('it opens without a complaint and says what is wrong, where, and what to do', async t => {
  t.deepEqual(page.complaints, [])
  t.is(await page.evaluate('document.title'), 'Audit of gw1, gw2, 2026-11-30')
  t.regex(
    await page.evaluate('document.querySelector("#verdict").innerText'),
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
  t.is(await page.evaluate('document.scripts.length'), 0, 'what a host has said is not run')
})

test.serial('evidence unfolds', async t => {
  const shown = '[...document.querySelectorAll("#filter pre")].some(each => each.checkVisibility())'
  t.false(await page.evaluate(shown))
  await page.evaluate('document.querySelector("#filter summary").click()')
  t.true(await page.evaluate(shown))
})

test.serial('links within the page lead somewhere', async t => {
  t.deepEqual(
    await page.evaluate(
      '[...document.querySelectorAll("a")].filter(({hash}) => !document.getElementById(hash.slice(1))).map(({hash}) => hash)',
    ),
    [],
  )
})

test.serial('it is dark for those who want it dark', async t => {
  t.is(await background(), 'rgb(255, 255, 255)')
  await page.send('Emulation.setEmulatedMedia', {features: [{name: 'prefers-color-scheme', value: 'dark'}]})
  t.is(await background(), 'rgb(18, 22, 27)')
  t.is(await page.evaluate('getComputedStyle(document.body).color'), 'rgb(228, 232, 238)')
  const shot = await page.screenshot()
  t.true(shot.length > 20_000, `${shot.length} bytes`)
})

test.serial('on paper it is light and has pages', async t => {
  await page.send('Emulation.setEmulatedMedia', {
    media: 'print',
    features: [{name: 'prefers-color-scheme', value: 'dark'}],
  })
  t.is(await background(), 'rgb(255, 255, 255)')
  await page.send('Emulation.setEmulatedMedia', {media: '', features: []})
  const {data} = await page.send('Page.printToPDF', {printBackground: true})
  const pdf = Buffer.from(data, 'base64').toString('latin1')
  t.true((pdf.match(/\/Type\s*\/Page\b/g) ?? []).length >= 1)
})

test.serial('on a narrow screen tables scroll, the page does not', async t => {
  await page.send('Emulation.setDeviceMetricsOverride', {width: 390, height: 800, deviceScaleFactor: 1, mobile: true})
  t.true(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth'))
})
