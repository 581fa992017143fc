import test from 'ava'
import {silenceOf, timesAYear} from '../../src/drill/report/figures.ts'
import {drillHtml} from '../../src/drill/report/html.ts'
import {drillJunit} from '../../src/drill/report/junit.ts'
import {time} from '../../src/report/text.ts'
import {failedResult, passedResult} from './example-result.ts'

test('the page of a drill that passed', t => {
  t.snapshot(drillHtml(passedResult))
})

test('the page of a drill in which things went wrong', t => {
  const page = drillHtml(failedResult)
  t.snapshot(page)
  t.notRegex(page, /<script/, 'what hosts say is text')
  t.regex(page, /50 of 50 TCP sessions over &#39;nat&#39; were lost/)
})

test('the same result gives the same page, which needs nothing else', t => {
  const page = drillHtml(structuredClone(failedResult))
  t.is(page, drillHtml(failedResult))
  t.notRegex(page, /(src|href)="(?!#)|url\(|@import/)
})

test('JUnit has a case for each scenario and one for what was left behind', t => {
  const xml = drillJunit(failedResult)
  t.snapshot(xml)
  t.regex(xml, /tests="5" failures="3" skipped="1"/)
  t.regex(drillJunit(passedResult), /tests="2" failures="0" skipped="0"/)
})

test('what a drill means for a year', t => {
  t.is(silenceOf(passedResult, 'internet'), 45)
  t.is(silenceOf(failedResult, 'internet'), 3445)
  t.is(silenceOf(failedResult, 'tunnel'), undefined)
  t.is(timesAYear(45, 'internet'), 70127)
  t.is(timesAYear(0, 'internet'), undefined)
  // 52.6 minutes are 99.99 %, and 2.6 hours 99.97 % of a year.
  t.is(timesAYear(60_000, 'internet'), 52)
  t.is(timesAYear(60_000, 'tunnel'), 157)
  t.deepEqual([45.4, 999.6, 3400, 95_000].map(time), ['45 ms', '1000 ms', '3.4 s', '1 min 35 s'])
})
