import {readFileSync} from 'node:fs'
import type {Findings} from '../diagnostics/findings.ts'
import {displayPath, expandPath} from '../playbook/paths.ts'
import {splitPattern} from './patterns.ts'

const lastRun = '@last-failed'

/** The patterns of `--limit`: `@file` stands for the lines of a file, `@last-failed` for hosts of the last run. */
export const limitParts = (
  limit: string,
  lastFailed: readonly string[] | undefined,
  findings: Findings,
): readonly string[] =>
  splitPattern(limit).flatMap(part => {
    if (part === lastRun) {
      if (!lastFailed?.length)
        findings.add({
          rule: 'no-hosts',
          what: `--limit ${lastRun} names no host`,
          why: lastFailed ? 'nothing failed in the last run' : 'no run of this project is on record here',
          fix: 'leave it out, or name hosts',
        })
      return lastFailed ?? []
    }
    return part.startsWith('@') ? lines(part.slice(1), findings) : [part]
  })

const lines = (name: string, findings: Findings): readonly string[] => {
  const path = expandPath(name)
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .flatMap(line => line.trim() || [])
  } catch (error) {
    findings.add({
      rule: 'unreadable-file',
      what: `the file ${displayPath(path)} of --limit cannot be read`,
      why: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it does not exist' : (error as Error).message,
      fix: `check the path; hosts of the last run are ${lastRun}`,
    })
    return []
  }
}
