import {
  type Cause,
  type DiagnosisFlow,
  type Look,
  type Stage,
  type Step,
  stages,
  type Taken,
  type Verdict,
} from './model.ts'

/** A step of a host with what it sees there. */
export type Asked = Pick<Step, 'id' | 'flows' | 'stage' | 'asks' | 'unless'> & {
  readonly host: string
  readonly look: () => Look | undefined
}

/** Goes down the tree of a flow: causes before their effects, and nothing that another step has explained. */
export const judge = (flow: DiagnosisFlow, asked: readonly Asked[]): Verdict => {
  const ids = asked.map(({id}) => id)
  const place = (id: string): number => ids.indexOf(id)
  const ordered = asked
    .filter(({flows}) => flows.includes(flow))
    .toSorted((one, other) => rank(one.stage) - rank(other.stage) || place(one.id) - place(other.id))
  const steps: Taken[] = []
  for (const step of ordered) {
    const taken = take(step, steps)
    if (taken) steps.push(taken)
  }
  return {flow, steps, causes: steps.flatMap(causesOf)}
}

const rank = (stage: Stage): number => stages.indexOf(stage)

const take = ({id, host, stage, asks, unless = [], look}: Asked, before: readonly Taken[]): Taken | undefined => {
  const self = {id, host, stage, asks}
  const explained = before.find(step => step.host === host && step.is === 'wrong' && unless.includes(step.id))
  if (explained) return {...self, is: 'skipped', because: explained.id}
  const seen = look()
  if (!seen) return undefined
  const {saw, wrong} = seen
  return wrong.length === 0 ? {...self, is: 'well', saw} : {...self, is: 'wrong', saw, wrong}
}

const causesOf = (step: Taken): Cause[] =>
  step.is === 'wrong' ? step.wrong.map(wrong => ({...wrong, host: step.host, id: step.id})) : []
