import {countText, failuresOf} from '../audit/report/figures.ts'
import type {Event} from '../events.ts'
import {count} from '../wording.ts'
import type {Look} from './item-lines.ts'
import {wrap} from './text.ts'

type Told = Extract<Event, {event: 'audit-start' | 'audit-end'}>

/** What an audit tells, for people. */
export const auditLines = (event: Told, {style, width}: Pick<Look, 'style' | 'width'>): string[] => {
  const wrapped = (text: string, indent: number): string[] => wrap(' '.repeat(indent) + text, width, indent + 2)
  if (event.event === 'audit-start')
    return ['', style.bold(`audit of ${event.hosts.join(', ')}: ${count(event.controls, 'control')}`)]
  const {result, report} = event
  const failures = failuresOf(result)
  return [
    ...failures.flatMap(({control, host, severity, because, repair}) => [
      ...wrapped(`${style.red('FAILED')}  ${style.bold(control)}  ${host}  ${style.dim(severity)}`, 2),
      ...because.slice(0, 5).flatMap(reason => wrapped(reason, 4)),
      ...(repair === undefined ? [] : wrapped(style.dim(`to do: ${repair}`), 4)),
    ]),
    ...wrapped((failures.length > 0 ? style.red : style.green)(countText(result.records)), 0),
    ...(result.since
      ? wrapped(
          style.dim(`${count(result.since.moved.length, 'verdict')} changed since the audit ${result.since.run}`),
          2,
        )
      : []),
    ...report.map(file => `  report  ${file}`),
    '',
  ]
}
