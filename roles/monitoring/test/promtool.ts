import '../../../src/resolve.ts'
import type {Rule} from '../rules/rule.ts'

const {yamlText} = await import('gatewright')

/** Series -> values, in promtool's notation. */
export type Series = Readonly<Record<string, string>>
/** What makes an alert: `broken` takes the place of series of a fleet that is well. */
export type RuleCase = {
  readonly alert: string
  readonly broken: Series
  /** Series of the fleet that are not there at all. */
  readonly missing?: readonly string[]
  /** Of several alerts of the name, those that fire: with these labels of their rule. */
  readonly of?: Readonly<Record<string, string>>
  /** Labels that come from the series. */
  readonly labels?: Readonly<Record<string, string>>
  /** Seconds until what is wrong can be seen; 0 unless given. */
  readonly afterSeconds?: number
}

/** Between two values of a series, and two looks at the rules. */
export const stepSeconds = 15

/** A file for `promtool test rules`: for each case that the alert is quiet while all is well, pends, and fires. */
export const promtoolTests = (
  rulesFile: string,
  rules: readonly Rule[],
  well: Series,
  cases: readonly RuleCase[],
): string =>
  yamlText({
    rule_files: [rulesFile],
    evaluation_interval: `${stepSeconds}s`,
    tests: cases.flatMap(each => testsOf(each, rules, well)),
  })

const testsOf = (each: RuleCase, rules: readonly Rule[], well: Series): readonly object[] => {
  const {alert, broken, missing = [], of = {}, labels = {}, afterSeconds = 0} = each
  const firing = rules.filter(
    rule => rule.alert === alert && Object.entries(of).every(([name, value]) => rule.labels?.[name] === value),
  )
  const [first] = firing
  if (!first) throw new Error(`no rule ${alert} with ${JSON.stringify(of)}`)
  const {forSeconds} = first
  const pendingAt = afterSeconds + Math.floor(forSeconds / 2 / stepSeconds) * stepSeconds
  const firingAt = afterSeconds + forSeconds + 2 * stepSeconds
  const expected = firing.map(rule => {
    const all = {...labels, ...rule.labels, severity: rule.severity}
    return {exp_labels: all, exp_annotations: {summary: filled(rule.summary, all), action: filled(rule.action, all)}}
  })
  const wrong = Object.fromEntries(Object.entries({...well, ...broken}).filter(([name]) => !missing.includes(name)))
  return [
    {
      name: `${alert} is quiet while all is well`,
      interval: `${stepSeconds}s`,
      input_series: seriesOf(well),
      alert_rule_test: [{eval_time: `${firingAt}s`, alertname: alert, exp_alerts: []}],
    },
    {
      name: `${alert} ${JSON.stringify(broken)}`,
      interval: `${stepSeconds}s`,
      input_series: seriesOf(wrong),
      ...(forSeconds > 0 && {
        promql_expr_test: [
          {
            expr: `count(ALERTS{alertname="${alert}",alertstate="pending"})`,
            eval_time: `${pendingAt}s`,
            exp_samples: [{value: firing.length}],
          },
        ],
      }),
      alert_rule_test: [
        ...(forSeconds > 0 ? [{eval_time: `${pendingAt}s`, alertname: alert, exp_alerts: []}] : []),
        {eval_time: `${firingAt}s`, alertname: alert, exp_alerts: expected},
      ],
    },
  ]
}

const seriesOf = (series: Series): readonly object[] =>
  Object.entries(series).map(([name, values]) => ({series: name, values}))

const filled = (text: string, labels: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => labels[name] ?? '')
