import {Chalk} from 'chalk'
import XMLBuilder from 'fast-xml-builder'
import {type Diagnostic, formatDiagnostic} from '../diagnostic.ts'
import {acts, type Event, type PlannedItem, type Reporter} from '../events.ts'
import {changeText} from './change-text.ts'
import {confirmText} from './confirm-text.ts'
import {placeText} from './failure-block.ts'
import {itemDiff} from './item-diff.ts'
import {hiddenOutput} from './no-log.ts'
import {type HostView, keyOf, RunView, sicknessText} from './run-view.ts'
import {visible} from './visible.ts'

type Outcome = {readonly is: 'failure' | 'error' | 'skipped'; readonly type: string; readonly text: string}
type Case = {
  readonly classname: string
  readonly name: string
  readonly seconds: number
  readonly outcome?: Outcome | undefined
}
type Suite = {
  readonly name: string
  readonly started: number
  readonly seconds: number
  readonly cases: readonly Case[]
  readonly said: readonly string[]
}

/**
 * A run as JUnit XML, as Jenkins and Ant read it: a suite for each host, a test case for each item, and one for the host
 * itself. `save` is called once, at the end of the run, however that comes.
 */
export const junit = (save: (xml: string) => void, {strict = false}: {strict?: boolean} = {}): Reporter => {
  const run = new RunView()
  const times = new Times()
  const said = new Map<string, string[]>()
  let found: string[] = []
  return {
    on(event) {
      run.on(event)
      times.on(event)
      if (event.event === 'diagnostic') found.push(formatDiagnostic(event.diagnostic))
      const line = saidIn(event)
      if (line !== undefined && 'host' in event) said.set(event.host, [...(said.get(event.host) ?? []), line])
      if (event.event === 'host-failed') {
        said.set(event.host, [...(said.get(event.host) ?? []), ...found])
        found = []
      }
    },
    close() {
      const suites = [...run.hosts.values()].map(host => ({
        name: host.host,
        started: run.startedAt,
        seconds: times.ofHost(host.host, run.startedAt),
        cases: casesOf(host, run, {strict, seconds: item => times.ofItem(host.host, item)}),
        said: said.get(host.host) ?? [],
      }))
      save(xmlOf(suites))
    },
  }
}

/** What is wrong with the input, as JUnit XML: nothing was run, and a pipeline shall not take that for success. */
export const junitOfInput = (diagnostics: readonly Diagnostic[], now: number): string =>
  xmlOf([
    {
      name: 'gatewright',
      started: now,
      seconds: 0,
      said: [],
      cases: diagnostics.map(diagnostic => ({
        classname: 'input',
        name: diagnostic.at ? `${diagnostic.at.file}:${diagnostic.at.line}:${diagnostic.at.column}` : diagnostic.rule,
        seconds: 0,
        outcome: {is: 'error', type: diagnostic.rule, text: formatDiagnostic(diagnostic)},
      })),
    },
  ])

/** When items began and ended, and when a host was last heard of. */
class Times {
  readonly #begun = new Map<string, number>()
  readonly #took = new Map<string, number>()
  readonly #last = new Map<string, number>()

