// Writes the parts of the documentation that the code knows: docs/reference/, schemas/, and what stands between the markers
// `<!-- generated: NAME -->` and `<!-- /generated -->` in README files and guides. test/docs.test.ts tells when they are out of date.
import {existsSync, globSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {dump} from 'js-yaml'
import {masterDownInterval, profiles, skewTime} from '../roles/vrrp/budget.ts'
import {schema as vrrp} from '../roles/vrrp/schema.ts'
import {auditSchema} from '../src/audit/schema.ts'
import {schemaText} from '../src/cli/schema.ts'
import {drillSchema} from '../src/drill/schema.ts'
import {ignoredVariables, unsupportedVariables} from '../src/inventory/connection-names.ts'
import {aliases, hostSchema} from '../src/inventory/host-schema.ts'
import {editorSchemas} from '../src/playbook/editor-schemas.ts'
import {moduleName} from '../src/playbook/module-names.ts'
import {modules} from '../src/playbook/modules/index.ts'
import {refused} from '../src/playbook/not-supported.ts'
import {blockSchema, playSchema, roleSchema} from '../src/playbook/schema.ts'
import {
  handlerKeywords,
  importPlaybookKeywords,
  importTasksKeywords,
  taskKeywords,
} from '../src/playbook/schema-parts.ts'
import {exitTable} from '../src/reporters/exit-text.ts'
import type {Role} from '../src/role.ts'
import {expressionsPage} from './expressions-page.ts'
import '../src/resolve.ts'
import {root} from './node-bin.ts'

// Roles import 'gatewright', which is this engine once its resolver is there.
const roles: readonly Role[] = await Promise.all(
  globSync('roles/*/role.ts', {cwd: root})
    .toSorted()
    .map(async path => (await import(join(root, path))).default),
)

type Schema = Readonly<Record<string, any>>

const code = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
const cell = (text: string): string => text.replaceAll('|', String.raw`\|`)

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows.map(row => row.map(cell))].map(row => `| ${row.join(' | ')} |`).join('\n')

/** What a value may be, in a few words. */
const valueText = (schema: Schema): string => {
  if (schema['enum']) return schema['enum'].map(code).join(', ')
  if (schema['anyOf']) return [...new Set((schema['anyOf'] as Schema[]).map(shortValue))].join(' or ')
  const {type, minimum, exclusiveMinimum, maximum, items, properties} = schema
  const plain = [type ?? 'any'].flat().filter((each: string) => each !== 'null')
  if (type === 'object' && properties) return `mapping of ${Object.keys(properties).map(code).join(', ')}`
  const words = plain.map((each: string) => names[each] ?? each).join(' or ')
  if (items && type === 'array') return `list of ${plural[items.type] ?? 'values'}`
  if (minimum !== undefined && maximum !== undefined) return `${words} ${minimum} to ${maximum}`
  if (minimum !== undefined) return `${words}, ${minimum} or more`
  return exclusiveMinimum === undefined ? words : `${words} above ${exclusiveMinimum}`
}
const shortValue = ({type}: Schema): string => names[type] ?? type
const names: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true/false',
  array: 'list',
  object: 'mapping',
  integer: 'whole number',
}
const plural: Readonly<Record<string, string>> = {string: 'texts', object: 'mappings', integer: 'whole numbers'}

const sentence = (text: string): string => `${text[0]?.toUpperCase()}${text.slice(1)}${/[.…]$/.test(text) ? '' : '.'}`

/** The note, else the description of the schema; then its examples, if they are more than an object. */
const meaning = ({description, examples = []}: Schema, note: string | undefined): string => {
  const shown = (examples as unknown[]).filter(example => typeof example !== 'object')
  const text = note ?? description
  return [text && sentence(text), shown.length > 0 && `Example: ${shown.map(code).join(', ')}.`]
    .filter(Boolean)
    .join(' ')
}

type Notes = Readonly<Record<string, string>>
const parameters = (
  {properties, required = []}: Schema,
  {prefix = '', notes = {}}: {prefix?: string; notes?: Notes} = {},
) =>
  table(
    ['name', 'value', 'default', 'meaning'],
    Object.entries(properties as Schema).map(([name, schema]) => [
      code(prefix + name),
      valueText(schema),
      required.includes(name) ? 'required' : schema.default === undefined ? '' : code(schema.default),
      meaning(schema, notes[name]),
    ]),
  )

