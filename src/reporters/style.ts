import {Chalk, type ChalkInstance} from 'chalk'
import type {HostStatus, Verdict} from '../events.ts'

export type Style = ChalkInstance

/** Colour only where it is seen: a terminal that is not `dumb`, unless NO_COLOR or FORCE_COLOR say otherwise. */
export const styleFor = (stream: {readonly isTTY?: boolean}, env: NodeJS.ProcessEnv): Style => {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0'
  const seen = stream.isTTY === true && env['TERM'] !== 'dumb'
  return new Chalk({level: !env['NO_COLOR'] && (forced || seen) ? 1 : 0})
}

type Paint = (style: Style) => (text: string) => string

const verdictPaints: Record<Verdict, Paint> = {
  ok: style => style.green,
  changed: style => style.yellow,
  failed: style => style.red,
  ignored: style => style.red,
  rescued: style => style.yellow,
  skipped: style => style.dim,
  unknown: style => style.cyan,
  unsupported: style => style.magenta,
}
export const paintVerdict = (style: Style, verdict: Verdict, text: string): string =>
  verdictPaints[verdict](style)(text)

const statusPaints: Record<HostStatus, Paint> = {
  ok: style => style.green,
  changed: style => style.yellow,
  failed: style => style.red,
  unreachable: style => style.red,
  refused: style => style.red,
  interrupted: style => style.magenta,
  skipped: style => style.dim,
  'rolled back': style => style.red,
}
export const paintStatus = (style: Style, status: HostStatus, text: string): string => statusPaints[status](style)(text)
