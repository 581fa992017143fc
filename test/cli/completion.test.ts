import {execFileSync} from 'node:child_process'
import {chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {run} from './in-process.ts'

const main = join(import.meta.dirname, '../../src/cli/main.ts')

/** A project to complete in. */
const project = (t: ExecutionContext): string => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-completion-'))
  t.teardown(() => rmSync(directory, {recursive: true, force: true}))
  const files = {
    'inventory/hosts.yml': 'gateways: {hosts: {"gw-a[1:2]": , gw-b1: }}\nclients: {hosts: {lan1: }}\n',
    'playbooks/site.yml':
      '- import_playbook: more.yml\n- hosts: all\n  tags: base\n  tasks:\n    - block:\n        - {debug: {}, tags: [vrrp, "fw,dns"]}\n',
    'playbooks/more.yml': '- hosts: all\n  roles: [{role: x, tags: routing}]\n  tasks: []\n',
    'playbooks/notes.txt': '',
    'roles/clock/tasks/drain.ts': '',
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), {recursive: true})
    writeFileSync(join(directory, name), text)
  }
  return directory
}

const completions = async (cwd: string, ...words: readonly string[]): Promise<string[]> => {
  const {code, stdout, stderr, connections} = await run(['__complete', '--', ...words], {cwd})
  if (code !== 0 || stderr !== '' || connections > 0) throw new Error(stderr)
  return stdout.split('\n').flatMap(line => line.split('\t', 1)[0] || [])
}

const completes = test.macro({
  async exec(t, words: string, expected: readonly string[]) {
    t.deepEqual(await completions(project(t), ...words.split(' ')), expected)
  },
  title: (_, words) => 'completes: gatewright ' + words,
})
test(completes, 'ch', ['check'])
test(completes, 'play --inv', ['--inventory'])
test(completes, 'play --ju', ['--junit'])
test(completes, 'facts --ju', [])
test(completes, 'play -- --ju', [])
test(completes, 'facts gw', ['gw-a1', 'gw-a2', 'gw-b1'])
test(completes, 'facts gateways:!gw-a', ['gateways:!gw-a1', 'gateways:!gw-a2'])
test(completes, 'play playbooks/site.yml -l la', ['lan1'])
test(completes, 'play playbooks/site.yml --limit=gw-b', ['--limit=gw-b1'])
test(completes, 'facts -i nowhere gw', [])
test(completes, 'facts -vi inventory/hosts.yml lan', ['lan1'])
test(completes, 'play pl', ['playbooks/'])
test(completes, 'play playbooks/', ['playbooks/more.yml', 'playbooks/site.yml'])
test(completes, 'play --junit playbooks/n', ['playbooks/notes.txt'])
test(completes, 'play -e @inv', ['@inventory/'])
test(completes, 'play -e x', [])
test(completes, 'play playbooks/site.yml -t ', ['base', 'dns', 'fw', 'routing', 'vrrp'])
test(completes, 'play playbooks/site.yml --skip-tags fw,d', ['fw,dns'])
test(completes, 'task all cl', ['clock.drain'])
test(completes, 'task all vrrp.s', ['vrrp.switchover'])
test(completes, 'task all clock.drain ', [])
test(completes, 'completion z', ['zsh'])
test(completes, 'help fa', ['facts'])

test('every visible flag of every command is completed', async t => {
  const directory = project(t)
  for (const command of await completions(directory, '')) {
    if (command === 'lab' || command === 'help') continue
    const {stdout} = await run([command, '--help'])
    const flags = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag = '']) => flag)
    t.true(flags.length > 0)
    t.deepEqual((await completions(directory, command, '--')).toSorted(), flags.toSorted(), command)
  }
})

/** A `gatewright` on the path of a shell, and the script that it prints. */
const shell = async (t: ExecutionContext, name: string) => {
  const directory = project(t)
  const bin = join(directory, 'bin')
  mkdirSync(bin)
  const program = join(bin, 'gatewright')
  writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} --disable-warning=ExperimentalWarning ${main} "$@"\n`)
  chmodSync(program, 0o755)
  const {code, stdout} = await run(['completion', name])
  t.is(code, 0)
  const script = join(directory, `completion.${name}`)
  writeFileSync(script, stdout)
  const PATH = `${bin}:${process.env['PATH'] ?? ''}`
  return {
    script,
    run: (binary: string, ...args: readonly string[]) =>
      execFileSync(binary, args, {cwd: directory, encoding: 'utf8', env: {...process.env, PATH}}).trimEnd(),
  }
}
const withShell = (binary: string) => (existsSync(binary) ? test : test.skip)

withShell('/bin/bash')('bash completes with the script', async t => {
  const {script, run: ask} = await shell(t, 'bash')
  const at = (line: string): string[] => {
    const asked = `source ${script}; compopt() { echo "compopt $*"; }
COMP_LINE=$1 COMP_POINT=\${#1}; _gatewright; printf '%s\\n' "\${COMPREPLY[@]}"`
    return ask('/bin/bash', '--norc', '-c', asked, 'bash', line).split('\n').filter(Boolean)
  }
  t.deepEqual(at('gatewright ch'), ['check'])
  t.deepEqual(at('gatewright facts gateways:gw-a'), ['gw-a1', 'gw-a2'])
  t.deepEqual(at('gatewright play playbooks/site.yml --limit=gw-b'), ['gw-b1'])
  t.deepEqual(at('gatewright play playbooks/site.yml -t '), ['base', 'dns', 'fw', 'routing', 'vrrp'])
  t.deepEqual(at('gatewright play pl'), ['compopt -o nospace', 'playbooks/'])
  t.deepEqual(at('gatewright facts nothing-like-it'), [])
})

withShell('/usr/bin/fish')('fish completes with the script', async t => {
  const {script, run: ask} = await shell(t, 'fish')
  const at = (line: string): string[] =>
    ask('/usr/bin/fish', '--no-config', '-c', `source ${script}; complete -C ${JSON.stringify(line)}`).split('\n')
  t.deepEqual(at('gatewright ch'), ['check\tsay what play would change, and change nothing'])
  t.deepEqual(at('gatewright facts gw-a'), ['gw-a1\thost', 'gw-a2\thost'])
})

withShell('/usr/bin/zsh')('zsh takes the script', async t => {
  const {script, run: ask} = await shell(t, 'zsh')
  t.is(ask('/usr/bin/zsh', '-n', script), '')
  t.is(
    ask('/usr/bin/zsh', '-f', '-c', `autoload -U compinit; compinit -u -D; source ${script}; echo $_comps[gatewright]`),
    '_gatewright',
  )
})
