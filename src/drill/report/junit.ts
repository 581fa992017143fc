import XMLBuilder from 'fast-xml-builder'
import type {DrillResult, ScenarioResult} from '../model.ts'

/** The drill as JUnit XML: a test case for each scenario, and one for the comparison of before and after. */
export const drillJunit = (result: DrillResult): string => {
  const {pair, scenarios, stateChanges, startedMs, endedMs} = result
  const state = stateChanges.map(({host, section}) => `${host}, ${section}: not as before`)
  const cases = [
    ...scenarios.map(scenarioCase),
    {
      '@_classname': `drill.${pair}`,
      '@_name': 'everything is as before',
      '@_time': '0.000',
      ...(state.length > 0 && {failure: {'@_message': state[0], '#text': state.join('\n')}}),
    },
  ]
  const suite = {
    '@_name': `drill of ${pair}`,
    '@_timestamp': new Date(startedMs).toISOString(),
    '@_time': seconds(endedMs - startedMs),
    '@_tests': cases.length,
    '@_failures': cases.filter(each => 'failure' in each).length,
    '@_skipped': cases.filter(each => 'skipped' in each).length,
    '@_errors': 0,
    testcase: cases,
  }
  const builder = new XMLBuilder({ignoreAttributes: false, format: true, suppressEmptyNode: true})
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({testsuites: {testsuite: suite}})}`

  function scenarioCase({id, title, verdict, because, startMs, endMs}: ScenarioResult) {
    return {
      '@_classname': `drill.${pair}`,
      '@_name': `${id}: ${title}`,
      '@_time': seconds(endMs - startMs),
      ...(verdict === 'left out' && {skipped: {'@_message': because.join('; ')}}),
      ...((verdict === 'failed' || verdict === 'not run') && {
        failure: {'@_message': because[0] ?? verdict, '#text': because.join('\n')},
      }),
    }
  }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3)
