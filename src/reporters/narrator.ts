import {formatDiagnostic} from '../diagnostic.ts'
import type {Event, PlannedItem} from '../events.ts'
import {acts} from '../events.ts'
import {count} from '../wording.ts'
import {auditLines} from './audit-lines.ts'
import {confirmText} from './confirm-text.ts'
import {diagnosisLines} from './diagnosis-lines.ts'
import {drillLines} from './drill-lines.ts'
import {failureBlock} from './failure-block.ts'
import {namesText} from './host-names.ts'
import {itemLines, type Look, speaks} from './item-lines.ts'
import {type HostItems, planBlocks} from './plan-blocks.ts'
import {recap} from './recap.ts'
import {type RunView, sicknessText} from './run-view.ts'
import {listed, pad, wrap} from './text.ts'
import {outputLines} from './visible.ts'

/** Up to this many hosts every change is told when it is made; with more, hosts with the same changes stand together. */
const fewHosts = 8

/** Turns events into the lines that stay on the screen; terminal and plain output share them. */
export class Narrator {
  readonly #view: RunView
  readonly #look: () => Look
  readonly #isScrolling: boolean
  #blank = true
  /** Changes not told yet, by host. */
  readonly #held = new Map<string, PlannedItem[]>()

  /** What running steps have printed, where it was told already: `host step` -> text. */
  readonly #toldOutput = new Map<string, string>()

  /** Hosts that were told to be sick. */
  readonly #sick = new Set<string>()

  /** `isScrolling`: nothing is drawn below, so that plays that begin and running steps are told as well. */
  constructor(view: RunView, look: () => Look, {isScrolling}: {isScrolling: boolean}) {
    this.#view = view
    this.#look = look
    this.#isScrolling = isScrolling
  }

  /** Lines to print for an event that the view has already taken in. */
  tell(event: Event): string[] {
    return this.#squeeze(this.#told(event))
  }

  /** What is still to be told, and the recap. */
  end(): string[] {
    return this.#squeeze(this.#end())
  }

