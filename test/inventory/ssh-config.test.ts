import {execFileSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {evaluateConfig, type Settings} from '../../src/inventory/ssh-config.ts'
import {ssh2Settings} from '../../src/inventory/ssh-settings.ts'

const directory = mkdtempSync(join(tmpdir(), 'gatewright-config-'))
test.after.always(() => rmSync(directory, {recursive: true, force: true}))

let count = 0
const write = (text: string): string => {
  count += 1
  const file = join(directory, `config-${count}`)
  writeFileSync(file, text)
  return file
}
mkdirSync(join(directory, 'parts'))
writeFileSync(join(directory, 'parts', 'a.conf'), 'Host gw1\n  Port 2201\n')
writeFileSync(join(directory, 'parts', 'b.conf'), 'Host gw*\n  Port 2202\n  User included\n')

/** What ssh -G and this reader must agree about. */
const asked =
  'hostname port user identityfile identitiesonly identityagent proxyjump hostkeyalias userknownhostsfile globalknownhostsfile stricthostkeychecking connecttimeout serveraliveinterval proxycommand certificatefile forwardagent'.split(
    ' ',
  )

const bySsh = (file: string, host: string, words: readonly string[]): string[] =>
  execFileSync('ssh', ['-G', '-F', file, ...words, host], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).split('\n')

const truths: Readonly<Record<string, string>> = {yes: 'true', no: 'false', true: 'true', false: 'false'}

/** In the notation of ssh -G. */
const shown = (settings: Settings, host: string): string[] =>
  asked.flatMap(keyword =>
    (settings.get(keyword) ?? []).map(({words}) => {
      const text = words.join(' ')
      if (keyword === 'hostname') return `${keyword} ${text.replaceAll('%h', host).toLowerCase()}`
      if (keyword === 'connecttimeout' || keyword === 'serveraliveinterval')
        return `${keyword} ${text.replace(/^(\d+)m$/, (_all, minutes: string) => String(60 * Number(minutes)))}`
      return keyword === 'stricthostkeychecking' || keyword === 'identitiesonly'
        ? `${keyword} ${keyword === 'identitiesonly' ? text : (truths[text] ?? text)}`
        : `${keyword} ${text}`
    }),
  )

const corpus: readonly [title: string, text: string, hosts: readonly string[]][] = [
  ['the first value wins', 'Host gw1\n Port 1\n User a\nHost *\n Port 2\n User b\n IdentityFile ~/x\n', ['gw1', 'gw2']],
  [
    'patterns and negation',
    'Host gw? !gw2 *.example\n Port 7\nHost !gw9\n Port 8\n',
    ['gw1', 'gw2', 'a.example', 'gw9', 'gw10'],
  ],
  [
    'equals signs, quotes and comments',
    'Host="gw1"\n  Port = 22022 # more\n User="a b"\n#Port 3\n  IdentityFile "/a b/k"\n',
    ['gw1'],
  ],
  ['case of keywords, tabs, carriage returns', 'HOST gw1\r\n\tpOrT\t99\r\n\thostname 192.0.2.1\r\n', ['gw1']],
  ['HostName with %h', 'Host gw*\n HostName %h.mgmt.example\n', ['gw1']],
  [
    'identity files add up',
    'IdentityFile ~/a\nHost gw1\n IdentityFile ~/b\n IdentitiesOnly yes\nHost *\n IdentityFile ~/c\n',
    ['gw1', 'gw2'],
  ],
  ['jump hosts', 'Host gw1\n ProxyJump a@b:2222,c\nHost gw2\n ProxyJump none\nHost *\n ProxyJump d\n', ['gw1', 'gw3']],
  [
    'known hosts and strictness',
    'UserKnownHostsFile /a /b\nGlobalKnownHostsFile /c\nStrictHostKeyChecking accept-new\n',
    ['gw1'],
  ],
  ['times', 'ConnectTimeout 1m\nServerAliveInterval 30\n', ['gw1']],
  ['include in a directory', `Include ${directory}/parts/*.conf\nHost *\n Port 1\n`, ['gw1', 'gw2', 'other']],
  ['include in a block', `Host gw2\n Include ${directory}/parts/*.conf\n User x\nHost *\n User y\n`, ['gw1', 'gw2']],
  ['include of nothing', `Include ${directory}/none/*.conf\nPort 5\n`, ['gw1']],
  [
    'Match host',
    'Host gw1\n HostName real.example\nMatch host real.example\n Port 1\nMatch host gw*\n Port 2\n',
    ['gw1', 'gw2'],
  ],
  [
    'Match originalhost',
    'Host gw1\n HostName real.example\nMatch originalhost gw1,gw7\n Port 1\nMatch !originalhost gw1\n Port 2\n',
    ['gw1', 'gw2'],
  ],
  [
    'Match user',
    'Host gw1\n User deploy\nMatch user deploy\n Port 1\nMatch user deploy,root host gw2\n Port 2\n',
    ['gw1', 'gw2'],
  ],
  ['Match user by the command line', 'Match user ops\n Port 77\n IdentityFile /ops\n', ['ops@gw1', 'gw1']],
  [
    'Match all, localuser and final',
    `Match localuser root\n Port 4\nMatch final host *.example\n User f\nMatch all\n HostKeyAlias k\nHost gw1\n HostName a.example\n`,
    ['gw1', 'gw2'],
  ],
  ['Match with several negations', 'Match host gw*,!gw2 !user nobody\n Port 9\n', ['gw1', 'gw2']],
  ['Match with equals signs', 'Match host=gw1 user=root\n Port 6\n', ['gw1']],
  ['agent and alias', 'Host gw*\n IdentityAgent /run/agent.sock\n HostKeyAlias pair\n ForwardAgent yes\n', ['gw1']],
  ['proxy command first', 'Host gw1\n ProxyCommand nc %h %p\n', ['gw1']],
  ['certificate', 'Host gw1\n CertificateFile ~/cert\n CertificateFile ~/cert2\n', ['gw1']],
]

for (const [title, text, hosts] of corpus)
  test(`as ssh -G has it: ${title}`, t => {
    const file = write(text)
    for (const each of hosts) {
      const [host = '', user] = each.split('@').toReversed()
      const words = user === undefined ? [] : ['-l', user]
      const at = {file: 'test', line: 0, column: 0}
      const given = user === undefined ? [] : [{keyword: 'user', words: [user], at}]
      const expected = bySsh(file, host, words)
      const ours = shown(evaluateConfig(host, [{file, isUsers: true}], given).settings, host)
      t.deepEqual(
        ours.filter(line => !expected.includes(line)),
        [],
        each,
      )
      // What ssh has differently from its defaults, this reader has too.
      const defaults = bySsh('none', host, [])
      const missing = expected.filter(
        line => asked.includes(line.split(' ')[0] ?? '') && !defaults.includes(line) && !ours.includes(line),
      )
      t.deepEqual(missing, [], each)
    }
  })

test('what ssh2 cannot honour is refused with its place and the way out', t => {
  const text =
    'Host gw1\n  ProxyCommand nc %h %p\n  KexAlgorithms sntrup761x25519-sha512@openssh.com\nMatch exec "true"\n  Port 3\nHost gw2\n  StrictHostKeyChecking no\n'
  const file = write(text)
  const problems = (name: string) =>
    ssh2Settings({name, files: [{file, isUsers: true}], given: []}).problems.map(
      ({what, fix, at}) => `${at?.line}:${at?.column} ${what}, ${fix}`,
    )
  const advice = "set gatewright_transport: openssh (or --transport openssh), which uses the system's own ssh"
  t.deepEqual(problems('gw1'), [
    `4:1 'Match exec' cannot be decided here, ${advice}`,
    `3:3 the transport ssh2 cannot honour 'kexalgorithms sntrup761x25519-sha512@openssh.com', ${advice}`,
    `2:3 the transport ssh2 cannot honour 'proxycommand nc %h %p', ${advice}`,
  ])
  t.regex(problems('gw2').join('\n'), /7:3 'StrictHostKeyChecking no' is refused/)
})

test('paths, tokens and times come out as ssh uses them', t => {
  const file = write(
    'Host gw1\n HostName %h.example\n User ops\n Port 2222\n IdentityFile %d/keys/%r@%h\n IdentityAgent none\n ProxyJump a,%r@b\n UserKnownHostsFile ~/kh\n GlobalKnownHostsFile none\n ConnectTimeout 1m30s\n ServerAliveInterval 5\n ServerAliveCountMax 2\n',
  )
  const {settings, problems} = ssh2Settings({name: 'gw1', files: [{file, isUsers: true}], given: []})
  t.deepEqual(problems, [])
  const home = process.env['HOME'] ?? ''
  t.deepEqual(settings, {
    address: 'gw1.example',
    port: 2222,
    user: 'ops',
    identityFiles: [`${home}/keys/ops@gw1.example`],
    agent: 'none',
    jumps: ['a', 'ops@b'],
    knownHosts: [`${home}/kh`],
    connectTimeoutMs: 90_000,
    keepaliveMs: 10_000,
  })
})
