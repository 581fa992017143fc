import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {openPage, type Page} from './chromium.ts'

/** Opens a report in a real browser before the tests of a file, and closes it after them; the page, once it is open. */
export const openReport = (html: string): (() => Page) => {
  let page: Page | undefined
  let directory = ''
  test.before(async t => {
    t.timeout(700_000)
    directory = mkdtempSync(join(tmpdir(), 'gatewright-report-'))
    writeFileSync(join(directory, 'report.html'), html)
    page = await openPage(`file://${directory}/report.html`)
  })
  test.after.always(async () => {
    await page?.close()
    rmSync(directory, {recursive: true, force: true})
  })
  return () => {
    if (!page) throw new Error('the report is not open')
    return page
  }
}

/** What every report looks like: light, dark, on paper and on a narrow screen. Declared last, as they change the screen. */
export const looksLikeAReport = (opened: () => Page): void => {
  const background = (): Promise<string> => opened().evaluate('getComputedStyle(document.body).backgroundColor')
  const darkness = {name: 'prefers-color-scheme', value: 'dark'}

  test.serial('it is dark for those who want it dark, and text can be read', async t => {
    const page = opened()
    t.is(await background(), 'rgb(255, 255, 255)')
    await page.send('Emulation.setEmulatedMedia', {features: [darkness]})
    t.is(await background(), 'rgb(18, 22, 27)')
    t.is(await page.evaluate('getComputedStyle(document.body).color'), 'rgb(228, 232, 238)')
    const shot = await page.screenshot()
    t.true(shot.length > 20_000, `${shot.length} bytes`)
  })

  test.serial('on paper it is light and has pages', async t => {
    const page = opened()
    await page.send('Emulation.setEmulatedMedia', {media: 'print', features: [darkness]})
    t.is(await background(), 'rgb(255, 255, 255)')
    await page.send('Emulation.setEmulatedMedia', {media: '', features: []})
    const {data} = await page.send('Page.printToPDF', {printBackground: true})
    const pdf = Buffer.from(data, 'base64').toString('latin1')
    t.true(pdf.startsWith('%PDF-'))
    t.true((pdf.match(/\/Type\s*\/Page\b/g) ?? []).length >= 1)
  })

  test.serial('on a narrow screen tables scroll, the page does not', async t => {
    const screen = {width: 390, height: 800, deviceScaleFactor: 1, mobile: true}
    await opened().send('Emulation.setDeviceMetricsOverride', screen)
    t.true(await opened().evaluate('document.documentElement.scrollWidth <= window.innerWidth'))
  })
}
