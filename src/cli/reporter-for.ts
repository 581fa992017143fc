import type {Reporter} from '../events.ts'
import {jsonLines} from '../reporters/json-lines.ts'
import type {Output, View} from '../reporters/output.ts'
import type {HostFlags, RunFlags} from './flags.ts'
import type {Io} from './io.ts'

export type Screen = Reporter & {note?(text: string): void}
export type MakeReporter = (
  output: Output,
  options: {style: import('../reporters/style.ts').Style; view: View},
) => Screen

/** JSON lines when asked for; else live lines on a terminal and plain ones elsewhere, unless a command has its own. */
export const reporterFor = async (
  output: Output,
  flags: HostFlags & Pick<RunFlags, 'diff'>,
  {env}: Io,
  own?: MakeReporter,
): Promise<Screen> => {
  if (flags.json) return jsonLines(output)
  const {styleFor} = await import('../reporters/style.ts')
  const options = {style: styleFor(output, env), view: {diff: flags.diff ?? false, verbosity: flags.verbose}}
  if (own) return own(output, options)
  const live = output.isTTY && env['TERM'] !== 'dumb' && !env['CI']
  if (live) return (await import('../reporters/terminal.ts')).terminal(output, options)
  return (await import('../reporters/plain.ts')).plain(output, options)
}

/** Writes until the reader goes away (`| head`), then tells `gone` and keeps quiet. */
export const untilGone = (stdout: Io['stdout'], gone: () => void): Output => {
  let open = true
  stdout.on?.('error', () => {
    if (open) gone()
    open = false
  })
  return {
    write: text => open && stdout.write(text),
    isTTY: stdout.isTTY ?? false,
    get columns() {
      return stdout.columns ?? 80
    },
    get rows() {
      return stdout.rows ?? 24
    },
  }
}