  /** Never two empty lines. */
  #squeeze(lines: readonly string[]): string[] {
    return lines.filter(line => {
      const doubled = line === '' && this.#blank
      this.#blank = line === ''
      return !doubled
    })
  }

  #told(event: Event): string[] {
    const look = this.#look()
    const {style, view, width} = look
    const verbose = view.verbosity > 0
    switch (event.event) {
      case 'run-start':
        return wrap(style.bold(`${event.mode} `) + headText(event), width, 2)
      case 'diagnostic':
        return wrap(style.red(formatDiagnostic(event.diagnostic)), width, 2)
      case 'play-start':
        return [...this.#release(), ...(this.#isScrolling ? this.#playHead(event, look) : [])]
      case 'batch-start':
        return [...this.#release(), ...this.#batchLines(event.hosts, look)]
      case 'planned':
        return this.#planned(event, look)
      case 'connected':
        return verbose ? [this.#on(event.host, 'connected')] : []
      case 'warning':
        return this.#wrapped(event.host, `${style.yellow('warning:')} ${event.message}`)
      case 'reconnecting':
        return this.#wrapped(event.host, `${style.yellow('connecting again:')} ${event.reason}`)
      case 'commit-confirm':
        return event.state === 'armed' && !verbose ? [] : this.#wrapped(event.host, confirmText(event))
      case 'task-log':
        return this.#wrapped(event.host, `${style.dim(`${event.id}:`)} ${event.message}`)
      case 'plan-revised':
        return this.#revised(event, look)
      case 'step-start':
        return verbose ? [this.#on(event.host, style.dim(`  ${event.title}`))] : []
      case 'step-end':
        return this.#stepEnd(event, look)
      case 'step-output':
        return this.#stepOutput(event)
      case 'item-end':
        return this.#itemEnd(event.host, event.item, look)
      case 'verified':
        return verbose
          ? [this.#on(event.host, style.green(`verified: ${count(event.ids.length, 'change')} as desired`))]
          : []
      case 'gate':
        return this.#gate(event, look)
      case 'drill-plan':
      case 'drill-start':
      case 'scenario-start':
      case 'drill-phase':
      case 'scenario-end':
      case 'drill-end':
        return drillLines(event, look)
      case 'audit-start':
      case 'audit-end':
        return auditLines(event, look)
      case 'diagnosis-start':
      case 'diagnosis-step':
      case 'diagnosis-end':
        return diagnosisLines(event, look)
      case 'host-failed':
        return ['', ...failureBlock(this.#view.host(event.host), this.#view, look), '']
      case 'summary':
        return this.#end()
      default:
        return []
    }
  }

  #end(): string[] {
    const look = this.#look()
    const plans = this.#view.mode === 'check' ? this.#plans(look) : this.#release()
    return [...plans, ...recap(this.#view, look)]
  }

  get #few(): boolean {
    return this.#view.hosts.size <= fewHosts
  }

  #planned({host, items}: Extract<Event, {event: 'planned'}>, {style, view}: Look): string[] {
    if (view.verbosity === 0) return []
    const todo = items.filter(acts).length
    return [this.#on(host, style.dim(`${count(items.length, 'resource')}, ${count(todo, 'change')}`))]
  }

  /** A sick host is told always, a healthy one where it was waited for. */
  #gate(event: Extract<Event, {event: 'gate'}>, {style, view}: Look): string[] {
    const {host, is, when, checks} = event
    if (is === 'sick') {
      this.#sick.add(host)
      const text = when === 'after' ? 'waiting, not healthy yet:' : 'sick:'
      return this.#wrapped(host, `${style.yellow(text)} ${sicknessText(event)}`)
    }
    const wasSick = this.#sick.delete(host)
    if (!wasSick && view.verbosity === 0) return []
    const role = checks.some(({holds}) => holds) ? ', holds the traffic of its pair' : ''
    return [this.#on(host, is === 'absent' ? style.dim('not provisioned yet') : style.green(`healthy${role}`))]
  }

  #playHead({name, hosts}: Extract<Event, {event: 'play-start'}>, {style, width}: Look): string[] {
    return ['', ...wrap(`${style.bold(`play ${name}`)}  ${count(hosts.length, 'host')}`, width, 2)]
  }

  #batchLines(hosts: readonly string[], {width, style}: Look): string[] {
    return hosts.length === this.#view.playHosts.length
      ? []
      : wrap(`  batch  ${style.dim(namesText(hosts, 8))}`, width, 9)
  }

  #itemEnd(host: string, {id, play}: PlannedItem, look: Look): string[] {
    const item = this.#view.host(host).items.find(each => each.id === id && each.play === play)
    if (!item) return []
    if (item.verdict === 'failed') return []
    if (item.verdict === 'ok' && look.view.verbosity === 0 && !speaks(item)) return []
    if (this.#few) return itemLines(item, look, 0, `${this.#name(host)}  `)
    this.#held.set(host, [...(this.#held.get(host) ?? []), item])
    return []
  }

  #revised({host, items, was}: Extract<Event, {event: 'plan-revised'}>, look: Look): string[] {
    const before = new Map(was.map(item => [`${item.play} ${item.id}`, item]))
    const changed = items.filter(item => {
      const old = before.get(`${item.play} ${item.id}`)
      return old?.verdict !== item.verdict || JSON.stringify(old.changes) !== JSON.stringify(item.changes)
    })
    const head = `${look.style.cyan('plan revised:')} ${count(changed.length, 'resource')} other than predicted`
    if (!this.#few && look.view.verbosity === 0) return this.#wrapped(host, head)
    return [...this.#wrapped(host, head), ...changed.flatMap(item => itemLines(item, look, 4))]
  }

  /** Check mode: the plans of all hosts. */
  #plans(look: Look): string[] {
    const all = look.view.verbosity > 0
    const hosts = [...this.#view.hosts.values()].map(({host, items}) => ({
      host,
      items: all ? items : items.filter(item => speaks(item) || (item.verdict !== 'ok' && item.verdict !== 'skipped')),
    }))
    const title = (items: readonly PlannedItem[]): string => {
      const of = (verdict: PlannedItem['verdict']): number => items.filter(item => item.verdict === verdict).length
      const parts = [
        of('changed') > 0 && look.style.yellow(`would change ${of('changed')}`),
        of('unknown') > 0 && look.style.cyan(`${of('unknown')} unknown`),
        of('unsupported') > 0 && look.style.magenta(`${of('unsupported')} unsupported`),
        of('failed') > 0 && look.style.red(`${of('failed')} failed`),
        of('ignored') > 0 && look.style.red(`${of('ignored')} ignored`),
        of('rescued') > 0 && look.style.yellow(`${of('rescued')} rescued`),
      ]
      return parts.filter(Boolean).join(', ') || look.style.green('as desired')
    }
    return this.#blocks(hosts, look, title)
  }

  /** Apply mode with many hosts: the changes since the last time. */
  #release(): string[] {
    const look = this.#look()
    // In the order of the inventory, whoever was first.
    const hosts = [...this.#view.hosts.keys()].flatMap(host => {
      const items = this.#held.get(host)
      return items ? [{host, items}] : []
    })
    this.#held.clear()
    return this.#blocks(hosts, look, items => look.style.yellow(count(items.length, 'change')))
  }

  #blocks(hosts: readonly HostItems[], look: Look, title: (items: readonly PlannedItem[]) => string): string[] {
    return planBlocks(hosts, look, {plays: this.#view.plays, title})
  }

  #wrapped(host: string, text: string): string[] {
    const name = `${this.#name(host)}  `
    return text.split('\n').flatMap(line => wrap(name + line, this.#look().width, 4))
  }

  #stepOutput({host, step, text}: Extract<Event, {event: 'step-output'}>): string[] {
    if (!this.#isScrolling || text === '') return []
    const key = `${host} ${step}`
    this.#toldOutput.set(key, (this.#toldOutput.get(key) ?? '') + text)
    return this.#output(host, text)
  }

  /** All that it has printed and was not told while it ran. */
  #stepEnd({host, step, output}: Extract<Event, {event: 'step-end'}>, {view}: Look): string[] {
    const key = `${host} ${step}`
    const told = this.#toldOutput.get(key)?.trimEnd() ?? ''
    this.#toldOutput.delete(key)
    if (view.verbosity < 2 && told === '') return []
    return this.#output(host, output.startsWith(told) ? output.slice(told.length).replace(/^\n/, '') : output)
  }

  #output(host: string, text: string): string[] {
    return text.trim() === '' ? [] : outputLines(text).map(line => this.#on(host, `    | ${line}`))
  }

  #on(host: string, text: string): string {
    return `${this.#name(host)}  ${text}`
  }

  /** Padded, so that what is told of few hosts stands in a column. */
  #name(host: string): string {
    const longest = Math.max(...[...this.#view.hosts.keys()].map(name => name.length))
    return this.#look().style.bold(this.#few ? pad(host, Math.min(longest, 24)) : host)
  }
}

const headText = ({hosts, plays, run, forceSick}: Extract<Event, {event: 'run-start'}>): string => {
  const names = plays.map(({name}) => name)
  const what = names.length > 0 ? `, ${count(names.length, 'play')}: ${listed(names, 4)}` : ''
  return `${count(hosts.length, 'host')}${what}, run ${run}${forceSick === undefined ? '' : `, --force-sick: ${forceSick}`}`
}
