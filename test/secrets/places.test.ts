// A secret is planted wherever a value can go, and looked for wherever anything comes out.
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import test from 'ava'
import {modules} from '../../src/playbook/modules/index.ts'
import {seal} from '../../src/vault/cipher.ts'
import {writeEnvelope} from '../../src/vault/envelope.ts'
import {run} from '../cli/in-process.ts'
import {core, leaksIn, secret} from '../support/leaks.ts'

const password = 'Vt5-password-of-the-vault'
const directory = mkdtempSync(join(tmpdir(), 'gatewright-secrets-'))
test.after.always(() => rmSync(directory, {recursive: true}))

const vaulted = (text: string): string => writeEnvelope(seal(Buffer.from(text), Buffer.from(password)))
const write = (name: string, text: string): string => {
  const path = join(directory, name)
  mkdirSync(dirname(path), {recursive: true})
  writeFileSync(path, text)
  return path
}
write('password', password)
write('hosts.yml', 'all:\n  hosts:\n    gw1: {ansible_host: 127.0.0.1}\n')
write('group_vars/all.yml', `s: !vault |\n${vaulted(secret).replaceAll(/^/gm, '  ')}`)
write(
  'host_vars/gw1.yml',
  vaulted(`whole: ${JSON.stringify(secret)}\nhash: $6$abcdefgh$${core.repeat(6).slice(0, 86)}\nnumber: 7261539840\n`),
)
write('files/encrypted', vaulted(`key ${secret}\n`))
write('templates/greeting.j2', 'hello {{ s }} and {{ whole | b64encode }}\n')

type Place = {readonly name: string; readonly task: Readonly<Record<string, unknown>>}

const acceptsText = (schema: any): boolean =>
  schema?.type === 'string' ||
  [schema?.type].flat().includes('string') ||
  schema?.enum !== undefined ||
  [...(schema?.anyOf ?? []), ...(schema?.oneOf ?? [])].some(acceptsText)
const isList = (schema: any): boolean => schema?.type === 'array' || (schema?.anyOf ?? []).some(isList)

const dresses = ['{{ s }}', 'x{{ s }}y', '{{ whole | upper }}', '{{ s | b64encode }}', '/tmp/{{ s }}']

/** Every parameter of every module that takes text, with the others as in its example. */
const parameters: readonly Place[] = Object.entries(modules).flatMap(([module, {schema, example}]) =>
  Object.entries((schema as any).properties ?? {}).flatMap(([parameter, part]) => {
    const values = [
      ...(acceptsText(part) || !(part as any).type ? dresses : ['{{ s }}']),
      ...(isList(part) ? [['{{ s }}']] : []),
    ]
    return values.map(
      (value): Place => ({
        name: `${module}: ${parameter}: ${JSON.stringify(value)}`,
        task: {[module]: {...example, [parameter]: value}},
      }),
    )
  }),
)

const free = {exec: {run: 'true', creates: '/'}}
const keywords: readonly Place[] = [
  {name: 'name', task: {name: 'say {{ s }}', ...free}},
  {name: 'when', task: {when: `s == '${core}'`, ...free}},
  {name: 'when, with a mistake', task: {when: 's | nope', ...free}},
  {name: 'when, of another type', task: {when: 's + 1 > 2', ...free}},
  {name: 'loop', task: {loop: ['{{ s }}', '{{ whole }}'], copy: {dest: '/etc/looped', content: '{{ item }}'}}},
  {name: 'loop label', task: {loop: [1], loop_control: {label: '{{ s }}'}, ...free}},
  {name: 'loop over text', task: {loop: '{{ s }}', ...free}},
  {name: 'notify', task: {notify: '{{ s }}', ...free}},
  {name: 'delegate_to', task: {delegate_to: '{{ s }}', ...free}},
  {name: 'become_user', task: {become: true, become_user: '{{ s }}', ...free}},
  {name: 'become', task: {become: '{{ s }}', ...free}},
  {name: 'environment', task: {environment: {TOKEN: '{{ s }}'}, ...free}},
  {name: 'changed_when', task: {changed_when: 's', ...free}},
  {name: 'until', task: {until: 's', retries: '{{ s }}', ...free}},
  {name: 'ignore_errors', task: {ignore_errors: '{{ s }}', ...free}},
  {
    name: 'task vars',
    task: {vars: {v: '{{ s }}-{{ s | hash("sha256") }}'}, copy: {dest: '/etc/v', content: '{{ v }}'}},
  },
  {name: 'a copied file', task: {copy: {src: 'encrypted', dest: '/etc/copied'}}},
  {name: 'a file that is looked up', task: {copy: {dest: '/etc/found', content: '{{ lookup("file", "encrypted") }}'}}},
  {name: 'a file that is looked up, in a command', task: {command: 'echo {{ lookup("file", "encrypted") | upper }}'}},
  {name: 'a template', task: {template: {src: 'greeting.j2', dest: '/etc/greeting'}}},
  {name: 'JSON', task: {copy: {dest: '/etc/json', content: {user: 'x', key: '{{ s }}'}}}},
  {name: 'an entry named by it', task: {copy: {dest: '/etc/entry', content: '{{ {s: 1} | to_json }}'}}},
  {name: 'a number', task: {copy: {dest: '/etc/number', content: '{{ number * 2 }}'}}},
  {name: 'a wrong type', task: {copy: {dest: '/etc/mode', content: 'x', mode: '{{ s }}'}}},
  {name: 'an unknown parameter', task: {copy: {dest: '/etc/x', content: 'x', '{{ s }}': '{{ s }}'}}},
  {name: 'a file', task: {file: {path: '/etc/file', content: '{{ s }}'}}},
  {name: 'the hash of a password', task: {user: {name: 'ann', password: '{{ hash }}'}}},
  {name: 'free text', task: {command: 'echo {{ s }}'}},
  {name: 'a shell', task: {shell: 'echo "{{ s }}" | cat'}},
]

