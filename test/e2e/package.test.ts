// What somebody gets who installs the npm package: what is in it, and every command of the guide, in its order, in the lab.
import {spawn} from 'node:child_process'
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {delimiter, dirname, join} from 'node:path'
import test from 'ava'
import {publint} from 'publint'
import {formatMessage} from 'publint/utils'
import type {Topology} from '../../lab/index.ts'
import {root} from '../support/gatewright.ts'
import {labUp, onHost} from '../support/site.ts'

const directory = mkdtempSync(join(tmpdir(), 'gatewright-package-'))
test.after.always(() => rmSync(directory, {recursive: true}))

type Ended = {readonly code: number; readonly output: string}
/** Runs a line as the shell of somebody with this Node.js does. */
const shell = async (line: string, cwd: string): Promise<Ended> => {
  const child = spawn('sh', ['-c', line], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
      NO_COLOR: '1',
      npm_config_prefer_offline: 'true',
      npm_config_audit: 'false',
      npm_config_fund: 'false',
      npm_config_update_notifier: 'false',
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const code = await new Promise<number>((resolve, reject) =>
    child.on('error', reject).on('close', number => resolve(number ?? 128)),
  )
  return {code, output}
}

const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {version: string}
const tarball = join(directory, `gatewright-${version}.tgz`)
const unpacked = join(directory, 'unpacked')
let lab: Topology

test.before(async t => {
  t.timeout(600_000)
  const packed = await shell(`npm pack --pack-destination ${directory}`, root)
  if (packed.code !== 0) throw new Error(packed.output)
  mkdirSync(unpacked)
  const opened = await shell(`tar -xzf ${tarball} -C ${unpacked}`, directory)
  if (opened.code !== 0) throw new Error(opened.output)
  lab = await labUp()
})

test('the package is small and holds no tests, no lab and no sources but the skeleton', t => {
  t.true(statSync(tarball).size < 1_500_000)
  const files = readdirSync(unpacked, {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(`${unpacked}/package/`.length))
  t.true(files.length > 100)
  t.deepEqual(
    files.filter(
      file => /(^|\/)(test|lab)\//.test(file) || (file.endsWith('.ts') && !file.startsWith('dist/skeleton/')),
    ),
    [],
  )
  for (const file of files) t.false(readFileSync(join(unpacked, 'package', file), 'utf8').includes(root), file)
})

test('publint has nothing to say', async t => {
  const {messages, pkg} = await publint({pkgDir: join(unpacked, 'package'), pack: false, strict: true})
  t.deepEqual(
    messages.map(message => formatMessage(message, pkg)),
    [],
  )
})

/** The commands of the guide up to the clone: each with the exit code that its comment states, else 0. */
const commands = (): {line: string; code: number}[] => {
  const guide = readFileSync(join(root, 'docs/guide/getting-started.md'), 'utf8')
  const part = guide
    .slice(guide.indexOf('## Install'), guide.indexOf('## From a clone'))
    .replaceAll(/^```[\s\S]*?^```$/gm, '')
  return [...part.matchAll(/^ {4}(\S.*)$/gm)].map(([, line = '']) => ({
    line,
    code: Number(/# exit code (\d+)/.exec(line)?.[1] ?? 0),
  }))
}

/** What a person edits in a fresh site: addresses, login and devices are now the lab's. */
const edit = (site: string): void => {
  const change = (file: string, changes: Readonly<Record<string, string>>): void => {
    const path = join(site, 'inventory', file)
    let text = readFileSync(path, 'utf8')
    for (const [from, to] of Object.entries(changes)) {
      if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
      text = text.replace(from, to)
    }
    writeFileSync(path, text)
  }
  change('hosts.yml', {
    '192.0.2.11}': `127.0.0.1, ansible_port: ${lab.hosts['gw1']?.ssh}}`,
    '192.0.2.12}': `127.0.0.1, ansible_port: ${lab.hosts['gw2']?.ssh}}`,
  })
  change('group_vars/gateways.yml', {
    'ansible_user: ops': 'ansible_user: operator',
    '# ansible_ssh_private_key_file: ~/.ssh/id_ed25519': `ansible_ssh_private_key_file: ${root}/.lab/id_ed25519
gatewright_known_hosts: ${root}/.lab/known_hosts`,
  })
  for (const host of ['gw1', 'gw2'])
    change(`host_vars/${host}.yml`, {'device: eth1': 'device: lan', 'device: eth2': 'device: sync'})
}

const holders = async (): Promise<string[]> => {
  const hosts = ['gw1', 'gw2']
  const held = await Promise.all(hosts.map(host => onHost(lab, host, 'ip -oneline address show to 10.10.0.1')))
  return hosts.filter((_, index) => held[index] !== '')
}

test.serial('the commands of the guide, from an empty folder to two gateways that share an address', async t => {
  t.timeout(600_000)
  let cwd = join(directory, 'home')
  mkdirSync(cwd)
  let holding: string[] = []
  const all = commands()
  t.deepEqual(
    ['install', 'init', 'lint', 'check', 'play', 'task', 'inventory', 'vars'].filter(
      word => !all.some(({line}) => line.includes(` ${word} `) || line.endsWith(` ${word}`)),
    ),
    [],
  )
  for (const {line, code} of all) {
    if (line.startsWith('cd ')) {
      cwd = join(cwd, line.slice(3))
      edit(cwd)
      continue
    }
    const ended = await shell(line.replace(`/path/to/gatewright-${version}.tgz`, tarball), cwd)
    t.is(ended.code, code, `${line}\n${ended.output}`)
    if (/ (?:play|task) /.test(line)) {
      const now = await holders()
      t.is(now.length, 1, line)
      if (line.endsWith('vrrp.switchover --become')) t.notDeepEqual(now, holding, line)
      if (line.endsWith('-e to=gw1')) t.deepEqual(now, ['gw1'], line)
      holding = now
    }
    if (line.endsWith(' --version')) t.regex(ended.output, new RegExp(`^${version.replaceAll('.', '\\.')}$`, 'm'))
  }
  for (const host of ['gw1', 'gw2']) {
    t.is((await onHost(lab, host, 'systemctl is-active keepalived')).trim(), 'active')
    t.regex(await onHost(lab, host, 'cat /etc/motd'), new RegExp(`^${host}: debian 12, kept by the network team\n`))
  }
})
