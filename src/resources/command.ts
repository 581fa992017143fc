import {$, Command, raw} from '../shell/command.ts'
import {quote} from '../shell/quote.ts'
import {reveal, Secret} from '../shell/secret.ts'
import {type Answer, type Handler, type Kind, type Resource, resourceOf, Unreadable} from './resource.ts'
import {broken, pathRule} from './rules.ts'

export type CommandDesired = {
  /** Words of a program, run without a shell; else `text` for one. */
  readonly words?: readonly string[]
  readonly text?: string
  /** The shell for `text`. */
  readonly shell: string
  readonly chdir?: string
  /** A path or glob; nothing is done where something matches. */
  readonly creates?: string
  /** A path or glob; nothing is done where nothing matches. */
  readonly removes?: string
  readonly stdin?: string | Secret
  /** What it is called in a plan. */
  readonly title: string
  /** Makes it one of its kind: two equal commands are done twice. */
  readonly taskId: string
}

export type CommandState = 'due' | 'done' | 'unknown'

/** A command that is done each time, unless its guards say that there is nothing to do. */
export const commandKind: Kind<CommandDesired, CommandState> = {
  name: 'command',
  opaque: true,
  act: true,
  identify: ({title, taskId}) => `${title} (${taskId})`,
  probe: desired => ({command: guards(desired), parse: answer => stateOf(desired, answer)}),
  predict: ({creates, removes}, current, foresight) => {
    const comes = (path: string | undefined): boolean =>
      path !== undefined && (foresight.files.has(path) || foresight.directories.has(path))
    if (comes(creates)) return 'done'
    return current === 'done' && comes(removes) ? 'due' : current
  },
  diff(_desired, current) {
    if (current === 'unknown') return 'unknown'
    return current === 'done' ? [] : [{path: 'run', from: 'due', to: 'done'}]
  },
  steps: desired => [{do: 'run', title: desired.title, command: commandOf(desired), apart: true}],
  idle: ({creates, removes}) => {
    // Which of both it was is not kept.
    if (creates !== undefined && removes !== undefined) return undefined
    const reason = creates === undefined ? `${removes} does not exist` : `${creates} exists`
    return {code: 0, stdout: `skipped, since ${reason}`, stderr: ''}
  },
  provides: ({creates}) => ({...(creates !== undefined && !isGlob(creates) && {files: [creates]}), anything: true}),
  problems: ({words, text, chdir, creates, removes}) =>
    broken(
      (words?.length ?? 0) === 0 && (text ?? '').trim() === '' ? 'cmd: there is no command' : undefined,
      [...(words ?? []), text ?? ''].some(word => word.includes('\0')) ? 'cmd: a NUL cannot stand in it' : undefined,
      chdir === undefined ? undefined : pathRule('chdir', chdir),
      chdir === undefined && creates !== undefined ? pathRule('creates', creates) : undefined,
      chdir === undefined && removes !== undefined ? pathRule('removes', removes) : undefined,
    ),
}

const isGlob = (pattern: string): boolean => /[*?[]/.test(pattern)

/** Everything but the signs of a pattern is quoted; in brackets, `!` and ranges keep their meaning. */
const globWord = (pattern: string): Command =>
  raw(
    pattern.replaceAll(/\[!?\]?[^\]/]*\]|[*?]|[^*?[]+|\[/g, part =>
      /^[*?]$|^\[.+\]$/.test(part) ? inBrackets(part) : quote(part),
    ),
  )
const inBrackets = (part: string): string => part.replaceAll(/[^[\]!*?\w-]/g, sign => quote(sign))

/** A pattern that matches nothing stays itself in a shell, which is no match. */
const matches = (pattern: string): Command =>
  $`{ found=; for f in ${globWord(pattern)}; do case $f in ${globWord(pattern)}) if [ -e "$f" ] || [ -L "$f" ]; then found=yes; fi ;; esac; done; [ -n "$found" ]; }`

const guards = ({chdir, creates, removes}: CommandDesired): Command => {
  if (creates === undefined && removes === undefined) return $`:`
  return $`
${chdir === undefined ? $`:` : $`cd -- ${chdir} 2>/dev/null || { echo nowhere; exit 0; }`}
${creates === undefined ? $`:` : $`if ${matches(creates)}; then echo done; exit 0; fi`}
${removes === undefined ? $`:` : $`${matches(removes)} || { echo done; exit 0; }`}
echo due`
}

const stateOf = ({creates, removes}: CommandDesired, {code, stdout, stderr}: Answer): CommandState => {
  if (creates === undefined && removes === undefined) return 'unknown'
  const said = stdout.trim()
  if (said === 'done' || said === 'due') return said
  if (said === 'nowhere') return 'unknown'
  throw new Unreadable(stderr.trim() || `the guards ended with exit code ${code}`)
}

const commandOf = ({words, text = '', shell, chdir, stdin}: CommandDesired): Command => {
  const run = words ? programOf(words) : $`exec ${shell} -c ${text}`
  const command = chdir === undefined ? run : $`cd -- ${chdir} || exit\n${run}`
  return stdin === undefined ? command : command.reading(stdin)
}

/**
 * The words as they are, with what Ansible expands in them: environment variables, and `~` at the beginning. A fresh shell
 * knows the environment alone.
 */
const programOf = (words: readonly string[]): Command => {
  const expanded = words.map(expandWord)
  return words.every((word, index) => quote(word) === expanded[index])
    ? $`exec ${words}`
    : $`exec /bin/sh -c ${`exec ${expanded.join(' ')}`}`
}

/** Set by every shell, whatever its environment. */
const ofShell = new Set(['IFS', 'OPTIND', 'PPID', 'PS1', 'PS2', 'PS4', '_'])

const expandWord = (word: string): string => {
  const [home = ''] = /^~[\w.-]*(?=\/|$)/.exec(word) ?? []
  const rest = word.slice(home.length)
  const pieces = rest.split(/(\$(?:\w+|\{[^}]*\}))/)
  const quoted = pieces.map((piece, index) => {
    const name = piece.replaceAll(/[${}]/g, '')
    const isVariable = index % 2 === 1 && /^[A-Za-z_]\w*$/.test(name) && !ofShell.has(name)
    return isVariable ? `"\${${name}-\\${piece.replace('}', String.raw`\}`)}}"` : piece === '' ? '' : quote(piece)
  })
  if (home === '') return quoted.join('') || "''"
  const slash = rest.startsWith('/') ? `/${expandTail(quoted, pieces)}` : quoted.join('')
  return `${home}${slash}`
}

/** The slash that ends a tilde prefix must stand without quotes. */
const expandTail = (quoted: readonly string[], pieces: readonly string[]): string => {
  const first = (pieces[0] ?? '').slice(1)
  return [first === '' ? '' : quote(first), ...quoted.slice(1)].join('')
}

/** What an input ends with: a line end more, as Ansible adds it. */
export const withNewline = (input: string | Secret): string | Secret =>
  input instanceof Secret ? new Secret(`${reveal(input)}\n`) : `${input}\n`

const build = resourceOf(commandKind)

/** An act of a playbook: `command:` and `shell:`. Roles use exec. */
export const command = (options: CommandDesired, notify?: readonly Handler[]): Resource<CommandDesired, CommandState> =>
  build(options, notify)
