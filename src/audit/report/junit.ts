import XMLBuilder from 'fast-xml-builder'
import type {AuditRecord, AuditResult} from '../model.ts'

/** The audit as JUnit XML: a suite for each host, a case for each control; what was not evaluated or is waived is skipped. */
export const auditJunit = (result: AuditResult): string => {
  const suites = result.hosts.map(host => {
    const own = result.records.filter(each => each.host === host)
    const cases = own.map(record => caseOf(record, result))
    return {
      '@_name': `audit of ${host}`,
      '@_timestamp': new Date(result.startedMs).toISOString(),
      '@_time': ((result.endedMs - result.startedMs) / 1000).toFixed(3),
      '@_tests': cases.length,
      '@_failures': cases.filter(each => 'failure' in each).length,
      '@_skipped': cases.filter(each => 'skipped' in each).length,
      '@_errors': 0,
      testcase: cases,
    }
  })
  const builder = new XMLBuilder({ignoreAttributes: false, format: true, suppressEmptyNode: true})
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({testsuites: {testsuite: suites}})}`
}

const caseOf = ({control, host, verdict, because, repair, waiver}: AuditRecord, {controls}: AuditResult) => {
  const title = controls.find(({id}) => id === control)?.title
  const text = [...because, ...(repair === undefined ? [] : [`to do: ${repair}`])].join('\n')
  return {
    '@_classname': `audit.${host}`,
    '@_name': `${control}: ${title}`,
    '@_time': '0.000',
    ...(verdict === 'not evaluated' && {skipped: {'@_message': because.join('; ')}}),
    ...(verdict === 'waived' && {
      skipped: {'@_message': `waived by ${waiver?.who} until ${waiver?.until}: ${waiver?.why}`},
    }),
    ...(verdict === 'fail' && {failure: {'@_message': because[0] ?? 'failed', '#text': text}}),
  }
}
