// Every file of a site may be encrypted as a whole.
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import test from 'ava'
import {load} from '../../src/playbook/load.ts'
import type {FleetHost} from '../../src/playbook/model.ts'
import {registeredSecrets, registeringSecrets, Secret} from '../../src/shell/secret.ts'
import {seal} from '../../src/vault/cipher.ts'
import {writeEnvelope} from '../../src/vault/envelope.ts'

const directory = mkdtempSync(join(tmpdir(), 'gatewright-vaulted-'))
test.after.always(() => rmSync(directory, {recursive: true}))
const password = Buffer.from('x')
const keys = [{label: 'default', password: () => password}]

const plain = (name: string, text: string): string => {
  const path = join(directory, name)
  mkdirSync(dirname(path), {recursive: true})
  writeFileSync(path, text)
  return path
}
const vaulted = (name: string, text: string): string => plain(name, writeEnvelope(seal(Buffer.from(text), password)))

vaulted('hosts', '[gateways]\ngw1 ansible_host=192.0.2.1 ansible_password=Pw-4711 pin=4712 ansible_port=2222\n')
vaulted('more.yml', 'all: {hosts: {gw2: {ansible_host: 192.0.2.2, token: Tk-1}}}\n')
vaulted('group_vars/gateways.yml', 'key: Key-1\nurl: "https://{{ inventory_hostname }}"\nlock_key: Lk-12\n')
vaulted('vars.yml', 'from_file: Ff-1\n')
vaulted('extra.yml', 'from_extra: Fe-1\n')
vaulted('tasks.yml', '- copy: {dest: /etc/imported, content: "{{ own }}"}\n  vars: {own: Own-1}\n')
plain(
  'roles/lock/role.ts',
  `import {defineRole, file} from 'gatewright'
export default defineRole({
  name: 'lock',
  schema: {
    type: 'object', additionalProperties: false, required: ['key', 'pin'],
    properties: {key: {type: 'string', minLength: 5, secret: true}, pin: {type: 'integer', secret: true}, name: {type: 'string'}},
  },
  resources: ({vars}) => [file({path: '/etc/key', content: vars.key}), file({path: '/etc/pin', content: vars.pin})],
})
`,
)
const playbook = vaulted(
  'site.yml',
  `- hosts: gateways
  gather_facts: false
  vars: {in_play: Ip-1, lock_pin: 1234}
  vars_files: [vars.yml]
  roles: [lock]
  tasks:
    - copy: {dest: /etc/all, content: "{{ key }} {{ url }} {{ in_play }} {{ from_file }} {{ from_extra }} {{ pin }}"}
    - import_tasks: tasks.yml
`,
)
const options = {
  playbooks: [playbook],
  inventories: [join(directory, 'hosts'), join(directory, 'more.yml')],
  projectDirectory: directory,
  extraVars: [`@${join(directory, 'extra.yml')}`],
  keys,
}

test('inventories, variables, playbooks and tasks are decrypted where they are read, and what they say is secret', async t => {
  await registeringSecrets(async () => {
    const fleet = await load(options)
    const {target, variables} = fleet.hosts.get('gw1') as FleetHost
    t.deepEqual([target.address, target.port, target.password], ['192.0.2.1', 2222, 'Pw-4711'])
    t.true((fleet.hosts.get('gw2') as FleetHost).variables['token'] instanceof Secret)
    t.is((variables['url'] as Secret).reveal(), 'https://gw1')
    for (const text of ['Pw-4711', 'Key-1', 'Key-1 https://gw1 Ip-1 Ff-1 Fe-1 4712', 'Own-1', 'Tk-1'])
      t.true(registeredSecrets().has(text), text)
  })
})

test('a role gets its secrets as such, checked against the type of what they are, encrypted or not', async t => {
  const fleet = await load(options)
  const [entry] = fleet.plays[0]?.entries ?? []
  const vars = entry && 'call' in entry ? entry.call.vars.get('gw1') : undefined
  t.deepEqual([vars?.key.reveal(), vars?.pin.open()], ['Lk-12', 1234])
  const message = async (extra: string): Promise<string> => {
    const error = await t.throwsAsync(load({...options, extraVars: [...options.extraVars, extra]}))
    return error?.message ?? ''
  }
  t.regex(await message('{lock_key: abc}'), /'lock_key' must have at least 5 characters \[/)
  t.regex(await message('{lock_pin: "{{ key }}"}'), /'lock_pin' must be a whole number \[/)
  t.regex(await message('{lock_name: "{{ key }}"}'), /a secret cannot stand in 'lock_name' of the role 'lock'/)
})
