import type {Cause} from '../diagnose/model.ts'
import type {Event} from '../events.ts'
import type {Look} from './item-lines.ts'
import {pad, wrap} from './text.ts'

type Told = Extract<Event, {event: 'diagnosis-start' | 'diagnosis-step' | 'diagnosis-end'}>
type Painter = Pick<Look, 'style' | 'width'>

/** What a diagnosis tells, for people: each step, then the most likely cause and what repairs it. */
export const diagnosisLines = (event: Told, look: Painter): string[] => {
  const {style, width} = look
  switch (event.event) {
    case 'diagnosis-start':
      return ['', ...wrap(style.bold(`${event.flow} of ${event.pair}: ${event.hosts.join(', ')}`), width, 2)]
    case 'diagnosis-step':
      return stepLines(event, look)
    default:
      return ['', ...endLines(event, look)]
  }
}

const stepLines = (step: Extract<Told, {event: 'diagnosis-step'}>, {style, width}: Painter): string[] => {
  const line = (verdict: string, text: string): string[] =>
    wrap(`${verdict}  ${style.bold(step.host)}  ${step.asks}?${text === '' ? '' : ` ${text}`}`, width, 7)
  switch (step.is) {
    case 'well':
      return line(style.green(pad('ok', 5)), style.dim(step.saw))
    case 'skipped':
      return line(style.dim(pad('skip', 5)), style.dim(`not asked: see ${step.because}`))
    default:
      return [
        ...line(style.red('WRONG'), ''),
        ...step.wrong.flatMap(({saw, means, repair}) => rows({saw, means, do: repair}, 7, {style, width})),
      ]
  }
}

const endLines = ({asked, silent, causes, flow}: Extract<Told, {event: 'diagnosis-end'}>, look: Painter): string[] => {
  const {style, width} = look
  const notAsked = silent.flatMap(host =>
    wrap(`${style.yellow('not asked')}  ${host} does not answer, so that only its peer was looked at`, width, 2),
  )
  const [cause, ...others] = causes
  if (asked === 0) return [...notAsked, ...wrap(style.yellow(`no role here knows anything of ${flow}`), width, 2)]
  if (!cause) return [...notAsked, style.green('nothing found')]
  return [
    ...notAsked,
    ...wrap(`${style.red('most likely cause')}  ${style.bold(cause.host)}  ${cause.id}`, width, 2),
    ...rows({saw: cause.saw, means: cause.means, do: cause.repair}, 2, look),
    ...(others.length === 0
      ? []
      : wrap(style.dim(`may follow from it, or comes next: ${others.map(nameOf).join(', ')}`), width, 2)),
  ]
}

const nameOf = ({host, id}: Cause): string => `${host} ${id}`

const rows = (texts: Readonly<Record<string, string>>, indent: number, {style, width}: Painter): string[] =>
  Object.entries(texts).flatMap(([label, text]) => {
    const head = `${' '.repeat(indent)}${pad(label, 7)}`
    return wrap(head + text, width, indent + 7).map((line, index) =>
      index === 0 ? style.dim(line.slice(0, head.length)) + line.slice(head.length) : line,
    )
  })
