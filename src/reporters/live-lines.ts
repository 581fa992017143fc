import {Listr} from 'listr2'
import {count} from '../wording.ts'
import {LiveRenderer, rendererOptions} from './live-renderer.ts'
import type {Output} from './output.ts'
import {progressOf, type RoleProgress} from './progress.ts'
import type {RunView} from './run-view.ts'
import type {Style} from './style.ts'
import {duration} from './text.ts'

/** A line that begins and ends when told; listr2 tasks wait for it. */
class Line {
  readonly #begun = Promise.withResolvers<boolean>()
  readonly #ended = Promise.withResolvers<void>()
  startedAt = 0
  #over = false
  #shown: {title?: string} = {}

  /** The listr2 task that shows it, once there is one; a change of its title alone draws nothing. */
  showIn(task: {title?: string}): void {
    this.#shown = Object.assign(task, this.#shown)
  }
  title(text: string): void {
    if (!this.#over) this.#shown.title = text
  }

  begin(at: number): void {
    this.startedAt ||= at
    this.#begun.resolve(true)
  }
  end(failed = false, title = ''): void {
    if (this.#over) return
    if (title) this.title(title)
    this.#over = true
    this.#begun.resolve(false)
    if (failed) this.#ended.reject(new Error(title))
    else this.#ended.resolve()
    this.#ended.promise.catch(() => {})
  }
  get begun(): Promise<boolean> {
    return this.#begun.promise
  }
  get ended(): Promise<void> {
    return this.#ended.promise
  }
}

/**
 * The live part of a terminal: one line for facts and plans, one per play, one per role of the running play. Titles are
 * changed silently; listr2's spinner draws them ten times a second, whatever the number of events.
 */
export class LiveLines {
  readonly #view: RunView
  readonly #style: Style
  readonly #now: () => number
  readonly #plan = new Line()
  readonly #plays: Line[]
  readonly #roles = new Map<string, Line>()
  readonly #listr: Listr<unknown, typeof LiveRenderer, typeof LiveRenderer>
  readonly #done: Promise<unknown>
  #pending: string[] = []
  readonly #timer: NodeJS.Timeout

  constructor(view: RunView, output: Output, style: Style, now: () => number) {
    this.#view = view
    this.#style = style
    this.#now = now
    this.#plays = view.mode === 'apply' ? view.plays.map(() => new Line()) : []
    this.#plan.begin(now())
    this.#listr = new Listr<unknown, typeof LiveRenderer, typeof LiveRenderer>(
      [this.#task(this.#plan, 'facts and plans'), ...this.#plays.map((line, index) => this.#playTask(line, index))],
      {
        renderer: LiveRenderer,
        rendererOptions: rendererOptions(output, style),
        exitOnError: false,
        registerSignalListeners: false,
      },
    )
    this.#done = this.#listr.run()
    this.#timer = setInterval(() => this.#tick(), 100)
  }

  /** Prints lines above, at the next tick. */
  print(lines: readonly string[]): void {
    this.#pending.push(...lines)
  }

  beginPlay(play: number): void {
    this.#endBefore(play)
    this.#plays[play]?.begin(this.#now())
    for (const {role} of progressOf(this.#view, play)) {
      const line = new Line()
      line.begin(this.#now())
      this.#roles.set(`${play} ${role}`, line)
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#renderer?.drawn
    this.#renderer?.persist(this.#pending)
    this.#endBefore(this.#plays.length)
    await this.#done.catch(() => {})
  }

  #task(line: Line, title: string) {
    return {
      title,
      skip: async () => !(await line.begun),
      task: (_context: unknown, wrapper: {task: {title?: string}}) => {
        line.showIn(wrapper.task)
        return line.ended
      },
    }
  }

  #playTask(line: Line, play: number) {
    const title = `play ${this.#view.plays[play]?.name ?? play}`
    return {
      title,
      skip: async () => !(await line.begun),
      task: (_context: unknown, wrapper: any) => {
        line.showIn(wrapper.task)
        const roles = [...this.#roles].filter(([key]) => key.startsWith(`${play} `))
        return wrapper.newListr(
          roles.map(([key, role]) => this.#task(role, key.slice(key.indexOf(' ') + 1))),
          {concurrent: true, exitOnError: false},
        )
      },
    }
  }

  #tick(): void {
    if (this.#pending.length > 0 && this.#renderer?.persist(this.#pending)) this.#pending = []
    const {hosts, play} = this.#view
    if (play === undefined) {
      this.#plan.title(this.#planTitle())
      const all = [...hosts.values()]
      if (this.#view.mode === 'apply' && all.every(host => host.items.length > 0 || host.failure)) this.#endPlan()
      return
    }
    this.#tickPlay(play, false)
  }

  #tickPlay(play: number, over: boolean): void {
    const all = progressOf(this.#view, play)
    for (const progress of all) {
      const line = this.#roles.get(`${play} ${progress.role}`)
      if (!line) continue
      const title = this.#roleTitle(over ? {...progress, tail: []} : progress, line)
      if (over || progress.done + progress.left === progress.total) line.end(progress.failed > 0, title)
      else line.title(title)
    }
    const line = this.#plays[play]
    const hosts = this.#view.plays[play]?.hosts ?? []
    const done = hosts.filter(name => {
      const host = this.#view.host(name)
      return !host.items.some(item => item.play === play && this.#view.pending(host, item))
    }).length
    const failed = hosts.filter(name => this.#view.host(name).failure).length
    line?.title(
      this.#title(`play ${this.#view.plays[play]?.name}`, `${done - failed}/${hosts.length} hosts`, failed, line),
    )
  }

  #endPlan(): void {
    const all = [...this.#view.hosts.values()]
    this.#plan.end(
      all.every(({items}) => items.length === 0),
      this.#planTitle(),
    )
  }

  #endBefore(play: number): void {
    const current = this.#view.play
    this.#endPlan()
    for (const [index, line] of this.#plays.entries()) {
      if (index >= play) break
      if (index <= (current ?? -1)) this.#tickPlay(index, true)
      line.end()
    }
  }

  #planTitle(): string {
    const all = [...this.#view.hosts.values()]
    const planned = all.filter(({items}) => items.length > 0).length
    const failed = all.filter(({items, failure}) => items.length === 0 && failure).length
    return this.#title('facts and plans', `${planned}/${all.length} hosts`, failed, this.#plan)
  }

  #roleTitle({role, done, left, total, failed, changes, running, tail}: RoleProgress, line: Line): string {
    const doing = running && done + left < total ? running : undefined
    const numbers = [`${done}/${total} hosts`, ...(changes > 0 ? [count(changes, 'change')] : [])].join(', ')
    const last = doing ? tail.map(text => `\n${this.#style.dim(`| ${text.replaceAll('\t', ' ')}`)}`).join('') : ''
    return this.#title(role, numbers, failed, line, doing) + last
  }

  #title(name: string, numbers: string, failed: number, line: Line, doing?: string): string {
    const {red, dim} = this.#style
    const bad = failed > 0 ? `, ${red(`${failed} not done`)}` : ''
    const time = line.startedAt > 0 ? `  ${dim(duration(this.#now() - line.startedAt))}` : ''
    return `${name}  ${numbers}${bad}${time}${doing ? `  ${dim(doing)}` : ''}`
  }

  get #renderer(): LiveRenderer | undefined {
    return (this.#listr as unknown as {renderer?: LiveRenderer}).renderer
  }
}
