import {dump} from 'js-yaml'
import type {Reporter} from '../events.ts'
import {exitText} from './exit-text.ts'
import type {Output} from './output.ts'
import type {Style} from './style.ts'
import {duration} from './text.ts'

/** Facts as YAML, host by host as they come in. */
export const factsOutput = (output: Output, {style}: {readonly style: Style}): Reporter => ({
  on(event) {
    if (event.event === 'facts') {
      const text = dump(event.facts, {lineWidth: 120, noRefs: true, sortKeys: true})
      const lines = text
        .trimEnd()
        .split('\n')
        .map(line => `  ${line}`.trimEnd())
      output.write(`${style.bold(event.host)}:\n${lines.join('\n')}\n`)
    } else if (event.event === 'host-failed')
      output.write(
        `${style.bold(`${event.host}:`)}  # ${style.red(`${event.status}: ${event.message.split('\n', 1)[0]}`)}\n`,
      )
    else if (event.event === 'summary' && event.exitCode !== 0)
      output.write(
        `# ${style.red(`exit code ${event.exitCode}: ${exitText(event.exitCode)}`)}, in ${duration(event.elapsedMs)}\n`,
      )
  },
})
