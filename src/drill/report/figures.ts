import {worstSilence} from '../judge.ts'
import type {DrillResult, PathResult, ScenarioResult} from '../model.ts'

const dayMs = 86_400_000
/** A Julian year, as availability is usually counted. */
const yearMs = 365.25 * dayMs
/** A drill each quarter: the next one is due after so many days. */
export const dueDays = 92

/** What may be unavailable in a year. */
export const allowances = {
  internet: {share: 0.9999, yearMs: yearMs * (1 - 0.9999), words: '99.99 %'},
  tunnel: {share: 0.9997, yearMs: yearMs * (1 - 0.9997), words: '99.97 %'},
} as const
export type Service = keyof typeof allowances

export const isPlayed = ({verdict}: ScenarioResult): boolean => verdict === 'passed' || verdict === 'failed'

/** The longest silence of the paths that its budget holds for; all of them where the report does not say which. */
export const outageMs = ({paths, counted}: ScenarioResult): number =>
  worstSilence({paths: counted ?? paths.map(({name}) => name), outageSeconds: 0}, paths).gapMs

export const sessionsOf = (paths: readonly PathResult[]): {readonly opened: number; readonly survived: number} =>
  paths.reduce(
    (all, {sessions}) => ({
      opened: all.opened + (sessions?.opened ?? 0),
      survived: all.survived + (sessions?.survived ?? 0),
    }),
    {opened: 0, survived: 0},
  )

export const lostOf = (paths: readonly PathResult[]): number =>
  paths.reduce((sum, {directions}) => sum + directions.reduce((lost, direction) => lost + direction.lost, 0), 0)

/** The silence of one kind of service over all scenarios of a drill: each fault once. */
export const silenceOf = ({scenarios}: Pick<DrillResult, 'scenarios'>, service: Service): number | undefined => {
  const gaps = scenarios.flatMap(({paths}) => {
    const own = paths.filter(path => (path.isTunnel ?? false) === (service === 'tunnel'))
    return own.length === 0 ? [] : [Math.max(...own.flatMap(({directions}) => directions.map(({gapMs}) => gapMs)))]
  })
  return gaps.length === 0 ? undefined : gaps.reduce((sum, gap) => sum + gap, 0)
}

/** How often a fault may happen in a year until it alone has used up what may be unavailable. */
export const timesAYear = (outage: number, service: Service): number | undefined =>
  outage < 1 ? undefined : Math.floor(allowances[service].yearMs / outage)

export const isPassed = ({scenarios, stateChanges, isInterrupted}: DrillResult): boolean =>
  !isInterrupted &&
  stateChanges.length === 0 &&
  scenarios.every(({verdict}) => verdict === 'passed' || verdict === 'left out')
