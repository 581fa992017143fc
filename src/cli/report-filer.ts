import {join} from 'node:path'
import type {DrillResult} from '../drill/model.ts'
import {drillHtml} from '../drill/report/html.ts'
import {drillJunit} from '../drill/report/junit.ts'
import type {Io} from './io.ts'
import {reportFile} from './report-file.ts'

/** Keeps the reports of drills: `drill-PAIR-TIME.html`, `.json` and `.xml` (JUnit). */
export const reportFiler =
  (directory: string, {cwd}: Io) =>
  async (result: DrillResult): Promise<readonly string[]> => {
    const time = new Date(result.startedMs)
      .toISOString()
      .replace(/\.\d+Z$/, 'Z')
      .replaceAll(':', '')
    const base = join(directory, `drill-${result.pair.replaceAll(/[^\w.-]/g, '_')}-${time}`)
    const files = {html: drillHtml(result), json: `${JSON.stringify(result, undefined, 1)}\n`, xml: drillJunit(result)}
    return Object.entries(files).map(([ending, text]) => {
      const path = `${base}.${ending}`
      reportFile('--report', path, cwd)(text)
      return path
    })
  }
