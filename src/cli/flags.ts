import {existsSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import type {Command} from 'commander'
import type {LoadOptions} from '../playbook/model.ts'
import {type AccessFlags, addAccessFlags} from './access-flags.ts'
import {defaultInventory} from './default-inventory.ts'
import type {Io} from './io.ts'
import {lastFailed} from './last-failed.ts'
import {someText} from './some-text.ts'
import {addVaultFlags, keyringOf, type VaultFlags} from './vault-flags.ts'
import {wholeNumber} from './whole-number.ts'

/** Flags of commands that look at an inventory. */
export type InventoryFlags = VaultFlags & {
  readonly inventory?: readonly string[]
  readonly limit?: string
  readonly extraVars?: readonly string[]
  readonly playbook?: string
  readonly json?: true
}

/** Flags that every command about hosts has. */
export type HostFlags = AccessFlags &
  Omit<InventoryFlags, 'playbook'> & {
    readonly forks: number
    readonly user?: string
    readonly become?: true
    readonly verbose: number
  }

/** Flags of commands that change hosts or say what would change. */
export type RunFlags = HostFlags & {
  readonly check?: true
  readonly diff?: true
  readonly strict?: true
  readonly lockWait?: number
  readonly forceSick?: string
  readonly junit?: string
  readonly profile?: true
}

/** Flags of commands that run playbooks. */
export type PlayFlags = RunFlags & {readonly tags?: readonly string[]; readonly skipTags?: readonly string[]}

const several = (value: string, before: readonly string[] = []): string[] => [...before, value]
const commaList = (value: string, before: readonly string[] = []): string[] => [
  ...before,
  ...value.split(',').flatMap(tag => tag.trim() || []),
]

const groups = {
  hosts: 'Hosts and variables:',
  run: 'Run:',
  login: 'Connection:',
  output: 'Output:',
  vault: 'Ansible Vault:',
}

/** Which hosts, and their variables. */
const addSelection = (command: Command): Command =>
  command
    .optionsGroup(groups.hosts)
    .option(
      '-i, --inventory <path>',
      "file, directory or list of hosts (gw1,) of the inventory (repeatable; default: the project's inventory/)",
      several,
    )
    .option('-l, --limit <pattern>', 'only these of the hosts: a pattern, @file, @last-failed')
    .option(
      '-e, --extra-vars <vars>',
      'variables above all others: key=value, YAML, JSON or @file (repeatable)',
      several,
    )

export const addInventoryFlags = (command: Command): Command =>
  addVaultFlags(
    addSelection(command)
      .option('-p, --playbook <file>', 'with the variables of this playbook, of its first play that names a host')
      .optionsGroup(groups.output)
      .option('--json', 'as JSON'),
    groups.vault,
  )

export const addHostFlags = (command: Command): Command =>
  addVaultFlags(
    addAccessFlags(
      addSelection(command)
        .optionsGroup(groups.login)
        .option('-f, --forks <number>', 'hosts worked on at the same time', wholeNumber(1), 10)
        .option('-u, --user <name>', 'log in as this user')
        .option('-b, --become', 'become root after login'),
    )
      .optionsGroup(groups.output)
      .option(
        '-v, --verbose',
        'tell more, also what long steps print while they run; -vv all that they print',
        (_value, before: number) => before + 1,
        0,
      )
      .option('--json', 'events as JSON lines on stdout, and nothing else there'),
    groups.vault,
  )

export const addRunFlags = (command: Command): Command =>
  addHostFlags(command)
    .option('-D, --diff', 'show what changes inside files, and of everything else')
    .option('--junit <file>', 'write the result as JUnit XML: a test suite per host, a test case per item')
    .option('--profile', 'tell at the end where the time went')
    .optionsGroup(groups.run)
    .option('-C, --check', 'say what would change and change nothing')
    .option('--strict', 'what is known only when it is applied counts as failed')
    .option('--lock-wait <seconds>', "wait this long for another run's lock on a host", wholeNumber(0))
    .option('--force-sick <reason>', 'change gateways although a peer is sick, and record why', someText)

export const addPlayFlags = (command: Command): Command =>
  addRunFlags(command)
    .option('-t, --tags <tags>', 'only what has one of these tags (comma-separated, repeatable)', commaList)
    .option('--skip-tags <tags>', 'not what has one of these tags', commaList)

export const addDrillFlags = (command: Command): Command =>
  addRunFlags(
    command
      .optionsGroup('Drill:')
      .option('--list', 'list the scenarios, and connect to nothing')
      .option('--plan', 'say what would be done to whom, how it ends by itself, and what it can break; change nothing')
      .option('--scenario <name>', 'only this one (repeatable)', several)
      .option('--report <directory>', 'where the report is kept', 'reports'),
  )

export const addDiagnoseFlags = (command: Command): Command =>
  addHostFlags(
    command
      .optionsGroup('Diagnosis:')
      .option(
        '-p, --playbook <file>',
        'the playbook that says whom to ask (default: playbooks/diagnose.yml of the project)',
      ),
  )

/** What the loader needs, from flags, environment and the place where the command was typed. */
export const loadOptions = (
  playbooks: readonly string[],
  flags: InventoryFlags & Partial<Pick<PlayFlags, 'tags' | 'skipTags' | 'user' | 'become' | 'verbose'>>,
  {cwd, env}: Io,
): LoadOptions => {
  const place = (path: string): string => (cwd === process.cwd() ? path : resolve(cwd, path))
  const projectDirectory = projectOf(playbooks, cwd)
  const fromEnvironment = env['GATEWRIGHT_INVENTORY']?.split(',').filter(Boolean)
  const inventories = flags.inventory ?? (fromEnvironment?.length ? fromEnvironment : undefined)
  const {limit, tags, skipTags, extraVars, user, become, verbose} = flags
  return {
    playbooks: playbooks.map(place),
    inventories: inventories?.map(path => (path.includes(',') ? path : place(path))) ?? [
      defaultInventory(projectDirectory),
    ],
    projectDirectory,
    ...(limit !== undefined && {limit, ...remembered(limit, projectDirectory, env)}),
    keys: keyringOf(flags, {env, cwd}),
    ...(tags && {tags}),
    ...(skipTags && {skipTags}),
    ...(extraVars && {extraVars}),
    ...(user !== undefined && {user}),
    ...(become && {become}),
    ...(verbose !== undefined && {verbosity: verbose}),
  }
}

const remembered = (limit: string, projectDirectory: string, env: Io['env']): Pick<LoadOptions, 'lastFailed'> => {
  const hosts = limit.includes('@last-failed') ? lastFailed(projectDirectory, env) : undefined
  return hosts ? {lastFailed: hosts} : {}
}

/** The nearest directory above the first playbook, else above the present one, that looks like a project. */
export const projectOf = (playbooks: readonly string[], cwd: string): string => {
  const starts = [...playbooks.slice(0, 1).map(path => dirname(resolve(cwd, path))), cwd]
  for (const start of starts)
    for (let at = start; ; at = dirname(at)) {
      if (['inventory', 'playbooks', 'roles'].some(name => existsSync(join(at, name)))) return at
      if (at === dirname(at)) break
    }
  return cwd
}
