import type {ExecutionContext} from 'ava'
import type {Topology} from '../../lab/index.ts'
import {onHost} from './site.ts'
import {until} from './until.ts'

export type Labels = Readonly<Record<string, string>>
/** What Alertmanager tells people of one server, and waiting for that. */
export type Alerts = {
  now(): Promise<readonly Labels[]>
  /** Those of `wanted` that nobody is told of now. */
  missing(wanted: readonly Labels[]): Promise<readonly Labels[]>
  /** All of them are told; logs how many seconds after its cause (performance.now) each was. */
  fire(t: ExecutionContext, wanted: readonly Labels[], causedAt?: ReadonlyMap<Labels, number>): Promise<void>
  /** None of them is told any more. */
  resolve(t: ExecutionContext, wanted: readonly Labels[]): Promise<void>
}

/** Machines that are busy with other things are slow to notice. */
export const patience = {withinMs: 240_000, everyMs: 2000}

export const alertsOf = (lab: () => Topology, host: string, url: string): Alerts => {
  const now = async (): Promise<readonly Labels[]> => {
    const found: {labels: Labels}[] = JSON.parse(
      await onHost(lab(), host, `amtool --alertmanager.url=${url} alert query -o json`),
    )
    return found.map(({labels}) => labels)
  }
  const holds = (labels: Labels, wanted: Labels): boolean =>
    Object.entries(wanted).every(([name, value]) => labels[name] === value)
  const missing = async (wanted: readonly Labels[]): Promise<readonly Labels[]> => {
    const found = await now()
    return wanted.filter(each => !found.some(labels => holds(labels, each)))
  }
  return {
    now,
    missing,
    async fire(t, wanted, causedAt = new Map()) {
      const started = performance.now()
      const seconds = new Map<Labels, number>()
      const all = await until(async () => {
        const not = await missing(wanted)
        for (const each of wanted)
          if (!not.includes(each) && !seconds.has(each))
            seconds.set(each, (performance.now() - (causedAt.get(each) ?? started)) / 1000)
        return not.length === 0
      }, patience)
      for (const [{alertname, host: on = '', ...rest}, took] of seconds)
        t.log(`${alertname} ${on} ${Object.values(rest).join(' ')} after ${took.toFixed(0)} s`.replaceAll(/ +/g, ' '))
      t.true(all, all ? '' : `not seen: ${JSON.stringify(await missing(wanted))}`)
    },
    async resolve(t, wanted) {
      const left = async () => {
        const gone = await missing(wanted)
        return wanted.filter(each => !gone.includes(each))
      }
      const all = await until(async () => (await left()).length === 0, patience)
      t.true(all, all ? '' : `still there: ${JSON.stringify(await left())}`)
    },
  }
}
