import type {DrillResult} from '../drill/model.ts'
import {drillHtml} from '../drill/report/html.ts'
import {drillJunit} from '../drill/report/junit.ts'
import type {Io} from './io.ts'
import {reportBase} from './report-base.ts'
import {reportFile} from './report-file.ts'

/** Keeps the reports of drills: `drill-PAIR-TIME.html`, `.json` and `.xml` (JUnit). */
export const reportFiler =
  (directory: string, {cwd}: Io) =>
  async (result: DrillResult): Promise<readonly string[]> => {
    const base = reportBase(directory, `drill-${result.pair.replaceAll(/[^\w.-]/g, '_')}`, result.startedMs)
    const files = {html: drillHtml(result), json: `${JSON.stringify(result, undefined, 1)}\n`, xml: drillJunit(result)}
    return Object.entries(files).map(([ending, text]) => {
      const path = `${base}.${ending}`
      reportFile('--report', path, cwd)(text)
      return path
    })
  }