const hostNotes: Notes = {
  ansible_host: 'Where the host is reached; its inventory name unless given',
  ansible_port: '22 unless given',
  ansible_user: 'The login user; your own unless given',
  ansible_password: 'For hosts without keys; as `--ask-pass`, and stronger',
  ansible_ssh_private_key_file: 'A private key; without it, the keys of ssh_config, of the agent and in `~/.ssh`',
  ansible_ssh_private_key_passphrase: 'For an encrypted key that no agent holds; at a terminal, it is asked for',
  ansible_ssh_args:
    'Options of the ssh program; ssh2 honours those that ssh_config knows too, `-J`, `-i`, `-p` and `-l`',
  ansible_ssh_common_args: 'Likewise',
  ansible_ssh_extra_args: 'Likewise',
  ansible_ssh_executable: 'Another ssh program, for the transport openssh',
  ansible_connection: '`local` is this machine; the others mean SSH',
  ansible_become_method: '`sudo` unless given',
  ansible_become_exe: 'Another program than sudo or su',
  ansible_become_flags: 'Further options of sudo or su; `-n` and `-S` are settled by the engine',
  gatewright_transport: '`ssh2` unless given; `openssh` is the ssh program of the control machine',
  gatewright_jump: 'Hosts to go through, the nearest first',
  gatewright_ssh_config: 'This ssh_config file instead of `~/.ssh/config` and `/etc/ssh/ssh_config`, or `none`',
  gatewright_accept_new: 'Whether the key of a host that is not known yet is filed; as `--accept-new`',
  ansible_ssh_timeout: 'Seconds to wait for a login; 10 unless given',
  ansible_become: 'As `become` of a play, and stronger',
  ansible_become_user: 'As `become_user` of a play, and stronger',
  ansible_become_password: 'For sudo or su, where it asks; as `--ask-become-pass`, and stronger',
  gatewright_known_hosts: 'Files of known host keys; `~/.ssh/known_hosts` and `/etc/ssh/ssh_known_hosts` unless given',
  gatewright_confirm_seconds:
    'Seconds in which a new login has to confirm what can cut the way to the host; then the host takes it back (60)',
  gatewright_host_key: 'The only keys that this host may show, instead of such files',
  pair: 'The name of the pair; hosts of one pair are peers of each other',
  drill_lab: 'Whether nobody depends on the pair: it may be drilled at any time, and nobody is asked',
  drill_hands:
    'A program of the control machine that pulls cables and switches power for drills: `cut HOST LINK --for SECONDS`, `kill HOST --for SECONDS`, `freeze`, `degrade`, `heal HOST [LINK]`; without it a person is asked',
  drill_window: 'When the pair may be drilled, by the clock of the control machine: `Sun 02:00-05:00`',
  drill_cost_per_hour: 'What an hour of outage costs, for reports of drills',
  drill_currency: 'The currency of that; USD unless given',
  pair_settle_seconds: 'How long a gateway may take to be healthy again after it was changed; 60 unless given',
}
const taskNotes: Notes = {
  content: 'The whole content',
  owner: 'root unless given',
  group: 'root unless given',
  state: '`present` unless given',
  provides: 'What later tasks may rely on, so that check mode can predict them',
  running: 'Whether it runs now',
  enabled: 'Whether it starts at boot',
  creates: 'A path; the command is done when it exists',
  unless: 'A command; the other one is done when this exits 0',
  only_if: 'A command; the other one is due only when this exits 0',
  check: 'The command that judges the files once they are in place',
  files: 'Each as in `file`, with `path` and `content`',
}

const serviceNotes: Notes = {
  ...taskNotes,
  name: 'The unit; `.service` may be left out',
  state: '`started` says the same as `running: true`, `stopped` as `running: false`',
  config: 'Read and not used yet',
}

