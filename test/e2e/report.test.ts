// The report of a drill in a real browser: light, dark, on paper and on a narrow screen.
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {drillHtml} from '../../src/drill/report/html.ts'
import {failedResult} from '../drill/example-result.ts'
import {openPage, type Page} from '../support/chromium.ts'

let page: Page
let directory: string
test.before(async t => {
  t.timeout(700_000)
  directory = mkdtempSync(join(tmpdir(), 'gatewright-report-'))
  writeFileSync(join(directory, 'report.html'), drillHtml(failedResult))
  page = await openPage(`file://${directory}/report.html`)
})
test.after.always(async () => {
  await page?.close()
  rmSync(directory, {recursive: true, force: true})
})

const background = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor')

test.serial('it opens without a complaint and shows each scenario with its verdict and its time line', async t => {
  t.deepEqual(page.complaints, [])
  t.is(await page.evaluate('document.title'), 'Failover drill of frankfurt, 2026-11-29')
  t.deepEqual(
    await page.evaluate(
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
    await page.evaluate('document.querySelector("#verdict").innerText'),
    /Failed.*1 passed, 1 failed, 1 not run, 1 left out/s,
  )
  t.regex(await page.evaluate('document.querySelector("#cost").innerText'), /8000 USD an hour.*7\.66 USD/)
  t.is(await page.evaluate('document.scripts.length'), 0, 'what a host has said is not run')
})

test.serial('losses are drawn where they were: within the fault, and as long as they lasted', async t => {
  const [fault, loss, flow] = await page.evaluate<{x: number; width: number}[]>(
    '(() => { const box = name => { const {x, width} = document.querySelector(`#crash svg .${name}`).getBBox(); return {x, width} }; return [box("fault"), box("loss"), box("flow")] })()',
  )
  if (!fault || !loss || !flow) return t.fail('all are drawn')
  t.true(loss.x >= fault.x && loss.x + loss.width <= fault.x + fault.width)
  // 3.4 s of a time line of 14 s.
  t.true(Math.abs(loss.width / flow.width - 3.405 / 14) < 0.01, `${loss.width / flow.width}`)
})

test.serial('links within the page lead somewhere', async t => {
  t.deepEqual(
    await page.evaluate(
      '[...document.querySelectorAll("a")].filter(({hash}) => !document.getElementById(hash.slice(1))).map(({hash}) => hash)',
    ),
    [],
  )
})

test.serial('it is dark for those who want it dark, and text can be read', async t => {
  const light = await background()
  await page.send('Emulation.setEmulatedMedia', {features: [{name: 'prefers-color-scheme', value: 'dark'}]})
  const dark = await background()
  t.is(light, 'rgb(255, 255, 255)')
  t.is(dark, 'rgb(18, 22, 27)')
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
  t.true(pdf.startsWith('%PDF-'))
  t.true((pdf.match(/\/Type\s*\/Page\b/g) ?? []).length >= 1)
})

test.serial('on a narrow screen tables scroll, the page does not', async t => {
  await page.send('Emulation.setDeviceMetricsOverride', {width: 390, height: 800, deviceScaleFactor: 1, mobile: true})
  t.true(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth'))
})
