import {mkdirSync, mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'

/** Places where a variable may get its value, from the weakest to the strongest: the table of docs/guide/variables.md. */
const places = [
  'role defaults',
  'all in inventory',
  'parent in inventory',
  'child in inventory',
  'group_vars/all of inventory',
  'group_vars/all of playbook',
  'group_vars/parent of inventory',
  'group_vars/child of inventory',
  'group_vars/parent of playbook',
  'group_vars/child of playbook',
  'host in inventory',
  'host_vars of inventory',
  'host_vars of playbook',
  'vars of play',
  'vars_files',
  'vars of role',
  'vars of block',
  'vars of task',
  'register',
  'extra vars',
] as const
type Place = (typeof places)[number]

/** What is called in a role has the role's own variables too; a task of the play has no role's. */
const isRole = (place: Place): boolean => place === 'role defaults' || place === 'vars of role'
const pairs: readonly (readonly [Place, Place])[] = [
  ...places.slice(1).map((strong, index) => [places[index] as Place, strong] as const),
  ['vars_files', 'vars of block'],
]
const nameOf = (pair: readonly [Place, Place]): string => {
  const [weak, strong] = pair.map(place => String(places.indexOf(place)).padStart(2, '0'))
  return `${pair.some(isRole) ? 'probe' : 'v'}_${weak}_${strong}`
}
const all = pairs
  .filter(([weak, strong]) => !(weak === 'vars of role' && strong === 'vars of block'))
  .map(pair => ({pair, name: nameOf(pair)}))

const varsAt = (place: Place): Record<string, string> =>
  Object.fromEntries(all.filter(({pair}) => pair.includes(place)).map(({name}) => [name, place]))

export type PrecedenceSite = {
  readonly directory: string
  readonly extra: string
  readonly inRole: readonly string[]
  readonly inTasks: readonly string[]
}

/** A site for both tools in which every variable gets a value in two places that follow each other. */
export const precedenceSite = (): PrecedenceSite => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-precedence-'))
  const write = (file: string, content: unknown): void => {
    const path = join(directory, file)
    mkdirSync(dirname(path), {recursive: true})
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 1))
  }
  const inRole = all.filter(({pair}) => pair.some(isRole)).map(({name}) => name)
  const inTasks = all.map(({name}) => name).filter(name => !inRole.includes(name))
  const child = {hosts: {gw1: varsAt('host in inventory')}, vars: varsAt('child in inventory')}
  const parent = {children: {child}, vars: varsAt('parent in inventory')}
  write('inventory/hosts.yml', {all: {vars: varsAt('all in inventory'), children: {parent}}})
  for (const beside of ['inventory', 'playbook'] as const) {
    const folder = beside === 'inventory' ? 'inventory' : 'playbooks'
    for (const group of ['all', 'parent', 'child'] as const)
      write(`${folder}/group_vars/${group}.yml`, varsAt(`group_vars/${group} of ${beside}`))
    write(`${folder}/host_vars/gw1.yml`, varsAt(`host_vars of ${beside}`))
  }
  write('playbooks/more.yml', varsAt('vars_files'))
  write('playbooks/roles/probe/defaults/main.yml', varsAt('role defaults'))
  write(
    'playbooks/roles/probe/tasks/main.yml',
    inRole.map(name => ({debug: {msg: `${name}={{ ${name} }}`}})),
  )
  const defaults = varsAt('role defaults')
  const properties = Object.fromEntries(
    inRole.map(name => [name.slice('probe_'.length), {type: 'string', default: defaults[name] ?? 'role defaults'}]),
  )
  const schema = JSON.stringify({type: 'object', additionalProperties: false, properties})
  write(
    'playbooks/roles/probe/role.ts',
    `import {defineRole} from 'gatewright'\nexport default defineRole({name: 'probe', schema: ${schema}, resources: () => []})\n`,
  )
  const registered = Object.keys(varsAt('register'))
  const shown = (name: string): string => `{{ 'register' if ${name} is mapping else ${name} }}`
  write('playbooks/site.yml', [
    {
      hosts: 'all',
      gather_facts: false,
      vars: varsAt('vars of play'),
      vars_files: ['more.yml'],
      roles: [{role: 'probe', vars: varsAt('vars of role')}],
      tasks: [
        ...registered.map(name => ({debug: {msg: 'result'}, register: name})),
        {
          vars: varsAt('vars of block'),
          block: inTasks.map(name => ({debug: {msg: `${name}=${shown(name)}`}, vars: varsAt('vars of task')})),
        },
      ],
    },
  ])
  return {directory, extra: JSON.stringify(varsAt('extra vars')), inRole, inTasks}
}

const file = join(import.meta.dirname, '../fixtures/precedence.json')

/** Variable -> the place that wins in Ansible. */
export const winners = (): Readonly<Record<string, string>> => JSON.parse(readFileSync(file, 'utf8'))
export const writeWinners = (said: Readonly<Record<string, string>>): void =>
  writeFileSync(file, `${JSON.stringify(said, null, 1)}\n`)

/** `name=value` in the messages of a run. */
export const messagesIn = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...text.matchAll(/"((?:v|probe)_\d\d_\d\d)=([^"{}]+)"/g)].map(([, name, value]) => [name, value]))
