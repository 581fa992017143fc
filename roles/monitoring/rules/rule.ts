/** An alert of Prometheus as data; `summary` may name its labels: `{{ $labels.host }}`. */
export type Rule = {
  readonly alert: string
  /** PromQL: what is true while something is wrong. */
  readonly expr: string
  /** Seconds that it has to be so. */
  readonly forSeconds: number
  readonly severity: 'critical' | 'warning' | 'none'
  /** What is wrong, for who is woken by it. */
  readonly summary: string
  /** What to do next. */
  readonly action: string
  readonly labels?: Readonly<Record<string, string>>
}
/** A series that Prometheus computes itself, so that a month of it is quickly looked at. */
export type Recorded = {
  readonly record: string
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
}
export type Group = {readonly name: string; readonly recorded?: readonly Recorded[]; readonly rules: readonly Rule[]}

/** `metric{host="gw1"}` */
export const series = (metric: string, labels: Readonly<Record<string, string | undefined>>): string => {
  const matchers = Object.entries(labels).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${JSON.stringify(value)}`],
  )
  return `${metric}{${matchers.join(',')}}`
}

/** The largest value, or 0 where nobody tells one: what is not seen is not well. */
export const orZero = (selected: string): string => `(max(${selected}) or vector(0))`

/** Labels by which alerts are grouped, routed and inhibited. */
export const placeOf = ({
  name,
  pair,
  site,
}: {
  readonly name: string
  readonly pair: string | undefined
  readonly site: string | undefined
}): Record<string, string> => ({host: name, ...groupOf({pair, site})})

export const groupOf = ({
  pair,
  site,
}: {
  readonly pair: string | undefined
  readonly site: string | undefined
}): Record<string, string> => ({...(pair !== undefined && {pair}), ...(site !== undefined && {site})})
