import {join} from 'node:path'

/** `reports/drill-office-2026-11-30T181600Z`, to which endings are added: the names of one kind sort by time. */
export const reportBase = (directory: string, kind: string, startedMs: number): string => {
  const time = new Date(startedMs)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '')
  return join(directory, `${kind}-${time}`)
}