const flags = ['-i', join(directory, 'hosts.yml'), '--vault-password-file', join(directory, 'password')]
const outputs: readonly (readonly string[])[] = [
  [],
  ['-v'],
  ['-vv'],
  ['-vvv'],
  ['-vvvv', '--diff'],
  ['--diff'],
  ['--json', '--diff', '-vvvv'],
]
const said = async (playbook: string, ...more: string[]): Promise<{code: number; text: string}> => {
  const {code, stdout, stderr} = await run(['check', playbook, ...flags, ...more])
  return {code, text: stdout + stderr}
}
const play = (tasks: readonly object[], more: object = {}): string =>
  JSON.stringify([{hosts: 'all', gather_facts: false, ...more, tasks}])

let count = 0
const accepted: Place[] = []
const asAccepted = test.macro({
  async exec(t, {task}: Place) {
    const playbook = write(`place-${++count}.yml`, play([task]))
    const {code, text} = await said(playbook)
    t.deepEqual(leaksIn(text), [])
    t.false(text.includes('defect of gatewright'), text)
    // What a host is asked is another matter: here only whether it was refused.
    if (code !== 5) accepted.push({name: '', task})
    else t.regex(text, /\[[\w-]+\]\n/)
  },
  title: (_, ...[place]: Place[]) => 'no leak from ' + (place?.name ?? ''),
})
for (const place of [...parameters, ...keywords]) test.serial(asAccepted, place)

for (const output of outputs)
  test.serial(`nothing of what was accepted is told with ${output.join(' ') || 'no flag'}`, async t => {
    const places = accepted.map(({task}) => Object.keys(task).at(-1))
    for (const module of ['copy', 'template', 'lineinfile', 'blockinfile', 'user', 'command'])
      t.true(places.includes(module), module)
    for (const {task} of accepted) {
      const playbook = write('accepted.yml', play([task]))
      const report = join(directory, 'report.xml')
      const {code, text} = await said(playbook, ...output, '--junit', report)
      t.true([0, 2, 3].includes(code), text)
      t.deepEqual(leaksIn(text + readFileSync(report, 'utf8')), [])
      t.false(text.includes(password))
    }
  })

test('the same holds for variables of plays, of the command line, of connections and of roles', async t => {
  const cases: readonly [object, readonly string[], string?][] = [
    [{vars: {v: '{{ s }}'}}, []],
    [{vars: {ansible_port: '{{ s }}'}}, []],
    [{hosts: '{{ s }}'}, []],
    [{name: 'play {{ s }}'}, []],
    [{serial: '{{ s }}'}, []],
    [{remote_user: '{{ s }}'}, []],
    [{vars_files: ['{{ s }}']}, []],
    [{environment: {A: '{{ s }}'}}, []],
    [
      {
        roles: [
          {
            role: 'vrrp',
            vars: {vrrp_link: '{{ s }}', vrrp_priority: '{{ s }}', vrrp_nope: '{{ s }}', vrrp_address: '{{ whole }}'},
          },
        ],
      },
      [],
    ],
    [{}, ['-e', `{ansible_port: "{{ s }}"}`]],
    [{}, ['-e', `{ansible_host: "{{ s }}", ansible_user: "{{ whole }}"}`]],
    [{}, ['-e', `{ansible_password: "{{ s }}", ansible_become_password: "{{ s }}"}`]],
    [{}, ['-e', `{ansible_become_password: ["{{ s }}"]}`]],
    [{}, ['-e', `{ansible_ssh_private_key_file: "/nowhere/{{ s }}"}`]],
    [{}, ['-e', `@${join(directory, 'extra.yml')}`]],
    [{}, ['--limit', 'nope']],
  ]
  write('extra.yml', vaulted(`other: ${JSON.stringify(secret)}\nansible_ssh_timeout: ${JSON.stringify(secret)}\n`))
  for (const [more, args] of cases)
    for (const output of [[], ['--json']]) {
      const playbook = write('play.yml', play([{copy: {dest: '/etc/v', content: '{{ v | default(s) }}'}}], more))
      const {text} = await said(playbook, ...args, ...output)
      t.deepEqual(leaksIn(text), [], JSON.stringify([more, args]))
      t.false(text.includes('defect of gatewright'), text)
    }
})

test('inventory and vars explain mask them', async t => {
  for (const command of [
    ['inventory', 'list', '--json'],
    ['inventory', 'host', 'gw1'],
    ['inventory', 'graph', '--vars'],
    ['vars', 'explain', 'gw1'],
    ['vars', 'explain', 'gw1', 's'],
    ['vars', 'explain', 'gw1', 'whole', '--json'],
  ]) {
    const {code, stdout, stderr} = await run([...command, ...flags])
    t.is(code, 0, stderr)
    t.deepEqual(leaksIn(stdout + stderr), [], command.join(' '))
  }
})

test('the search itself finds every encoding', t => {
  const bytes = Buffer.from(secret)
  const forms = [
    secret,
    bytes.toString('hex'),
    bytes.toString('base64url'),
    JSON.stringify(JSON.stringify(secret)),
    encodeURIComponent(secret),
  ]
  for (const before of ['', 'a', 'ab'])
    forms.push(
      Buffer.from(before + secret)
        .toString('base64')
        .replaceAll(/.{16}/g, '$&\n'),
    )
  for (const form of forms) t.not(leaksIn(`x ${form} y`).length, 0, form)
})
