import type {Reporter} from '../events.ts'
import {LiveLines} from './live-lines.ts'
import {Narrator} from './narrator.ts'
import type {Output, View} from './output.ts'
import {RunView} from './run-view.ts'
import type {Style} from './style.ts'
import {wrap} from './text.ts'

export type TerminalOptions = {
  readonly style: Style
  readonly view: View
  /** Milliseconds; tests give their own. */
  readonly now?: () => number
}

/** For people at a terminal: what has happened scrolls by, what is under way stands below it in a few live lines. */
export const terminal = (
  output: Output,
  {style, view, now = Date.now}: TerminalOptions,
): Reporter & {note(text: string): void} => {
  const run = new RunView()
  const narrator = new Narrator(run, () => ({style, view, width: output.columns ?? 80}), {isScrolling: false})
  let live: LiveLines | undefined
  const tail: string[] = []
  return {
    on(event) {
      run.on(event)
      const lines = narrator.tell(event)
      if (event.event === 'summary') tail.push(...lines)
      else if (live) live.print(lines)
      else if (lines.length > 0) output.write(`${lines.join('\n')}\n`)
      if (event.event === 'run-start') live = new LiveLines(run, output, style, now)
      if (event.event === 'play-start') live?.beginPlay(event.play)
    },
    note(text) {
      const lines = wrap(text, output.columns ?? 80, 2)
      if (live) live.print(lines)
      else output.write(`${lines.join('\n')}\n`)
    },
    async close() {
      if (!live) return
      await live.close()
      if (!run.summary) tail.push(...narrator.end())
      // The live lines stay, so what follows them begins with an empty line.
      output.write([...(tail[0] === '' ? [] : ['']), ...tail, ''].join('\n'))
    },
  }
}
