import {StringDecoder} from 'node:string_decoder'
import {setTimeout as sleep} from 'node:timers/promises'
import type {Emit} from '../events.ts'
import type {Fragment} from '../transport/transport.ts'
import type {Connection} from './connection.ts'
import {fileNameOf, openState, type Place} from './state-directory.ts'

/** A step that takes no longer than this is not followed: its output arrives with its end. */
const firstMs = 1000
const everyMs = 1000
/** So much is fetched at a time; of what comes faster the beginning is left out. */
const mostBytes = 65_536
/** A line that is longer stays untold until the step ends: half of it might be half of a secret. */
const longestLine = 65_536

type Followed = {readonly id: string; readonly play: number; readonly step: string}
export type FollowContext = Place & {
  readonly connection: Connection
  readonly become: string | undefined
  readonly emit: Emit
}

/**
 * Tells the output of a running step line by line, read from its journal over a shell of its own. It delays nothing, and
 * when it cannot read it is silent. Ends when `stop` is called.
 */
export const followStep = ({id, play, step}: Followed, context: FollowContext): {stop(): void} => {
  const {connection, become, emit} = context
  const lines = lineReader()
  let offset = 0
  const stopping = new AbortController()
  const poll = async (): Promise<void> => {
    const shell = await connection.sideShell(become)
    const [outcome] = await shell.request([outputFragment(step, offset, context)])
    if (stopping.signal.aborted || outcome?.status !== 'done' || outcome.code !== 0) return
    const {start, bytes} = parsed(outcome.stdout)
    if (start > offset) lines.skip()
    offset = start + bytes.length
    const text = lines.push(bytes)
    if (text !== '') emit({event: 'step-output', host: connection.target.host, id, play, step, text})
  }
  const pollOn = async (): Promise<never> => {
    for (let ms = firstMs; ; ms = everyMs) {
      await sleep(ms, undefined, {signal: stopping.signal})
      await poll()
    }
  }
  // The run itself finds out what has become of the connection.
  pollOn().catch(() => {})
  return {stop: () => stopping.abort()}
}

/** Whole lines out of bytes, whatever characters they are cut in. */
export const lineReader = (): {push(bytes: Buffer): string; skip(): void} => {
  let decoder = new StringDecoder('utf8')
  let rest = ''
  /** In a line whose beginning is not known. */
  let isInside = false
  return {
    push(bytes) {
      rest += decoder.write(bytes)
      const end = rest.lastIndexOf('\n') + 1
      const begin = isInside ? rest.indexOf('\n') + 1 : 0
      const text = rest.slice(begin, end)
      if (end > 0) isInside = false
      rest = rest.slice(end)
      if (rest.length > longestLine) this.skip()
      return text
    },
    skip() {
      decoder = new StringDecoder('utf8')
      rest = ''
      isInside = true
    },
  }
}

/**
 * What a step has said since `offset`: where that begins, then the bytes in base64. The room in the file is taken before
 * the step starts, so the position of its descriptor 4 tells how much is output.
 */
export const outputFragment = (stepId: string, offset: number, place: Place): Fragment => ({
  id: 'output',
  timeoutMs: 5000,
  script: `${openState(place)}
s=$j/${fileNameOf(stepId)}
end=0
read -r pid started <"$s.start" || exit 1
while read -r key value; do [ "$key" != pos: ] || end=$value; done <"/proc/$pid/fdinfo/4"
start=${offset}
[ $((end - start)) -le ${mostBytes} ] || start=$((end - ${mostBytes}))
printf '%s\\n' "$start"
[ "$end" -le "$start" ] || tail -c +$((start + 1)) "$s.out" | head -c $((end - start)) | base64`,
})

const parsed = (stdout: string): {start: number; bytes: Buffer} => {
  const end = stdout.indexOf('\n')
  return {start: Number(stdout.slice(0, end)), bytes: Buffer.from(stdout.slice(end + 1), 'base64')}
}