  on(event: Event): void {
    if (!('host' in event)) return
    const at = Date.parse(event.time)
    this.#last.set(event.host, at)
    if (event.event === 'item-start') this.#begun.set(`${event.host} ${keyOf(event)}`, at)
    if (event.event !== 'item-end') return
    const key = `${event.host} ${keyOf(event.item)}`
    this.#took.set(key, (at - (this.#begun.get(key) ?? at)) / 1000)
  }
  ofItem(host: string, item: PlannedItem): number {
    return this.#took.get(`${host} ${keyOf(item)}`) ?? 0
  }
  ofHost(host: string, start: number): number {
    return Math.max(0, (this.#last.get(host) ?? start) - start) / 1000
  }
}

const saidIn = (event: Event): string | undefined => {
  if (event.event === 'warning') return `warning: ${event.message}`
  if (event.event === 'task-log') return `${event.id}: ${event.message}`
  if (event.event === 'reconnecting') return `connecting again: ${event.reason}`
  if (event.event === 'commit-confirm') return confirmText(event)
  if (event.event === 'gate' && event.is === 'sick')
    return `sick ${event.when === 'after' ? 'after its changes' : 'before the run'}: ${sicknessText(event)}`
  return undefined
}

type CaseOptions = {readonly strict: boolean; readonly seconds: (item: PlannedItem) => number}

const casesOf = (host: HostView, run: RunView, {strict, seconds}: CaseOptions): Case[] => [
  {classname: 'gatewright', name: 'host', seconds: 0, outcome: ofHost(host)},
  ...host.items.map(item => ({
    classname: `${run.plays[item.play]?.name ?? item.play}/${item.role ?? 'tasks'}`,
    name: item.id,
    seconds: seconds(item),
    outcome: ofItem(item, host, run, strict),
  })),
]

/** What ended the host's run and is not the failure of one of its items. */
const ofHost = ({items, failure}: HostView): Outcome | undefined => {
  if (!failure) return undefined
  const {status, id, message, next} = failure
  if (items.some(item => item.verdict === 'failed' && item.id === id)) return undefined
  return {
    is: status === 'skipped' ? 'skipped' : 'error',
    type: status,
    text: [message, next].filter(Boolean).join('\n'),
  }
}

const ofItem = (item: PlannedItem, host: HostView, run: RunView, strict: boolean): Outcome | undefined => {
  const {verdict, reason, message} = item
  const place = placeText(item, run)
  const told = (first: string, ...more: readonly (string | undefined)[]): string =>
    [first, ...more, place].filter(Boolean).join('\n')
  const why = item.noLog ? hiddenOutput : reason
  if (verdict === 'failed') {
    const next = host.failure?.id === item.id ? host.failure.next : undefined
    return {is: 'failure', type: 'failed', text: told(why ?? 'failed', message === why ? undefined : message, next)}
  }
  if (verdict === 'ignored' || verdict === 'rescued')
    return {is: 'skipped', type: verdict, text: told(`failed, ${verdict}${why ? `: ${why}` : ''}`)}
  if (verdict === 'unsupported') return {is: 'skipped', type: verdict, text: told(`unsupported: ${why ?? ''}`)}
  if (verdict === 'skipped') return {is: 'skipped', type: verdict, text: told(why ?? 'its condition is false here')}
  if (run.mode === 'apply' && acts(item) && !host.settled.has(keyOf(item)))
    return {is: 'skipped', type: 'not-reached', text: told('not reached: the run on this host ended before it')}
  if (run.mode === 'apply' || verdict === 'ok') return undefined
  if (verdict === 'unknown')
    return {is: strict ? 'failure' : 'skipped', type: verdict, text: told('unknown until applied', why)}
  const changes = item.changes.map(changeText).join(', ')
  const diff = itemDiff(item, {style: plainStyle, width: Number.POSITIVE_INFINITY})
  return {
    is: 'failure',
    type: 'pending-change',
    text: told(`would change${changes ? `: ${changes}` : ''}`, why, ...diff),
  }
}

const plainStyle = new Chalk({level: 0})

const xmlOf = (suites: readonly Suite[]): string =>
  new XMLBuilder({ignoreAttributes: false, format: true, suppressEmptyNode: true}).build({
    '?xml': {'@_version': '1.0', '@_encoding': 'UTF-8'},
    testsuites: suites.length === 0 ? '' : {testsuite: suites.map(suiteXml)},
  })

const suiteXml = ({name, started, seconds, cases, said}: Suite, index: number): Record<string, unknown> => {
  const of = (is: Outcome['is']): number => cases.filter(({outcome}) => outcome?.is === is).length
  return {
    '@_id': index,
    '@_name': inLine(name),
    '@_package': 'gatewright',
    '@_hostname': inLine(name),
    // The schema of Ant allows no time zone.
    '@_timestamp': new Date(started).toISOString().slice(0, 19),
    '@_tests': cases.length,
    '@_failures': of('failure'),
    '@_errors': of('error'),
    '@_skipped': of('skipped'),
    '@_time': seconds.toFixed(3),
    properties: '',
    ...(cases.length > 0 && {testcase: cases.map(caseXml)}),
    'system-out': legal(said.join('\n')),
    'system-err': '',
  }
}

const caseXml = ({classname, name, seconds, outcome}: Case): Record<string, unknown> => ({
  '@_classname': inLine(classname),
  '@_name': inLine(name),
  '@_time': seconds.toFixed(3),
  ...(outcome && {
    [outcome.is]: {
      '@_message': inLine(outcome.text.split('\n', 1)[0] ?? ''),
      '@_type': outcome.type,
      '#text': legal(outcome.text),
    },
  }),
})

/** Attributes lose line breaks and tabs when they are read. */
const inLine = (text: string): string => legal(text).replaceAll(/\s+/g, ' ').trim()

/** XML 1.0 has no place for control characters, lone surrogates and non-characters, not even escaped. */
const legal = (text: string): string => visible(text.toWellFormed()).replaceAll(/[\ufffe\uffff]/g, '\ufffd')
