import {yamlText} from 'gatewright'
import type {Group, Rule} from '../rules/rule.ts'

/** Prometheus' file of alerts. */
export const rulesYml = (groups: readonly Group[]): string =>
  yamlText({
    groups: groups.flatMap(({name, recorded = [], rules}) =>
      rules.length === 0 ? [] : [{name, rules: [...recorded, ...rules.map(written)]}],
    ),
  })

const written = ({alert, expr, forSeconds, severity, summary, action, labels = {}}: Rule): object => ({
  alert,
  expr,
  ...(forSeconds > 0 && {for: `${forSeconds}s`}),
  labels: {...labels, severity},
  annotations: {summary, action},
})
