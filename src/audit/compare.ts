import type {AuditRecord, Moved} from './model.ts'

/** What is judged otherwise than in the audit before. */
export const moved = (before: readonly AuditRecord[], now: readonly AuditRecord[]): readonly Moved[] => {
  const key = ({control, host}: AuditRecord): string => `${control} ${host}`
  const was = new Map(before.map(record => [key(record), record]))
  const is = new Set(now.map(key))
  return [
    ...now.flatMap((record): Moved[] => {
      const former = was.get(key(record))
      const {control, host, verdict} = record
      return former?.verdict === verdict ? [] : [{control, host, was: former?.verdict ?? 'new', is: verdict}]
    }),
    ...before.flatMap((record): Moved[] =>
      is.has(key(record)) ? [] : [{control: record.control, host: record.host, was: record.verdict, is: 'gone'}],
    ),
  ]
}
