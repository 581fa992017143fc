import type {MonitoringVars} from './vars.ts'

export type SilenceRequest = {
  /** Label -> value; a silence without any would hide everything. */
  readonly matchers: readonly string[]
  readonly minutes: number
  readonly reason: string
}

const labels = ['site', 'pair', 'host', 'alertname'] as const

/** What `-e pair=lab -e minutes=30 -e reason=...` asks for. @throws Error that says what is missing or too much */
export const silenceRequest = (
  args: Readonly<Record<string, unknown>>,
  {silence_limit_hours}: Pick<MonitoringVars, 'silence_limit_hours'>,
): SilenceRequest => {
  const matchers = matchersOf(args)
  const minutes = Number(args['minutes'] ?? 60)
  const limit = silence_limit_hours * 60
  if (!(minutes > 0 && minutes <= limit))
    throw new Error(
      `minutes=${wordOf(args, 'minutes')}: more than 0 and at most ${limit} (monitoring_silence_limit_hours); a silence that never ends is forgotten`,
    )
  const {reason} = args
  if (typeof reason !== 'string' || reason.trim() === '')
    throw new Error('say why: reason="the provider works on its line"')
  return {matchers, minutes, reason}
}

const matchersOf = (args: Readonly<Record<string, unknown>>): readonly string[] => {
  const matchers = labels.flatMap(label => {
    const value = wordOf(args, label)
    return value === undefined ? [] : [`${label}=${value}`]
  })
  if (matchers.length === 0) throw new Error(`say what is to be silent: one of ${labels.join(', ')}, as pair=lab`)
  return matchers
}

/** What `-e end=ID` asks for, or `-e end=true -e host=gw1` with what it was made for; undefined: nothing is to end. @throws Error */
export const endRequest = (
  args: Readonly<Record<string, unknown>>,
): {readonly id: string} | {readonly matchers: readonly string[]} | undefined => {
  const end = wordOf(args, 'end')
  if (end === undefined) return undefined
  return end === 'true' ? {matchers: matchersOf(args)} : {id: end}
}

/** An argument as a word; a list or a mapping is none. @throws Error */
export const wordOf = (args: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  const value = args[name]
  if (value === undefined || typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new Error(`${name}: a word is needed`)
}
