import type {Offer} from '../offer.ts'
import {$, raw} from '../shell/command.ts'
import type {Fact} from './fact.ts'

/** A line of Prometheus' text format: `name{label="value"} 1`. */
export type Metric = {
  readonly metric: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}
export type Metrics = {
  /** The host's clock, in seconds since 1970. */
  readonly now: number
  readonly metrics: readonly Metric[]
}

/** What the roles of a host tell monitoring, asked here and now. A program that fails tells nothing. */
export const metricsOf = (offers: readonly Offer[]): Fact<Metrics> => {
  const programs = new Set(
    offers.flatMap(offer => (offer.offer === 'monitored' && offer.metrics ? [offer.metrics.program] : [])),
  )
  const asked = [...programs].map(program => `(\n${program}\n) 2>/dev/null </dev/null || :`).join('\n')
  return {
    name: 'metrics',
    command: $`date +%s
${raw(asked)}
exit 0`,
    parse: ({stdout}) => metricsIn(stdout),
  }
}

/** The first line is the time. */
export const metricsIn = (text: string): Metrics => {
  const [now = '', ...lines] = text.split('\n')
  return {
    now: Number(now),
    metrics: lines.flatMap(line => {
      const [, metric, labels = '', value] =
        /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (NaN|[+-]?[\d.]+(?:e[+-]?\d+)?)$/i.exec(line) ?? []
      if (metric === undefined || value === undefined) return []
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', text = '']) => [name, text])
      return [{metric, labels: Object.fromEntries(pairs), value: Number(value)}]
    }),
  }
}
