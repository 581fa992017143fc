import type {Fragment} from '../transport/transport.ts'
import {endLoops, forgetOutput, openState, type Place, processFunctions} from './state-directory.ts'

/** What a step left behind. No code: it was started and never ended. `errors` is what a step said on stderr, where it was kept apart. */
export type JournalEntry = {readonly code: number | undefined; readonly output: string; readonly errors: string}

/** Asks which steps of a run have been started and how they ended; waits for those that still run. */
export const journalFragment = (runId: string, place: Omit<Place, 'runId'> = {}): Fragment => ({
  id: 'journal',
  script: `${openState({runId, ...place})}
${processFunctions}
${endLoops}
end_loops "$j"
for id in "$j"/*.id; do
  s=\${id%.id}
  [ -e "$id" ] || continue
  while [ ! -e "$s.code" ] && [ -e "$s.start" ] && read -r pid started <"$s.start" && is_alive "$pid" "$started"; do sleep 0.2 2>/dev/null || sleep 1; done
  code=-
  [ ! -e "$s.code" ] || read -r code <"$s.code"
  [ -e "$s.start" ] || [ "$code" != - ] || continue
  printf '%s %s ' "$code" "$(base64 <"$id" | tr -d '\\n')"
  [ ! -e "$s.out" ] || base64 <"$s.out" | tr -d '\\n'
  printf ' '
  [ ! -e "$s.err" ] || base64 <"$s.err" | tr -d '\\n'
  echo
  ${forgetOutput}
done`,
})

/** Reads the answer to journalFragment: entries by step id. Steps that were never started are not in it. */
export const parseJournal = (stdout: string): Map<string, JournalEntry> =>
  new Map(
    stdout
      .split('\n')
      .filter(line => line !== '')
      .map(line => {
        const [code = '-', id = '', output = '', errors = ''] = line.split(' ')
        return [text(id), {code: code === '-' ? undefined : Number(code), output: text(output), errors: text(errors)}]
      }),
  )

const text = (base64: string): string => Buffer.from(base64, 'base64').toString()
