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
  end(failed = false, title = this.#shown.title ?? ''): void {
    if (this.#over) return
    this.title(title)
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
 * The live part of a terminal: one line for facts and plans, one per play, and below that one per role, of which there may
 * be more with every host that is planned. Titles are changed silently; listr2's spinner draws them ten times a second,
 * whatever the number of events.
 */
export class LiveLines {
  readonly #view: RunView
  readonly #style: Style
  readonly #now: () => number
  readonly #plan = new Line()
  readonly #plays: Line[]
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
      [
        this.#task(this.#plan, 'facts and plans'),
        ...this.#plays.map((line, index) => this.#task(line, `play ${view.plays[index]?.name ?? index}`)),
      ],
      {
        renderer: LiveRenderer,
        rendererOptions: rendererOptions(output, style),
        exitOnError: false,
        concurrent: true,
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
    this.#endPlaysBefore(play)
    this.#plays[play]?.begin(this.#now())
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#renderer?.drawn
    this.#renderer?.persist(this.#pending)
    this.#endPlan()
    this.#endPlaysBefore(this.#plays.length)
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

  #tick(): void {
    if (this.#pending.length > 0 && this.#renderer?.persist(this.#pending)) this.#pending = []
    this.#plan.title(this.#planTitle())
    const {play, mode} = this.#view
    if (mode === 'apply' && this.#isPlanned) this.#endPlan()
    if (play !== undefined) this.#tickPlay(play, false)
  }

  get #isPlanned(): boolean {
    return [...this.#view.hosts.values()].every(host => host.isPlanned || host.failure)
  }

  #tickPlay(play: number, isOver: boolean): void {
    const hosts = this.#view.plays[play]?.hosts ?? []
    const done = hosts.filter(name => {
      const host = this.#view.host(name)
      return (
        host.isPlanned &&
        !host.failure &&
        !host.items.some(item => item.play === play && this.#view.pending(host, item))
      )
    }).length
    const failed = hosts.filter(name => this.#view.host(name).failure).length
    const line = this.#plays[play]
    const title = this.#title(`play ${this.#view.plays[play]?.name}`, `${done}/${hosts.length} hosts`, failed, line)
    const roles = progressOf(this.#view, play).map(progress => this.#roleTitle(progress, isOver))
    const waiting = hosts.flatMap(name => {
      const {waitsFor} = this.#view.host(name)
      return waitsFor === undefined ? [] : [`  ${name}  ${this.#style.yellow('waiting:')} ${waitsFor}`]
    })
    line?.title([title, ...roles, ...(isOver ? [] : waiting)].join('\n'))
  }

  #endPlan(): void {
    const all = [...this.#view.hosts.values()]
    this.#plan.end(
      all.every(({isPlanned}) => !isPlanned),
      this.#planTitle(),
    )
  }

  #endPlaysBefore(play: number): void {
    const current = this.#view.play ?? -1
    for (const [index, line] of this.#plays.entries()) {
      if (index >= play) break
      if (index <= current) this.#tickPlay(index, true)
      line.end([...this.#view.hosts.values()].some(({failure}) => failure?.play === index))
    }
  }

  #planTitle(): string {
    const all = [...this.#view.hosts.values()]
    const planned = all.filter(({isPlanned}) => isPlanned).length
    const failed = all.filter(({isPlanned, failure}) => !isPlanned && failure).length
    return this.#title('facts and plans', `${planned}/${all.length} hosts`, failed, this.#plan)
  }

  #roleTitle({role, done, left, total, failed, changes, running, tail}: RoleProgress, isOver: boolean): string {
    const {dim, green, red} = this.#style
    const isDone = isOver || done + left === total
    const sign = failed > 0 ? red('✖') : isDone ? green('✔') : ' '
    const numbers = [`${done}/${total} hosts`, ...(changes > 0 ? [count(changes, 'change')] : [])].join(', ')
    const bad = failed > 0 ? `, ${red(`${failed} not done`)}` : ''
    if (isDone || !running) return `${sign} ${role}  ${numbers}${bad}`
    const last = tail.map(text => `\n${dim(`| ${text.replaceAll('\t', ' ')}`)}`).join('')
    return `${sign} ${role}  ${numbers}${bad}  ${dim(running)}${last}`
  }

  #title(name: string, numbers: string, failed: number, line?: Line): string {
    const {red, dim} = this.#style
    const bad = failed > 0 ? `, ${red(`${failed} not done`)}` : ''
    const time = line && line.startedAt > 0 ? `  ${dim(duration(this.#now() - line.startedAt))}` : ''
    return `${name}  ${numbers}${bad}${time}`
  }

  get #renderer(): LiveRenderer | undefined {
    return (this.#listr as unknown as {renderer?: LiveRenderer}).renderer
  }
}