const about: Readonly<Record<string, string>> = {
  file: 'A regular file with exactly this content, mode and owner, or none.',
  fileset:
    'Several files that only one check over all of them can judge: when it fails, the former files are put back.',
  directory: 'A directory with this mode and owner, or none: an absent one is removed with all that is in it.',
  link: 'A symbolic link, or none.',
  package: 'Debian packages. Installing starts no daemon; `provides` says what later tasks may rely on.',
  service: 'Whether a systemd unit runs now and starts at boot.',
  sysctl: 'A kernel parameter, set now and kept in a file below `/etc/sysctl.d`.',
  exec: 'A command, run unless `creates` exists, unless `unless` exits 0, only if `only_if` exits 0. Without one of these, `check` says `unknown until applied`. Check mode runs the guards, so they must not change anything.',
}

const heading = '<!-- Written by `npm run docs` from the JSON Schemas; edit those. -->'

const kindPage = (name: string): string => {
  const kind = modules[name]
  const told = kind?.about ?? about[name]
  if (!kind || !told) throw new Error(`scripts/reference.ts does not say what ${name} is about`)
  const example = dump([{[name]: kind.example}], {flowLevel: 2, lineWidth: 100}).trim()
  return `## ${name}\n\n${told}\n\n\`\`\`yaml\n${example}\n\`\`\`\n\n${parameters(kind.schema, {notes: name === 'service' ? serviceNotes : taskNotes})}`
}

const taskKeys = Object.fromEntries(Object.entries(taskKeywords).filter(([name]) => moduleName(name) === undefined))
const withoutLongNames = (keywords: Schema): Schema =>
  Object.fromEntries(Object.entries(keywords).filter(([name]) => !name.includes('.')))
const {links} = hostSchema.properties

/** Path -> text of every page that is generated as a whole. */
const pages = (): Readonly<Record<string, string>> => ({
  'docs/reference/tasks.md': `${heading}

# Tasks of a playbook

A task names one kind below, and any of the keys in [playbook.md](playbook.md#a-task).

${Object.keys(modules).map(kindPage).join('\n\n')}
`,
  'docs/reference/playbook.md': `${heading}

# Playbook

A playbook is a list of plays and imports. Other keys are refused with their place and, where the name is one of Ansible's,
with what to write instead.

## A play

${parameters(playSchema)}

## An entry of roles

A name alone, or a mapping:

${parameters(roleSchema)}

## A task

Besides one of the kinds in [tasks.md](tasks.md), or \`task\`:

${parameters({properties: taskKeys})}

## A block

${parameters(blockSchema)}

## An import of tasks

${parameters({properties: withoutLongNames(importTasksKeywords)})}

## A handler

A task, and besides:

${parameters({properties: {listen: handlerKeywords.listen}})}

## An import of a playbook

${parameters({properties: withoutLongNames(importPlaybookKeywords)})}
`,
  'docs/reference/expressions.md': expressionsPage('<!-- Written by `npm run docs` from the code; edit that. -->'),
  'docs/reference/inventory.md': `${heading}

# Inventory

YAML files or a directory of them, with \`group_vars\` and \`host_vars\` beside them, as Ansible reads them. These variables
have a meaning to the engine; a role's variables begin with its name.

${parameters(hostSchema, {notes: hostNotes})}

## A link

${parameters(links.additionalProperties)}

## Other names

${table(
  ['also read as', 'variable'],
  Object.entries(aliases).map(([name, others]) => [others.map(code).join(', '), code(name)]),
)}

## Read and ignored

They concern Ansible's own machinery: ${ignoredVariables.map(code).join(', ')}.

## Refused

${table(
  ['variable', 'reason'],
  [...unsupportedVariables].map(([name, reason]) => [code(name), reason]),
)}
`,
})

const failovers = [
  ...Object.entries(profiles).map(([name, interval]) => ({name: code(name), interval, count: 3})),
  {name: `${code('fast')}, lossy links`, interval: profiles.fast, count: 10},
]

type Reason = {readonly why?: string; readonly fix: string}
/** Names that are refused for one reason stand together. */
const byReason = (reasons: Readonly<Record<string, Reason>>): (readonly [string, string])[] =>
  [
    ...Map.groupBy(Object.keys(reasons), name => {
      const {why, fix} = reasons[name] ?? {fix: ''}
      return why === undefined ? fix : `${why}: ${fix}`
    }),
  ].map(([reason, all]) => [all.map(code).join(', '), reason])

