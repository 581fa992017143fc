// Secrets on their way to a host, and what is left of them there.
import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {labExec, type Topology} from '../../lab/index.ts'
import {seal} from '../../src/vault/cipher.ts'
import {writeEnvelope} from '../../src/vault/envelope.ts'
import {gatewright} from '../support/gatewright.ts'
import {core, leaksIn, secret} from '../support/leaks.ts'
import {labUp, onHost} from '../support/site.ts'
import {type TemporarySite, temporarySite} from '../support/temporary-site.ts'

const host = 'gw1'
const password = 'Vt5-password-of-the-vault'
let lab: Topology
let site: TemporarySite
let passwordFile: string

test.before(async () => {
  lab = await labUp()
  site = await temporarySite(host, lab.hosts[host]?.ssh ?? 0)
  const directory = await mkdtemp(join(tmpdir(), 'gatewright-secrets-'))
  passwordFile = join(directory, 'password')
  await writeFile(passwordFile, password)
})
test.after.always(async () => {
  await site?.remove()
  if (passwordFile) await rm(join(passwordFile, '..'), {recursive: true})
})

const hash = `$6$abcdefgh$${core.repeat(6).slice(0, 86)}`
const playbook = (vars: string): string => `
- hosts: all
  become: true
  gather_facts: false
  vars_files: [${vars}]
  tasks:
    - {name: copied, copy: {dest: /root/copied, content: "{{ s }}", mode: "0600"}}
    - {name: computed, copy: {dest: /root/computed, content: "{{ s | b64encode }}\\n", mode: "0600"}}
    - {name: a line, lineinfile: {path: /root/lines, line: "key={{ s }}", create: true, mode: "0600"}}
    - {name: a block, blockinfile: {path: /root/block, block: "{{ s }}", create: true, mode: "0600"}}
    - {name: an account, user: {name: ann, password: "{{ hash }}"}}
    - {name: read, shell: "cat >/dev/null; sleep 1", args: {stdin: "{{ s }}"}, register: done}
    - {name: repeats it, shell: "tee /dev/stderr", args: {stdin: "{{ s }}"}, register: repeated, ignore_errors: true}
    - {name: fails with it, shell: "cat; exit 3", args: {stdin: "{{ s }}"}, ignore_errors: true}
    - {name: refused by its check, copy: {dest: /root/refused, content: "{{ s }}", validate: "grep -v nothing %s -e x -c --no-such-option"}, ignore_errors: true}
    - {name: in a loop, copy: {dest: "/root/{{ item.name }}", content: "{{ item.key }}", mode: "0600"}, loop: [{name: looped, key: "{{ s }}"}]}
    - {name: fails over it, lineinfile: {path: /nowhere/at/all, line: "{{ s }}"}, ignore_errors: true}
`

/** Looks through the arguments and environments of all processes, again and again, until it is told to stop. */
const watch = (pieces: readonly string[]): string => `
printf '%s\\n' ${pieces.map(piece => piece.replaceAll(/.{1,4}/g, "'$&'")).join(' ')} >/run/patterns
rm -f /run/stop-watching /run/watched /run/rounds
while [ ! -e /run/stop-watching ]; do
  cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -aF -f /run/patterns >>/run/watched
  echo . >>/run/rounds
done
rm /run/patterns`

test('secrets reach their files and are nowhere else: no process, journal or temporary file, no output', async t => {
  t.timeout(300_000)
  const vars = join(site.directory, 'secrets.yml')
  const plain = `s: ${JSON.stringify(secret)}\nhash: ${hash}\n`
  await writeFile(vars, writeEnvelope(seal(Buffer.from(plain), Buffer.from(password))))
  const file = await site.playbook(playbook(vars))
  const encoded = Buffer.from(secret).toString('base64').slice(8, 24)
  const watching = labExec(lab, host, watch([core, encoded]), {timeoutMs: 200_000})
  const local: string[] = []
  const flags = ['-i', site.inventory, '--vault-password-file', passwordFile]
  const runs: string[] = []
  const look = async (): Promise<void> => {
    for (const pid of await readdir('/proc'))
      if (/^\d+$/.test(pid))
        for (const name of ['cmdline', 'environ'])
          local.push(...leaksIn(await readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '')))
  }
  const here = setInterval(() => void look(), 500)
  try {
    for (const more of [
      ['--diff', '-vvvv'],
      ['--json', '-vvvv', '--diff'],
    ]) {
      const {code, stdout, stderr} = await gatewright('play', file, ...flags, ...more)
      runs.push(stdout + stderr)
      t.is(code, 0, stdout + stderr)
    }
  } finally {
    clearInterval(here)
    await onHost(lab, host, 'touch /run/stop-watching')
    await watching
  }
  t.true(Number(await onHost(lab, host, 'wc -l </run/rounds')) > 10)
  t.is(await onHost(lab, host, 'cat /run/watched'), '')
  t.deepEqual(local, [])
  for (const text of runs) {
    t.deepEqual(leaksIn(text), [])
    t.false(text.includes(password))
  }
  const where = `grep -rlaiF -e '${core}' -e '${encoded}' /var/lib/gatewright /tmp /var/tmp /root /etc /run /home /var/log 2>/dev/null | sort`
  const holders = (await onHost(lab, host, `${where} || true`)).trim().split('\n')
  t.deepEqual(
    holders.filter(path => !/^\/etc\/(shadow|gshadow)-?$/.test(path)),
    ['/root/block', '/root/computed', '/root/copied', '/root/lines', '/root/looped'],
  )
  t.is(await onHost(lab, host, 'cat /root/copied'), secret)
  t.true((await onHost(lab, host, 'cat /etc/shadow')).includes(hash))
})
