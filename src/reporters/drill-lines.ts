import type {DrillStep, Event} from '../events.ts'
import {count} from '../wording.ts'
import type {Look} from './item-lines.ts'
import {wrap} from './text.ts'

type Told = Extract<
  Event,
  {event: 'drill-plan' | 'drill-start' | 'scenario-start' | 'drill-phase' | 'scenario-end' | 'drill-end'}
>

/** What a drill tells, for people. */
export const drillLines = (event: Told, {style, width}: Pick<Look, 'style' | 'width'>): string[] => {
  const wrapped = (text: string, indent: number): string[] => wrap(' '.repeat(indent) + text, width, indent + 2)
  switch (event.event) {
    case 'drill-plan':
      return [
        '',
        style.bold(`drill of ${event.pair}`),
        ...event.scenarios.flatMap((step, index) => planLines(step, index + 1, wrapped, style)),
      ]
    case 'drill-start':
      return ['', style.bold(`drill of ${event.pair}: ${count(event.scenarios.length, 'scenario')}`)]
    case 'scenario-start':
      return wrapped(`${style.dim(`${event.number}/${event.of}`)}  ${style.bold(event.scenario)}  ${event.title}`, 0)
    case 'drill-phase':
      return wrapped(style.dim(event.text), event.scenario === '' ? 0 : 6)
    case 'scenario-end':
      return [
        ...wrapped(`${verdictText(event, style)}  ${measured(event)}`, 6),
        ...event.because.flatMap(reason => wrapped(reason, 8)),
      ]
    default:
      return [
        '',
        ...wrapped(
          [
            style.green(`${event.passed} passed`),
            event.failed > 0 && style.red(`${event.failed} failed`),
            event.notRun > 0 && style.red(`${event.notRun} not run`),
            event.leftOut > 0 && style.dim(`${event.leftOut} left out`),
          ]
            .filter(Boolean)
            .join(', '),
          0,
        ),
        ...event.stateChanges.flatMap(({host, section, gone, new: added}) => [
          ...wrapped(style.red(`${host}, ${section}: not as before`), 2),
          ...gone.slice(0, 10).flatMap(line => wrapped(`- ${line}`, 4)),
          ...added.slice(0, 10).flatMap(line => wrapped(`+ ${line}`, 4)),
        ]),
        ...event.report.map(file => `  report  ${file}`),
      ]
  }
}

const verdictText = ({verdict}: {readonly verdict: string}, style: Look['style']): string =>
  verdict === 'passed' ? style.green('passed') : verdict === 'failed' ? style.red('FAILED') : style.yellow(verdict)

const measured = ({
  verdict,
  gapMs,
  budgetMs,
  goalMissed,
  sessionsLost,
}: Extract<Told, {event: 'scenario-end'}>): string =>
  verdict === 'not run' || verdict === 'left out'
    ? ''
    : [
        `silent for ${timeText(gapMs)} of ${timeText(budgetMs)}`,
        sessionsLost > 0 && count(sessionsLost, 'lost session'),
        goalMissed && 'above the goal',
      ]
        .filter(Boolean)
        .join(', ')

const planLines = (
  {title, id, breaks, faults, holdSeconds, budgetMs, goalMs, leftOut}: DrillStep,
  number: number,
  wrapped: (text: string, indent: number) => string[],
  style: Look['style'],
): string[] =>
  leftOut === undefined
    ? [
        ...wrapped(`${style.dim(String(number))}  ${style.bold(id)}  ${title}`, 0),
        ...faults.flatMap(fault => wrapped(`does    ${fault}`, 4)),
        ...wrapped(`breaks  ${breaks}, for ${holdSeconds} s at most`, 4),
        ...wrapped(`budget  ${timeText(budgetMs)}${goalMs === undefined ? '' : `, goal ${timeText(goalMs)}`}`, 4),
      ]
    : wrapped(style.dim(`${number}  ${id}  left out: ${leftOut}`), 0)

const timeText = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(2))} s`)
