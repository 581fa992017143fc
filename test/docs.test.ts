// The documentation against the code: generated parts are fresh, commands exist, examples load, links lead somewhere.
import {existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import type {Command} from 'commander'
import {labCommand} from '../lab/cli.ts'
import {documents} from '../scripts/reference.ts'
import {load} from '../src/playbook/load.ts'
import {newWireguardKey} from '../src/wireguard-key.ts'
import {run} from './cli/in-process.ts'

const root = join(import.meta.dirname, '..')
const pages = globSync(['*.md', 'docs/**/*.md', 'roles/*/README.md', 'lab/*.md'], {cwd: root}).toSorted()
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8')

test('what is generated is fresh: npm run docs', t => {
  t.true(documents().size >= 5)
  for (const [path, text] of documents())
    t.is(existsSync(join(root, path)) ? textOf(path) : undefined, text, `${path} is out of date: npm run docs`)
})

/** Rules as they stand in the code: `rule: 'vrrp-link'`, `wrong('bgp-asn', ...)`. */
const rulesIn = (directory: string): ReadonlySet<string> =>
  new Set(
    globSync('**/*.ts', {cwd: join(root, directory)})
      .filter(path => !path.startsWith('test/'))
      .flatMap(path => [
        ...textOf(join(directory, path)).matchAll(/(?:rule: |wrong\(\s*)'([a-z0-9]+(?:-[a-z0-9]+)+)'/g),
      ])
      .map(([, rule = '']) => rule),
  )

const sections = textOf('docs/guide/preflight.md').split(/^## /m)
const rulesOfSection = (title: string): string[] =>
  [...(sections.find(text => text.startsWith(`${title}\n`)) ?? '').matchAll(/^\| (`.*?) \|/gm)].flatMap(
    ([, names = '']) => [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  )

test('the page of rules names those of the code, all of them and no others', t => {
  t.deepEqual(
    rulesOfSection('All hosts').toSorted(),
    [...rulesIn('src/preflight'), 'missing-device'].toSorted(),
    'src/preflight and the first table of docs/guide/preflight.md',
  )
  const roles = sections.flatMap(text => /^Role (\S+)/.exec(text)?.[1] ?? [])
  t.true(roles.length >= 4)
  for (const role of roles)
    t.deepEqual(
      rulesOfSection(`Role ${role}`).toSorted(),
      [...rulesIn(`roles/${role}`)].filter(rule => rule !== 'missing-device').toSorted(),
      `roles/${role} and its table in docs/guide/preflight.md`,
    )
  const known = new Set([...roles.map(role => `roles/${role}`), 'src/preflight'].flatMap(path => [...rulesIn(path)]))
  const answers = sections.find(text => text.startsWith('From questions')) ?? ''
  const named = [...answers.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, name = '']) => name)
  t.deepEqual(
    named.filter(name => !known.has(name)),
    [],
  )
})

type Block = {readonly language: string; readonly text: string}

/** Fenced blocks, and indented ones, which are shell lines. */
const blocksOf = (page: string): Block[] => {
  const text = textOf(page)
  const fenced = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', block = '']) => ({
    language,
    text: block,
  }))
  const indented = text.replaceAll(/^```[\s\S]*?^```$/gm, '').match(/^ {4}\S.*$/gm) ?? []
  return [...fenced, ...indented.map(line => ({language: 'sh', text: line.trim()}))]
}

const lines = pages.flatMap(page =>
  blocksOf(page)
    .flatMap(({text}) => text.split('\n'))
    .map(line => ({
      page,
      line: line
        .trim()
        .replace(/^\$ /, '')
        .replace(/^npx (?=gatewright )/, ''),
    })),
)

/** Words of a shell line up to a comment, a pipe or the end of the command. */
const words = (line: string): string[] => {
  const all = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []
  const end = all.findIndex(word => /^(#.*|[|;>]|&&)$/.test(word))
  return (end === -1 ? all : all.slice(0, end)).map(word => word.replaceAll(/['"]/g, ''))
}

/** What a command takes: its flags, with whether a value follows, and how many operands at least. */
type Usage = {readonly flags: ReadonlyMap<string, boolean>; readonly operands: number}

const usageOfHelp = (help: string): Usage => ({
  flags: new Map(
    [...help.matchAll(/^ {2}(?:(-\w), )?(--[\w-]+)( <)?/gm)].flatMap(([, short, long = '', value]) =>
      [short, long].flatMap(flag => (flag ? [[flag, value !== undefined] as const] : [])),
    ),
  ),
  operands: [...(help.split('\n')[0] ?? '').matchAll(/<[\w.]+>/g)].length,
})

const usageOfCommand = ({options, registeredArguments}: Command): Usage => ({
  flags: new Map(
    options.flatMap(({short, long, required}) =>
      [short, long].flatMap(flag => (flag ? [[flag, required] as const] : [])),
    ),
  ),
  operands: registeredArguments.filter(({required}) => required).length,
})

/** Commands that are groups of others. */
const parents = new Set(['lab', 'inventory', 'vars', 'vault', 'pki', 'evidence'])

const usageOf = async (t: ExecutionContext, line: string, [name = '', sub = '']: string[]): Promise<Usage> => {
  if (name.startsWith('-')) return usageOfHelp((await run(['--help'])).stdout)
  if (name === 'lab') {
    const found = labCommand().commands.find(command => command.name() === sub)
    if (!['', 'COMMAND'].includes(sub)) t.truthy(found, `no such command: ${line}`)
    return found ? usageOfCommand(found) : {flags: new Map(), operands: 0}
  }
  const full = parents.has(name) ? [name, ...sub.split('|').slice(0, 1)].filter(Boolean) : [name]
  const {code, stdout} = await run([...full, '--help'])
  t.is(code, 0)
  t.true(stdout.startsWith(`Usage: gatewright ${full.join(' ')} `), `no such command: ${line}`)
  return usageOfHelp(stdout)
}

const checkCommand = async (t: ExecutionContext, line: string): Promise<void> => {
  const [, ...given] = words(line)
  const {flags, operands} = await usageOf(t, line, given)
  const rest = given.slice(parents.has(given[0] ?? '') ? 2 : 1)
  let found = 0
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? ''
    if (word === '--') {
      found += rest.length - at - 1
      break
    }
    if (!word.startsWith('-')) found++
    else {
      const hasValue = flags.get(word)
      if (!['-h', '--help'].includes(word)) t.not(hasValue, undefined, `no such flag ${word}: ${line}`)
      if (hasValue) at++
      if (word === '--help') return
    }
  }
  t.true(found >= operands, `an operand is missing: ${line}`)
}

test('every gatewright command of the documentation exists, with its flags and operands', async t => {
  const inText = pages.flatMap(page =>
    [...textOf(page).matchAll(/`(gatewright [^`]+)`/g)].map(([, line = '']) => ({page, line})),
  )
  const commands = [...lines, ...inText].filter(
    ({line}) => /^gatewright (?!COMMAND)/.test(line) && !line.includes('|check|'),
  )
  t.true(commands.length > 30)
  for (const {line} of commands) await checkCommand(t, line)
})

test('npm scripts of the documentation exist', t => {
  const {scripts} = JSON.parse(textOf('package.json')) as {scripts: Record<string, string>}
  for (const page of pages)
    for (const [, name = ''] of textOf(page).matchAll(/\bnpm run ([\w:]+)/g))
      t.true(name in scripts, `${page}: npm run ${name}`)
})

test('links within the repository lead to something', t => {
  for (const page of pages)
    for (const [, target = ''] of textOf(page).matchAll(/\]\(([^)#\s]+)(?:#[\w-]*)?\)/g))
      if (!/^https?:/.test(target)) t.true(existsSync(join(root, dirname(page), target)), `${page}: ${target}`)
})

const place = (directory: string, path: string, text: string): void => {
  mkdirSync(join(directory, dirname(path)), {recursive: true})
  writeFileSync(join(directory, path), text)
}

/** Writes the blocks of a page that begin with the name of their file, as `// roles/clock/role.ts`. */
const projectOf = (t: ExecutionContext, page: string): {directory: string; files: string[]} => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-docs-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  const files = blocksOf(page).flatMap(({text}) => {
    const path = /^(?:\/\/|#) ([\w./-]+\.(?:ts|yml))\n/.exec(text)?.[1]
    if (path === undefined) return []
    place(directory, path, text)
    return [path]
  })
  if (!files.includes('inventory/hosts.yml'))
    writeFileSync(
      join(directory, 'inventory/hosts.yml'),
      'all: {children: {gateways: {hosts: {gw1: {ansible_host: 192.0.2.11}, gw2: {ansible_host: 192.0.2.12}}}}}\n',
    )
  return {directory, files}
}

test('getting-started shows the files that init makes, without their comments', t => {
  const shown = blocksOf('docs/guide/getting-started.md').flatMap(({language, text}) =>
    language === 'yaml' ? [text] : [],
  )
  t.is(shown.length, 4)
  for (const text of shown) {
    const [, path = '', content = ''] = /^# (\S+)\n([\s\S]*)$/.exec(text) ?? []
    const made = readFileSync(join(root, 'skeleton', path), 'utf8')
    t.is(content, made.replaceAll(/^#.*\n|^\n/gm, ''), path)
  }
})

for (const [page, role] of [
  ['README.md', 'clock'],
  ['docs/guide/roles.md', 'clock'],
  ['roles/mwan/README.md', 'mwan'],
  ['roles/vrrp/README.md', 'vrrp'],
  ['roles/hardening/README.md', 'hardening'],
  ['roles/wireguard/README.md', 'wireguard'],
] as const)
  test(`the example of ${page} loads`, async t => {
    const {directory, files} = projectOf(t, page)
    for (const name of ['gw1-wg0.key', 'gw2-wg0.key', 'office-wg1.key', 'datacentre+office.psk'])
      place(directory, `pki/wireguard/${name}`, newWireguardKey())
    const playbooks = files.filter(file => file.startsWith('playbooks/')).map(file => join(directory, file))
    t.is(playbooks.length, 1)
    const {plays, hosts} = await load({
      playbooks,
      inventories: [join(directory, 'inventory')],
      projectDirectory: directory,
    })
    t.deepEqual(plays[0]?.hosts, ['gw1', 'gw2'])
    const [entry] = plays[0]?.entries ?? []
    if (entry?.entry !== 'role') return t.fail('no role')
    t.is(entry.call.role.name, role)
    const host = hosts.get('gw1')?.host
    const resources = entry.call.role.resources({
      vars: entry.call.vars.get('gw1'),
      facts: {
        os: {id: 'debian', version: '12'},
        virtualisation: {container: false},
        links: Object.fromEntries(Object.values(host?.links ?? {}).map(({device}) => [device, {}])),
      },
      host: host ?? t.fail('no host'),
      peers: entry.call.peers.get('gw1') ?? [],
      offers: [],
    })
    t.deepEqual(
      resources.flatMap(({kind, desired}) => kind.problems(desired)),
      [],
    )
    t.true(resources.length >= 3)
  })
