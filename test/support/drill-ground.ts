import type {DrillGround, HostHealthNow} from '../../src/drill/ground.ts'
import type {DrillTerms} from '../../src/drill/model.ts'

type Wish = {
  readonly health?: Readonly<Record<string, HostHealthNow['is']>>
  readonly holders?: readonly string[]
  readonly answer?: (script: string) => string
  readonly answerAsUser?: (script: string) => string
  readonly terms?: DrillTerms
  readonly now?: () => number
  readonly askPerson?: (question: string) => string | undefined
  readonly waysTo?: readonly string[]
  readonly addresses?: readonly string[]
  readonly links?: Readonly<Record<string, string>>
  /** What differs from all this. */
  readonly ground?: Partial<DrillGround>
}

const nothing = async (): Promise<never> => {
  throw new Error('not in this test')
}

/** A pair that is as a test wishes it to be, for what decides and does nothing. */
export const fakeGround = (wish: Wish = {}): DrillGround => {
  const {health = {}, holders = ['gw1'], answer = () => '', answerAsUser = () => ''} = wish
  const answered = (stdout: string) => ({code: 0, stdout, stderr: ''})
  return {
    drill: {
      pair: 'lab',
      hosts: ['gw1', 'gw2'],
      standIns: [],
      paths: [],
      scenarios: [
        {
          id: 'hang',
          title: 'It hangs',
          breaks: 'everything',
          faults: [],
          holdSeconds: 5,
          holder: 'any',
          outageSeconds: 3,
          sessionsLost: 0,
          notices: [],
          paths: [],
        },
      ],
      beforeSeconds: 1,
      afterSeconds: 1,
      settleSeconds: 5,
    },
    terms: wish.terms ?? {isLab: true, windows: [], currency: 'USD'},
    run: 'run-1',
    engine: '1.0.0',
    operator: 'somebody',
    addresses: new Set(wish.addresses),
    waysTo: async () => wish.waysTo ?? [],
    linksOf: () => new Map(Object.entries(wish.links ?? {})),
    emit: () => undefined,
    signal: new AbortController().signal,
    now: wish.now ?? (() => 0),
    ask: async (_host, script) => answered(answer(script)),
    askAsUser: async (_host, script) => answered(answerAsUser(script)),
    health: async host => {
      const is = health[host] ?? 'healthy'
      const check = {name: 'keepalived', is, holds: holders.includes(host)}
      return {is, checks: [is === 'sick' ? {...check, reason: 'state FAULT'} : check]}
    },
    task: () => {
      throw new Error('not in this test')
    },
    start: nothing,
    drop: nothing,
    lockAgain: nothing,
    runHere: nothing,
    askPerson: async question => wish.askPerson?.(question),
    eventsOf: () => [],
    note: async () => undefined,
    ...wish.ground,
  }
}
