import {split} from 'shlex'
import {InvalidInput} from '../../../diagnostic.ts'
import {placeOf} from '../../../diagnostics/positions.ts'
import {type CommandDesired, command, withNewline} from '../../../resources/command.ts'
import {Secret} from '../../../shell/secret.ts'
import type {Module, ModuleContext} from '../module.ts'
import {mapping, text} from '../schema-parts.ts'

const place = {...text, pattern: '^/', description: 'an absolute path'} as const
const guard = {...text, description: 'a path or a pattern of paths'} as const
const flag = {type: 'boolean'} as const

const options = {
  cmd: {...text, description: 'the command'},
  chdir: place,
  creates: guard,
  removes: guard,
  stdin: {type: 'string', secret: true},
  stdin_add_newline: {...flag, description: 'true unless given'},
  strip_empty_ends: {const: true, type: 'boolean', description: 'true: results end without line ends'},
}

const said = (what: string, fix: string, parameters: object, key: string, {at}: ModuleContext): InvalidInput =>
  new InvalidInput([{rule: 'invalid-parameter', what, fix, at: placeOf(parameters, [key]) ?? at}])

const common = (parameters: Readonly<Record<string, any>>, {title, taskId}: ModuleContext) => {
  const {chdir, creates, removes, stdin, stdin_add_newline: adds = true} = parameters
  const input: string | Secret | undefined = stdin === '' ? undefined : stdin
  return {
    ...(chdir !== undefined && {chdir}),
    ...(creates !== undefined && {creates}),
    ...(removes !== undefined && {removes}),
    ...(input !== undefined && {stdin: adds ? withNewline(input) : input}),
    title,
    taskId,
  } satisfies Partial<CommandDesired>
}

/** Every user of the host can read the words of a command. */
const refuseSecrets = (words: readonly unknown[], parameters: object, key: string, context: ModuleContext): void => {
  if (words.some(word => word instanceof Secret))
    throw said('a secret may not stand in a command', "give it to the command with 'stdin'", parameters, key, context)
}

export const commandModule: Module = {
  about:
    'A program with its words, run without a shell: quotes group words, `$NAME` of the environment and `~` are expanded, nothing else. Guarded by `creates` or `removes`, check mode can tell whether it runs.',
  example: {cmd: 'touch /srv/done', creates: '/srv/done'},
  freeForm: 'cmd',
  schema: mapping({...options, argv: {type: 'array', items: {type: 'string'}, description: 'a list of words'}}, []),
  refused: {
    executable: {why: 'command runs no shell', fix: "use 'shell', or remove it"},
    warn: {why: 'Ansible has removed it', fix: 'remove it'},
    expand_argument_vars: {why: 'ansible-core 2.14 does not know it', fix: "use 'shell' with quotes"},
  },
  make: (parameters, context) => {
    const {cmd, argv} = parameters
    if ((cmd === undefined) === (argv === undefined))
      throw said("'command' needs either cmd or argv", "write 'cmd: PROGRAM WORDS'", parameters, 'argv', context)
    refuseSecrets([cmd, ...(argv ?? [])], parameters, cmd === undefined ? 'argv' : 'cmd', context)
    return [
      command(
        {...common(parameters, context), words: argv ?? wordsOf(cmd, parameters, context), shell: '/bin/sh'},
        context.notify,
      ),
    ]
  },
}

const wordsOf = (cmd: string, parameters: object, context: ModuleContext): readonly string[] => {
  try {
    return split(cmd)
  } catch {
    throw said(
      'the command has a quote that is never closed',
      'close it, or quote the whole text',
      parameters,
      'cmd',
      context,
    )
  }
}

export const shellModule: Module = {
  about: 'Text for a shell, /bin/sh unless `executable` names another. Guards as in `command`.',
  example: {cmd: 'ls /srv | wc -l', chdir: '/srv'},
  freeForm: 'cmd',
  schema: mapping({...options, executable: place}, ['cmd']),
  refused: {
    argv: {why: 'a shell takes text', fix: "write 'cmd', or use 'command'"},
    warn: {why: 'Ansible has removed it', fix: 'remove it'},
  },
  make: (parameters, context) => {
    const {cmd, executable} = parameters
    refuseSecrets([cmd], parameters, 'cmd', context)
    return [command({...common(parameters, context), text: cmd, shell: executable ?? '/bin/sh'}, context.notify)]
  },
}
