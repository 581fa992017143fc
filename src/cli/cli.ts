import {Argument, Command, CommanderError} from 'commander'
import {InvalidInput} from '../diagnostic.ts'
import {nearest} from '../diagnostics/nearest.ts'
import {exitCodes} from '../playbook/exit-code.ts'
import {registeringSecrets} from '../shell/secret.ts'
import {addEvidenceCommands} from './evidence-commands.ts'
import {
  addAuditFlags,
  addDiagnoseFlags,
  addDrillFlags,
  addHostFlags,
  addInventoryFlags,
  addPlayFlags,
  addRunFlags,
} from './flags.ts'
import {helpAfter} from './help.ts'
import {addInventoryCommands} from './inventory-commands.ts'
import type {Io} from './io.ts'
import {addLab, labExitCode} from './lab.ts'
import {addPkiCommands} from './pki-commands.ts'
import {reportDefect} from './report-defect.ts'
import {reportInvalidInput} from './report-invalid-input.ts'
import {typedText} from './typed.ts'
import {addVaultCommands} from './vault-commands.ts'
import {version} from './version.ts'

export type {Io} from './io.ts'

/** The command line: arguments in, exit code out. Commands are loaded when they are called, for `--help` to be fast. */
export const main = (argv: readonly string[], io: Io): Promise<number> => registeringSecrets(() => call(argv, io))

const call = async (argv: readonly string[], io: Io): Promise<number> => {
  const done: {code: number} = {code: exitCodes.ok}
  const typed = typedText(argv)
  try {
    const program = await programFor(
      io,
      typed,
      code => {
        done.code = code
      },
      argv,
    )
    await program.parseAsync(argv, {from: 'user'})
    return argv[0] === 'lab' ? labExitCode() : done.code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.invalidInput
    if (error instanceof InvalidInput) return reportInvalidInput(error, argv.includes('--json'), io)
    return reportDefect(error, typed, io)
  }
}

const programFor = async (
  io: Io,
  typed: string,
  end: (code: number) => void,
  argv: readonly string[],
): Promise<Command> => {
  const program = new Command('gatewright')
    .description('Builds, checks and operates pairs of highly available Linux gateways over SSH.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: text => io.stdout.write(text),
      writeErr: text => io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 80,
      getErrHelpWidth: () => io.stderr.columns ?? 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({
      subcommandTerm: command =>
        [
          command.name(),
          ...command.registeredArguments.map(each => {
            const name = `${each.name()}${each.variadic ? '...' : ''}`
            return each.required ? `<${name}>` : `[${name}]`
          }),
        ].join(' '),
    })
    .showHelpAfterError('(gatewright --help lists commands and flags)')
    .addHelpText('after', helpAfter('gatewright'))
  const add = (name: string, description: string): Command =>
    program.command(name).description(description).addHelpText('after', helpAfter(name))

  addPlayFlags(add('play', 'bring hosts to the state that playbooks describe').argument('<playbook...>')).action(
    async (playbooks, flags) => end(await (await import('./play.ts')).play(playbooks, flags, io, typed)),
  )
  addPlayFlags(add('check', 'say what play would change, and change nothing').argument('<playbook...>')).action(
    async (playbooks, flags) =>
      end(await (await import('./play.ts')).play(playbooks, {...flags, check: true}, io, typed)),
  )
  addRunFlags(
    add('task', 'run a task of a role; -e gives its arguments').argument('<pattern>', 'hosts').argument('<role.task>'),
  ).action(async (pattern, name, flags) => end(await (await import('./task.ts')).task(pattern, name, flags, io, typed)))
  addDrillFlags(
    add('drill', 'break a pair on purpose, measure what users notice, and leave it as it was').argument(
      '[playbook]',
      'default: playbooks/drill.yml of the project',
    ),
  ).action(async (playbook, flags) => end(await (await import('./drill.ts')).drill(playbook, flags, io, typed)))
  addAuditFlags(
    add('audit', 'judge hosts by controls, in check mode, and keep the evidence').argument(
      '[playbook]',
      'default: playbooks/audit.yml of the project',
    ),
  ).action(async (playbook, flags) => end(await (await import('./audit.ts')).audit(playbook, flags, io, typed)))
  addDiagnoseFlags(
    add('diagnose', 'look for the cause of a complaint on both gateways of each pair, and change nothing').argument(
      '[complaint]',
      'single-arm, vpn-drops or no-failover; default: all of them',
    ),
  ).action(async (flow, flags) => end(await (await import('./diagnose.ts')).diagnose(flow, flags, io, typed)))
  addHostFlags(
    add('exec', 'run a shell command on hosts').argument('<pattern>', 'hosts').argument('<command...>', 'after --'),
  ).action(async (pattern, words, flags) =>
    end(await (await import('./exec.ts')).exec(pattern, words, flags, io, typed)),
  )
  addHostFlags(add('facts', 'print the facts of hosts').argument('<pattern>', 'hosts')).action(async (pattern, flags) =>
    end(await (await import('./facts.ts')).facts(pattern, flags, io, typed)),
  )
  addHostFlags(
    add('status', 'say who is master, which sessions, tunnels and uplinks are up, and what is due').argument(
      '[pattern]',
      'hosts; default: all',
    ),
  ).action(async (pattern, flags) =>
    end(await (await import('./status.ts')).status(pattern ?? 'all', flags, io, typed)),
  )
  addInventoryCommands(add, end, io)
  addVaultCommands(add, end, io)
  addPkiCommands(add, end, io)
  addEvidenceCommands(add, end, io)
  addInventoryFlags(
    add('lint', 'say what is wrong in playbooks, inventory and roles, and connect to nothing').argument(
      '[playbook...]',
      'default: all of the project',
    ),
  ).action(async (playbooks, flags) => end(await (await import('./lint.ts')).lint(playbooks, flags, io)))
  add('schema', 'print JSON Schemas of playbooks, inventories and variables, for editors')
    .argument('[name]', 'playbook, inventory, variables or a role; without it, their names')
    .option('--write <directory>', 'write all of them, a file each')
    .action(async (name, flags) => end(await (await import('./schema.ts')).schema(name, flags, io)))
  add('init', 'make a site: inventory, playbooks and a role of your own')
    .argument('<directory>')
    .action(async directory => end(await (await import('./init.ts')).init(directory, io)))
  add('completion', 'print what teaches a shell to complete commands, flags, hosts and tags')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: string) => {
      io.stdout.write((await import('./completion.ts')).completionScripts[shell] ?? '')
    })
  program
    .helpCommand(false)
    .command('help')
    .description('all about a command')
    .argument('[command]')
    .action(async (name: string | undefined) => {
      const whole = name === 'lab' ? await programFor(io, typed, end, ['lab']) : program
      const command = name === undefined ? whole : whole.commands.find(each => each.name() === name)
      if (command) return command.outputHelp()
      const near = nearest(
        name ?? '',
        whole.commands.filter(each => !each.name().startsWith('_')).map(each => each.name()),
      )
      program.error(`error: unknown command '${name}'${near === undefined ? '' : `\n(Did you mean ${near}?)`}`)
    })
  program
    .command('__complete', {hidden: true})
    .argument('[words...]')
    .action(async (words: string[]) => {
      const {complete} = await import('./complete.ts')
      // The lab's commands are there only when they are called.
      const whole = words[0] === 'lab' ? await programFor(io, typed, end, words) : program
      for (const {word, says} of await complete(whole, words, io))
        io.stdout.write(`${word}${says === undefined ? '' : `\t${says}`}\n`)
    })
  await addLab(program, argv)
  return program
}
