// The editors' schemas agree with the loader: what loads is right in them, and what they can see is wrong is wrong.
import {globSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {Ajv} from 'ajv'
import test from 'ava'
import {loadAll} from 'js-yaml'
import {root} from '../support/gatewright.ts'
import {run} from './in-process.ts'

/** A project's schemas by name, as `gatewright schema NAME` prints them. */
const schemasOf = async (project: string) => {
  const names = (await run(['schema'], {cwd: project})).stdout.trimEnd().split('\n')
  const schemas = await Promise.all(
    names.map(async name => {
      const {stdout} = await run(['schema', name], {cwd: project})
      return [name, new Ajv({strict: false}).compile(JSON.parse(stdout))] as const
    }),
  )
  return new Map(schemas)
}

/** As editors read it: they decrypt nothing, and what has a tag is a text to them. */
const parse = (text: string): unknown => loadAll(text.replaceAll(/(?<=[ [])!{1,2}[\w.]+(?= )/g, ''))[0] ?? null
const read = (path: string): unknown => parse(readFileSync(join(root, path), 'utf8'))

const schemaFor = (path: string): 'playbook' | 'variables' | 'inventory' | undefined => {
  if (/\/(?:group_vars|host_vars)\//.test(path)) return 'variables'
  if (/hosts\.ya?ml$/.test(path)) return 'inventory'
  const content = read(path)
  return Array.isArray(content) && content.some(each => 'hosts' in each) ? 'playbook' : undefined
}

const wrongOnPurpose = /fixtures\/(?:broken|vault)\/|\/broken\.yml$/
const ownFiles = globSync(
  ['skeleton/**/*.yml', 'playbooks/*.yml', 'inventory/**/*.yml', 'test/fixtures/**/*.{yml,yaml}'],
  {cwd: root},
)
  .filter(path => !wrongOnPurpose.test(path))
  .toSorted()

test('everything that loads is right in an editor', async t => {
  const [engine, withRoles] = await Promise.all([schemasOf(root), schemasOf(join(root, 'test/fixtures/site'))])
  const seen = {playbook: 0, variables: 0, inventory: 0}
  for (const path of ownFiles) {
    const name = schemaFor(path)
    if (!name) continue
    seen[name]++
    const validate = (path.startsWith('test/fixtures/site/') ? withRoles : engine).get(name)
    t.true(validate?.(read(path)), `${path}: ${JSON.stringify(validate?.errors)}`)
  }
  t.true(seen.playbook >= 10 && seen.variables >= 40 && seen.inventory >= 20, JSON.stringify(seen))
})

test('what an editor can see is wrong is wrong', async t => {
  const schemas = await schemasOf(root)
  const wrong = (name: string, text: string) => t.false(schemas.get(name)?.(parse(text)), text)
  wrong('playbook', '{hosts: all}')
  wrong('playbook', '- {tasks: []}')
  wrong('playbook', '- {hosts: all, serail: 1}')
  wrong('playbook', '- {hosts: all, tasks: [{file: {path: /a, stat: absent}}]}')
  wrong('playbook', '- {hosts: all, tasks: [{ansible.builtin.apt: {name: frr, state: presnt}}]}')
  wrong('playbook', '- {hosts: all, tasks: [{block: [{debug: {mgs: a}}]}]}')
  wrong('playbook', '- {hosts: all, roles: [{role: vrrp, whn: true}]}')
  wrong('inventory', 'all: {host: {gw1: }}')
  wrong('inventory', 'all: {children: {gateways: {hosts: [gw1]}}}')
  wrong('inventory', 'all: {hosts: {gw1: {ansible_port: many}}}')
  wrong('inventory', 'all: {vars: {vrrp_priority: 300}}')
  wrong('variables', 'vrrp_router_id: 0')
  wrong('variables', 'links: {lan: {devices: eth1}}')
  wrong('role-vrrp', 'vrrp_priority: high')
  t.true(schemas.get('variables')?.(parse("vrrp_router_id: '{{ number }}'")))
  t.true(schemas.get('variables')?.(parse("links: {lan: {device: eth1, addresses: ['{{ address }}']}}")))
})

test('the broken playbooks that an editor can see', async t => {
  const validate = (await schemasOf(root)).get('playbook')
  for (const name of ['play-unknown-keys', 'play-types', 'task-parameters', 'play-without-hosts'])
    t.false(validate?.(read(`test/fixtures/broken/${name}/playbook.yml`)), name)
})

test('schema prints names, one by name or role, and writes all', async t => {
  const names = [
    'playbook',
    'inventory',
    'variables',
    'role-bgp',
    'role-hardening',
    'role-monitoring',
    'role-mwan',
    'role-openvpn',
    'role-standby',
    'role-vrrp',
    'role-wireguard',
  ]
  t.is((await run(['schema'], {cwd: root})).stdout, `${names.join('\n')}\n`)
  t.is((await run(['schema', 'vrrp'], {cwd: root})).stdout, (await run(['schema', 'role-vrrp'], {cwd: root})).stdout)
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-schema-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  const {code, stdout} = await run(['schema', '--write', join(directory, 'a/b')], {cwd: root})
  t.is(code, 0)
  t.regex(stdout, /^11 schemas written to /)
  t.deepEqual(readdirSync(join(directory, 'a/b')).toSorted(), names.map(name => `${name}.json`).toSorted())
  for (const name of names)
    t.is(
      readFileSync(join(directory, 'a/b', `${name}.json`), 'utf8'),
      (await run(['schema', name], {cwd: root})).stdout,
    )
})

test('a schema that is not there is refused, with the nearest', async t => {
  const {code, stdout, stderr} = await run(['schema', 'plybook'], {cwd: root})
  t.is(code, 5)
  t.is(stdout, '')
  t.is(
    stderr,
    "there is no schema 'plybook', did you mean 'playbook'? [unknown-schema]\n1 problem; nothing was connected\n",
  )
})

test('files of ours name the schema that they are checked with', t => {
  for (const path of ownFiles.filter(each => !each.startsWith('test/'))) {
    const named = /^# yaml-language-server: \$schema=(\S+)$/m.exec(readFileSync(join(root, path), 'utf8'))?.[1] ?? ''
    const folder = path.startsWith('skeleton/') ? 'skeleton/.schemas' : 'schemas'
    t.is(join(dirname(path), named), `${folder}/${schemaFor(path)}.json`, path)
  }
})
