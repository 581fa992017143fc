import test from 'ava'
import {auditHtml} from '../../src/audit/report/html.ts'
import {auditJunit} from '../../src/audit/report/junit.ts'
import {failedResult, passedResult} from './example.ts'

test('the page of an audit without a failure', t => {
  t.snapshot(auditHtml(passedResult))
})

test('the page of an audit in which controls failed', t => {
  const page = auditHtml(failedResult)
  t.snapshot(page)
  t.notRegex(page, /<script/, 'what hosts say is text')
})

test('the same result gives the same page, which needs nothing else', t => {
  t.is(auditHtml(structuredClone(failedResult)), auditHtml(failedResult))
  t.notRegex(auditHtml(failedResult), /(src|href)="(?!#)|url\(|@import/)
})

test('JUnit has a suite for each host and a case for each control', t => {
  const xml = auditJunit(failedResult)
  t.snapshot(xml)
  t.regex(xml, /name="audit of gw1"[^>]*tests="2" failures="2" skipped="0"/)
  t.regex(xml, /name="audit of gw2"[^>]*tests="2" failures="0" skipped="2"/)
})
