import {type ChildProcess, spawn} from 'node:child_process'
import {existsSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {onLine} from '../../lab/lines.ts'
import type {Event, PlannedItem} from '../../src/events.ts'

export const root = join(import.meta.dirname, '../..')

export type Finished = {
  readonly code: number
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
  readonly events: readonly Event[]
}
export type Running = {readonly child: ChildProcess; readonly events: Event[]; readonly finished: Promise<Finished>}

/** The directory whose playbooks/site.yml is nearest above the playbook: offers and health are those of its roles. */
const projectOf = (args: readonly string[]): string => {
  let directory = dirname(args.find(argument => /^\/.*\.ya?ml$/.test(argument)) ?? root)
  while (directory !== '/' && !existsSync(join(directory, 'playbooks/site.yml'))) directory = dirname(directory)
  return directory === '/' ? root : directory
}

/** Starts the real command line in a process of its own; `onEvent` sees each event of `--json` as it comes. */
export const start = (
  args: readonly string[],
  onEvent?: (event: Event, child: ChildProcess) => void,
  cwd = projectOf(args),
): Running => {
  const main = join(root, 'src/cli/main.ts')
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {...process.env, NO_COLOR: '1'},
  })
  const events: Event[] = []
  const json = args.includes('--json')
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  if (json)
    onLine(child.stdout, line => {
      const event = JSON.parse(line) as Event
      events.push(event)
      onEvent?.(event, child)
    })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({code: code ?? 128, signal, stdout, stderr, events}))
  })
  return {child, events, finished}
}

export const gatewright = (...args: string[]): Promise<Finished> => start(args).finished

type Named<Name extends Event['event']> = Extract<Event, {event: Name}>
export const eventsOf = <Name extends Event['event']>(
  events: readonly Event[],
  name: Name,
  host?: string,
): Named<Name>[] =>
  events.filter(
    (event): event is Named<Name> =>
      event.event === name && (host === undefined || ('host' in event && event.host === host)),
  )

/** What a run said it would do, or did, on a host: one line for everything that is not ok. */
export const outcomes = (items: readonly PlannedItem[]): string[] =>
  items
    .filter(({verdict}) => verdict !== 'ok')
    .map(
      ({id, verdict, changes}) =>
        `${verdict} ${id}: ${changes.map(({path, from, to}) => `${path} ${JSON.stringify(from)} -> ${JSON.stringify(to)}`).join('; ')}`,
    )

/** The outcomes that apply reached, in the order of its plan. */
export const applied = (events: readonly Event[], host: string): string[] => {
  const ended = new Map(eventsOf(events, 'item-end', host).map(({item}) => [item.id, item]))
  const planned = eventsOf(events, 'planned', host)[0]?.items ?? []
  const known = new Set(planned.map(({id}) => id))
  const extra = [...ended.values()].filter(({id}) => !known.has(id))
  return outcomes([...planned.map(item => ended.get(item.id) ?? item), ...extra])
}

export const predicted = (events: readonly Event[], host: string): string[] =>
  outcomes(eventsOf(events, 'planned', host)[0]?.items ?? [])
