import type {Reporter} from '../events.ts'
import {count} from '../wording.ts'
import {exitText} from './exit-text.ts'
import {namesText} from './host-names.ts'
import type {Output} from './output.ts'
import type {Style} from './style.ts'

/** What a command printed, host by host as they end; then which hosts failed. */
export const execOutput = (output: Output, {style}: {readonly style: Style}): Reporter => ({
  on(event) {
    if (event.event === 'step-end') {
      const code = event.code === 0 ? '' : style.red(`  exit code ${event.code}`)
      output.write(`${style.bold(event.host)}${code}\n${indented(event.output)}`)
    } else if (event.event === 'host-failed')
      output.write(`${style.bold(event.host)}  ${style.red(event.status)}\n${indented(event.message)}`)
    else if (event.event === 'summary') {
      const bad = event.hosts.filter(({status}) => status !== 'ok').map(({host}) => host)
      if (bad.length === 0) return
      const all = count(event.hosts.length, 'host')
      output.write(
        style.red(
          `${bad.length} of ${all} not done: ${namesText(bad, 8)}; exit code ${event.exitCode}: ${exitText(event.exitCode)}`,
        ) + '\n',
      )
    }
  },
})

const indented = (text: string): string =>
  text.trim() === ''
    ? ''
    : `${text
        .trimEnd()
        .split('\n')
        .map(line => `  ${line}`)
        .join('\n')}\n`