const ownKinds = new Set(['fileset', 'directory', 'link', 'exec'])
const ansibleModules = Object.entries(modules).filter(([name]) => !ownKinds.has(name))

/** Name -> text of what stands between markers. */
const parts: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(
    roles.map(({name, schema}) => [`variables of ${name}`, () => parameters(schema as Schema, {prefix: `${name}_`})]),
  ),
  // What each item of a list of mappings says, and each value of a mapping by name.
  ...Object.fromEntries(
    roles.flatMap(({name: role, schema}) =>
      Object.entries<Schema>((schema as Schema).properties ?? {}).flatMap(([name, {items, additionalProperties}]) => {
        const entry = items ?? additionalProperties
        return entry?.properties ? [[`items of ${role}_${name}`, () => parameters(entry)]] : []
      }),
    ),
  ),
  'failover profiles': () =>
    table(
      [
        '`vrrp_profile`',
        'an advertisement each',
        '`vrrp_down_timer_adverts`',
        'crash',
        'cable, tracked-single',
        'limit',
      ],
      failovers.map(({name, ...timers}) => {
        const backup = {...timers, priority: 150}
        const crash = masterDownInterval(backup)
        return [
          name,
          `${timers.interval} s`,
          String(timers.count),
          `${crash.toFixed(2)} s`,
          `${skewTime(backup).toFixed(2)} s`,
          crash > vrrp.properties.failover_limit.default ? 'refused' : 'accepted',
        ]
      }),
    ),
  'modules of Ansible': () =>
    table(
      ['module', 'parameters that are refused'],
      ansibleModules.map(([name, module]) => [
        `[${name}](../reference/tasks.md#${name})`,
        byReason(module.refused ?? {})
          .map(([names, reason]) => `${names} (${reason})`)
          .join('; '),
      ]),
    ),
  'refused keywords': () => table(['refused', 'instead'], byReason(refused)),
  drill: () => {
    const {paths, scenarios} = drillSchema.properties
    const path = paths.additionalProperties
    const scenario = scenarios.items
    return [
      parameters(drillSchema),
      'A path:',
      parameters(path),
      'A scenario:',
      parameters(scenario),
      'A fault:',
      parameters(scenario.properties.faults.items),
    ].join('\n\n')
  },
  audit: () => {
    const {controls, waivers, requirements} = auditSchema.properties
    return [
      'A control:',
      parameters(controls.items),
      'A waiver:',
      parameters(waivers.items),
      'A requirement:',
      parameters(requirements.items),
    ].join('\n\n')
  },
  'exit codes': () =>
    table(
      ['code', 'meaning'],
      exitTable()
        .split('\n')
        .map(line => line.trim().split(/\s{2,}/)),
    ),
}

/** For the editors of those who work on our own playbooks and inventories; `gatewright schema` makes those of a site. */
const schemas = (): [string, string][] =>
  [...editorSchemas(roles)].map(([name, schema]) => [`schemas/${name}.json`, schemaText(schema)])

const markers = /(<!-- generated: ([\w ]+) -->\n)[\s\S]*?(<!-- \/generated -->)/g

/** Path -> what the file should say, for every file that is generated as a whole or in part. */
export const documents = (): ReadonlyMap<string, string> => {
  const marked = ['README.md', ...globSync(['docs/guide/*.md', 'roles/*/README.md'], {cwd: root})].flatMap(
    (path): [string, string][] => {
      const text = readFileSync(join(root, path), 'utf8')
      const fresh = text.replaceAll(markers, (_all, begin: string, name: string, end: string) => {
        const part = parts[name]
        if (!part) throw new Error(`${path}: nothing generates '${name}'`)
        return `${begin}\n${part()}\n\n${end}`
      })
      return text.includes('<!-- generated: ') ? [[path, fresh]] : []
    },
  )
  return new Map([...Object.entries(pages()), ...schemas(), ...marked])
}

if (import.meta.main)
  for (const [path, text] of documents()) {
    const file = join(root, path)
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
    mkdirSync(dirname(file), {recursive: true})
    writeFileSync(file, text)
    console.log(`wrote ${path}`)
  }
