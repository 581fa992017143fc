import {posix} from 'node:path'
import {candidateOf} from '../resources/candidate.ts'
import {bytesOf} from '../resources/content.ts'
import type {Step} from '../resources/resource.ts'
import type {Command} from '../shell/command.ts'
import {quote} from '../shell/quote.ts'

type WriteStep = Extract<Step, {do: 'write'}>

/** Code of a write step whose content did not arrive as a whole (EX_TEMPFAIL of sysexits.h); a failed one has code 1. */
export const cutOffCode = 75

/** The contents of all files, one behind the other: the input of the fragment. */
export const writtenBytes = ({files}: WriteStep): Buffer => Buffer.concat(files.map(({content}) => bytesOf(content)))

/** Where the former file is kept while a set is tried out: another link to it, so that putting it back is exact. */
const formerOf = (path: string): string => `${candidateOf(path)}-former`

/** Shell text of a write step; reads the contents from stdin and says on stdout why it failed. Needs $s, the journal entry. */
export const writeBody = ({files, validate, check}: WriteStep): string => {
  const isSet = files.length > 1 || check !== undefined
  const undo = files.map(({path}, n) => undoOne(path, n, isSet)).join('\n')
  return [
    functions,
    `printf '%s\\n' ${quote(undo)} >"$s.undo"`,
    `trap 'code=$?; [ -z "$done" ] && . "$s.undo" >/dev/null 2>&1; exit "$code"' EXIT`,
    `trap 'exit 1' HUP INT TERM`,
    'done=',
    ...files.map(
      ({path, content, mode, owner, group}) =>
        `candidate ${[path, posix.dirname(path), candidateOf(path), `${bytesOf(content).length}`, `${owner}:${group}`, mode].map(quote).join(' ')}`,
    ),
    ...(validate === undefined ? [] : [`try ${quote(commandText(validate))} 'the new content is not valid' ''`]),
    ...(isSet ? files.map(({path}, n) => `keep ${quote(path)} ${quote(formerOf(path))} ${n}`) : []),
    ...files.filter(({backup}) => backup).map(({path}) => `backup ${quote(path)}`),
    ...files.map(({path}) => `place ${quote(candidateOf(path))} ${quote(path)}`),
    ...(check === undefined
      ? []
      : [`try ${quote(commandText(check))} 'the check of the new files failed' '; the former files are back'`]),
    'done=yes',
    ...(isSet ? files.map(({path}, n) => `rm -f ${quote(formerOf(path))} "$s.${n}.absent"`) : []),
    ...[...new Set(files.map(({path}) => posix.dirname(path)))].map(
      directory => `sync ${quote(directory)} 2>/dev/null || sync`,
    ),
  ].join('\n')
}

const commandText = (command: Command): string => {
  if (command.stdin !== undefined) throw new TypeError('a validator of a write step reads no content')
  return command.text
}

/** What brings one file back to where it was; harmless when nothing has been done yet. */
const undoOne = (path: string, n: number, isSet: boolean): string => {
  const [target, former] = [quote(path), quote(formerOf(path))]
  const back = isSet
    ? `
if [ -e ${former} ] || [ -L ${former} ]; then
  if [ ${former} -ef ${target} ]; then rm -f ${former}; else mv -fT ${former} ${target}; fi
elif [ -e "$s.${n}.absent" ]; then rm -f ${target}
fi
rm -f "$s.${n}.absent"`
    : ''
  return `rm -f ${quote(candidateOf(path))}${back}`
}

const functions = `fail() { printf '%s\\n' "$1"; exit 1; }
take() {
  { [ "$1" -lt 1048576 ] || dd bs=1048576 count=$(($1/1048576)) iflag=fullblock status=none; } &&
    { [ $(($1%1048576)) = 0 ] || dd bs=$(($1%1048576)) count=1 iflag=fullblock status=none; }
}
# candidate PATH DIRECTORY CANDIDATE SIZE OWNER MODE
candidate() {
  [ -d "$2" ] || fail "cannot write $1: the directory $2 does not exist"
  [ -L "$1" ] || [ ! -d "$1" ] || fail "cannot write $1: it is a directory"
  rm -f "$3" 2>/dev/null
  said=$( { take "$4" >"$3"; } 2>&1 ) || fail "cannot write $1: \${said:-no reason given}"
  size=$(wc -c <"$3")
  [ "$((size))" = "$4" ] || { printf '%s\\n' "cannot write $1: only $((size)) of $4 bytes arrived"; exit ${cutOffCode}; }
  said=$(chown "$5" "$3" 2>&1) || fail "cannot write $1: $said"
  said=$(chmod "$6" "$3" 2>&1) || fail "cannot write $1: $said"
  said=$(sync "$3" 2>&1) || sync
}
# try COMMAND WHAT MORE
try() {
  said=$( ( umask 022; eval "$1" ) 2>&1 </dev/null 9>&- )
  code=$?
  [ "$code" = 0 ] || fail "$2 (exit code $code)$3\${said:+: $said}"
}
# keep PATH FORMER N
keep() {
  rm -f "$2"
  if [ -e "$1" ] || [ -L "$1" ]; then
    ln -P "$1" "$2" 2>/dev/null || said=$(cp -a "$1" "$2" 2>&1) || fail "cannot keep the former $1: $said"
  else : >"$s.$3.absent"
  fi
}
# backup PATH: as Ansible names it
backup() {
  [ -e "$1" ] || return 0
  said=$(cp -p -- "$1" "$1.$$.$(date +%Y-%m-%d@%H:%M:%S)~" 2>&1) || fail "cannot keep a copy of the former $1: $said"
}
# place CANDIDATE PATH
place() { said=$(mv -fT "$1" "$2" 2>&1) || fail "cannot write $2: $said"; }`
