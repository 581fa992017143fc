import type {Step} from '../resources/resource.ts'
import type {Command} from '../shell/command.ts'
import {quote} from '../shell/quote.ts'
import {reveal, Secret} from '../shell/secret.ts'
import type {Fragment} from '../transport/transport.ts'
import {fileNameOf, forgetOutput, noteLoop, openState, type Place, processFunctions} from './state-directory.ts'
import {cutOffCode, writeBody, writtenBytes} from './step-write.ts'

/** Identifies a step: `stepId` is unique within the run and is also the id of its fragment. */
export type StepPlace = Place & {readonly stepId: string; readonly only?: Condition}
/** Shell text that has to hold when a step begins, and what is said where it does not. */
export type Condition = {readonly holds: string; readonly otherwise: string}

/**
 * The fragment that carries out a step and journals it. Its code is that of the step; output of a `run` is its stdout and
 * stderr, joined on stdout unless they are kept apart, a failed `write` or `wait` says why on stderr. A step that has already ended in this run is not
 * done again: its journal answers.
 */
export const stepFragment = (step: Step, place: StepPlace): Fragment => {
  const {stepId} = place
  const script = (body: string) => `${opening(step, place)}\n${body}`
  switch (step.do) {
    case 'run': {
      const stdin = step.command.stdin === undefined ? '' : reveal(step.command.stdin)
      const body = script(runBody(step, stdin, stepId))
      return {id: stepId, step: true, script: body, ...(stdin !== '' && {input: Buffer.from(stdin)})}
    }
    case 'write':
      return {id: stepId, step: true, script: script(bodyInPlace(writeBody(step))), input: writtenBytes(step)}
    case 'wait':
      return {id: stepId, step: true, script: script(bodyInPlace(waitBody(step.command, step.timeoutMs)))}
  }
}

/** What it says may repeat what it was given. */
const handlesSecret = (step: Step): boolean =>
  step.do === 'run'
    ? step.command.stdin instanceof Secret
    : step.do === 'write' && step.files.some(({content}) => content instanceof Secret)

/** What a step may say on a full file system: so much is taken for its output before it starts. */
const roomBytes = 16_384

/*
 * Both write into room that `opening` has taken, so that a step that fills the file system can still say so and end its
 * journal. end_output cuts what was not needed: descriptor 4 stands where the output ends.
 */
const endings = `finish() { printf '%s\\n' "$1" 1<>"$s.code.new" && mv -f "$s.code.new" "$s.code"; }
end_output() { while read -r key value; do [ "$key" != pos: ] || truncate -s "$value" "$s.out"; done </proc/self/fdinfo/4; exec 4>&-; }`

const opening = (step: Step, place: StepPlace): string => `${openState(place)}
s=$j/${fileNameOf(place.stepId)}
answer() {
  read -r code <"$s.code" || code=125
  if [ "$code" = 0 ] || [ "$1" = joined ]; then cat "$s.out"; else cat "$s.out" >&2; fi
  [ ! -e "$s.err" ] || cat "$s.err" >&2
  ${forgetOutput}
  exit "$code"
}
${endings}
${processFunctions}
${noteLoop}
[ -e "$s.code" ] && answer ${step.do === 'run' ? 'joined' : 'apart'}${
  place.only === undefined ? '' : `\n( ${place.only.holds}\n) || { echo ${quote(place.only.otherwise)} >&2; exit 1; }`
}
said=$( { printf '%${roomBytes}s' '' | cat >"$s.out"; } 2>&1 ) || {
  rm -f "$s.out"
  printf 'no room for the journal in %s: %s\\n' "$gw" "$said" >&2
  exit 74
}
printf '%8s\\n' '' >"$s.code.new"
printf '%s' ${quote(place.stepId)} >"$s.id"${handlesSecret(step) ? `\n: >"$s.secret"` : ''}
printf '%s\\n' ${quote(step.title)} >"$gw/current"`

/*
 * Stands between the fragment and the command in a session of its own: a cut connection ends the fragment, not this. It
 * takes all of the command and its input from a pipe before it starts anything, and keeps both out of files and arguments.
 */
const supervisor = `s=$1 size=$2 length=$3 limit=$4 apart=$5
umask 077
${processFunctions}
${endings}
all=$(dd bs="$size" count=1 iflag=fullblock status=none; printf x)
all=\${all%x}
[ "\${#all}" = "$size" ] || exit 1
self "$s.start"
umask 022
exec 4<>"$s.out"
if [ "$apart" = true ]; then exec 5>"$s.err"; else exec 5>&4; fi
set --
[ "$limit" = 0 ] || set -- timeout -k 10 "$limit"
printf %s "$all" |
  "$@" /bin/sh -c 'command=$(dd bs="$1" count=1 iflag=fullblock status=none; printf x); set --; eval "\${command%x}"' sh "$length" \\
  >&4 2>&5 4>&- 5>&- 9>&-
code=$?
[ "$code" != 124 ] || [ "$limit" = 0 ] || printf 'stopped after %s s\\n' "$limit" >&4
end_output
umask 077
finish "$code"`

const runBody = (
  {command: {text}, timeoutMs, apart = false}: Extract<Step, {do: 'run'}>,
  stdin: string,
  stepId: string,
): string => {
  const length = Buffer.byteLength(text)
  const size = length + Buffer.byteLength(stdin)
  const limit = timeoutMs === undefined ? 0 : timeoutMs / 1000
  return `{ printf %s ${quote(text)}${stdin === '' ? '' : '; cat'}; } |
  setsid /bin/sh -c ${quote(supervisor)} gatewright "$s" ${size} ${length} ${limit} ${apart} >/dev/null 2>&1
[ -e "$s.code" ] || {
  [ ! -e "$s.out" ] || sed 's/ *$//' "$s.out"
  printf '%s was killed before it ended\\n' ${quote(`step ${stepId}`)} >&2
  exit 125
}
answer joined`
}

/**
 * Runs `body` in this very shell; a cut connection ends it no sooner than at its end. Where the content itself was cut off
 * nothing was done, and the journal says that it was never begun.
 */
const bodyInPlace = (body: string): string => `self "$s.start"
( ${body}
) >"$s.out" 2>&1
code=$?
[ "$code" != ${cutOffCode} ] || { rm -f "$s.undo" "$s.start"; cat "$s.out" >&2; exit "$code"; }
finish "$code"
rm -f "$s.undo"
answer apart`

const waitBody = (command: Command, timeoutMs: number): string => {
  if (command.stdin !== undefined) throw new TypeError('the command of a wait step reads no content')
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1000))
  return `now() { date +%s; }
end=$(( $(now) + ${seconds} ))
while :; do
  left=$(( end - $(now) ))
  [ "$left" -gt 0 ] || left=1
  said=$(umask 022; timeout -k 2 "$left" /bin/sh -c ${quote(command.text)} 2>&1 </dev/null 9>&-)
  code=$?
  [ "$code" = 0 ] && break
  if [ "$(now)" -ge "$end" ]; then
    printf 'not within %s s: exit code %s%s\\n' ${seconds} "$code" "\${said:+: $said}"
    exit 1
  fi
  sleep 0.5 2>/dev/null || sleep 1
done
printf '%s\\n' "$said"`
}
