import {execFileSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {homedir, hostname, userInfo} from 'node:os'
import {join} from 'node:path'
import type {Diagnostic} from '../diagnostic.ts'
import {type ConfigFiles, evaluateConfig, type Setting, type Settings} from './ssh-config.ts'
import type {ConfigLine} from './ssh-config-lines.ts'

/** What ssh_config settles for a host, in our terms. */
export type SshSettings = {
  readonly address: string
  readonly port?: number
  readonly user?: string
  readonly identityFiles: readonly string[]
  readonly identitiesOnly?: boolean
  readonly agent?: string
  /** `user@host:port`, in order. */
  readonly jumps: readonly string[]
  readonly knownHosts?: readonly string[]
  readonly acceptNew?: boolean
  readonly keyAlias?: string
  readonly connectTimeoutMs?: number
  readonly keepaliveMs?: number
}

const adviceOpenssh = "set gatewright_transport: openssh (or --transport openssh), which uses the system's own ssh"

/** Options that change how a host is reached or judged and that ssh2 cannot honour, with the values that change nothing. */
const beyondSsh2: Readonly<Record<string, RegExp>> = {
  addkeystoagent: /^(no|false)$/i,
  addressfamily: /^any$/i,
  bindaddress: /^$/,
  bindinterface: /^$/,
  canonicalizehostname: /^(no|false)$/i,
  casignaturealgorithms: /^$/,
  certificatefile: /^none$/i,
  ciphers: /^$/,
  hostbasedauthentication: /^(no|false)$/i,
  hostkeyalgorithms: /^$/,
  kbdinteractiveauthentication: /^(yes|true)$/i,
  kexalgorithms: /^$/,
  knownhostscommand: /^none$/i,
  macs: /^$/,
  passwordauthentication: /^(yes|true)$/i,
  pkcs11provider: /^none$/i,
  preferredauthentications: /^$/,
  proxycommand: /^none$/i,
  proxyusefdpass: /^(no|false)$/i,
  pubkeyacceptedalgorithms: /^$/,
  pubkeyacceptedkeytypes: /^$/,
  pubkeyauthentication: /^(yes|true|host-bound|unbound)$/i,
  remotecommand: /^none$/i,
  revokedhostkeys: /^none$/i,
  securitykeyprovider: /^internal$/i,
  setenv: /^$/,
  tunnel: /^(no|false)$/i,
  verifyhostkeydns: /^(no|false)$/i,
}

export type Asked = {
  /** The name by which the host is asked for. */
  readonly name: string
  readonly files: ConfigFiles
  /** Options that stand before the files: from variables and from arguments of the ssh program. */
  readonly given: readonly ConfigLine[]
}

/** Reads ssh_config for ssh2, and says what it cannot honour. */
export const ssh2Settings = (asked: Asked): {settings: SshSettings; problems: readonly Diagnostic[]} => {
  const {settings, obstacles} = evaluateConfig(asked.name, asked.files, asked.given)
  const problems: Diagnostic[] = obstacles.map(({what, at}) => ({rule: 'ssh-config', what, fix: adviceOpenssh, at}))
  for (const [keyword, harmless] of Object.entries(beyondSsh2))
    for (const {words, at} of settings.get(keyword) ?? [])
      if (!harmless.test(words.join(' ')))
        problems.push({
          rule: 'ssh-config',
          what: `the transport ssh2 cannot honour '${keyword} ${words.join(' ')}'`,
          fix: adviceOpenssh,
          at,
        })
  return {settings: settingsOf(asked.name, settings), problems: [...problems, ...strictProblems(settings)]}
}

/** What the ssh program itself makes of its configuration. It runs commands of `Match exec`, as it does on every call. */
export const opensshSettings = (
  name: string,
  executable: string,
  words: readonly string[],
): {settings: SshSettings; problems: readonly Diagnostic[]} => {
  const at = {file: executable, line: 0, column: 0}
  try {
    const usual = new Set(configOf(executable, ['-F', 'none', '--', name]))
    const settings = new Map<string, Setting[]>()
    for (const line of configOf(executable, [...words, '--', name])) {
      const [keyword = '', ...rest] = line.split(' ')
      if (!usual.has(line)) settings.set(keyword, [...(settings.get(keyword) ?? []), {words: rest, at}])
    }
    const {identityFiles: _files, ...rest} = settingsOf(name, settings)
    return {settings: {...rest, identityFiles: []}, problems: strictProblems(settings)}
  } catch (error) {
    const said = ((error as {stderr?: string}).stderr ?? '').trim() || (error as Error).message
    const problem = {rule: 'ssh-config', what: `the ssh program does not accept its configuration: ${said}`, at}
    return {settings: settingsOf(name, new Map()), problems: [problem]}
  }
}

const configOf = (executable: string, words: readonly string[]): string[] =>
  execFileSync(executable, ['-G', ...words], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']}).split('\n')

const strictProblems = (settings: Settings): Diagnostic[] => {
  const strict = settings.get('stricthostkeychecking')?.[0]
  if (strict === undefined || !/^(no|off|false)$/i.test(strict.words[0] ?? '')) return []
  return [
    {
      rule: 'ssh-config',
      what: `'StrictHostKeyChecking ${strict.words[0]}' is refused`,
      why: 'whoever stands in between would be taken for the host',
      fix: "write 'accept-new', use --accept-new once, or pin the key in gatewright_host_key",
      at: strict.at,
    },
  ]
}

const settingsOf = (name: string, settings: Settings): SshSettings => {
  const all = (keyword: string): readonly string[] | undefined => settings.get(keyword)?.[0]?.words
  const one = (keyword: string): string | undefined => all(keyword)?.[0]
  const address = (one('hostname') ?? name).replace(/%([%h])/g, (_all, token: string) => (token === 'h' ? name : '%'))
  const port = one('port') === undefined ? undefined : Number(one('port'))
  const user = one('user')
  const tokens: Readonly<Record<string, string>> = {
    '%': '%',
    d: homedir(),
    h: address,
    n: name,
    p: String(port ?? 22),
    r: user ?? userInfo().username,
    u: userInfo().username,
    i: String(userInfo().uid),
    k: one('hostkeyalias') ?? name,
    l: hostname(),
    L: hostname().split('.')[0] ?? '',
  }
  const fill = (text: string): string =>
    text
      .replace(/%(.)/g, (all, token: string) => tokens[token] ?? all)
      .replace(/\$\{(\w+)\}/g, (_all, variable: string) => process.env[variable] ?? '')
      .replace(/^~(?=\/|$)/, homedir())
  const paths = (keyword: string): string[] | undefined =>
    all(keyword)
      ?.filter(path => path !== 'none')
      .map(fill)
  const identityFiles = (settings.get('identityfile') ?? []).flatMap(({words}) => words.slice(0, 1))
  const jump = one('proxyjump')
  const agent = one('identityagent')
  const strict = one('stricthostkeychecking')
  const timeout = seconds(one('connecttimeout'))
  const alive = seconds(one('serveraliveinterval'))
  const knownHosts =
    all('userknownhostsfile') || all('globalknownhostsfile')
      ? [...(paths('userknownhostsfile') ?? defaultUserFiles()), ...(paths('globalknownhostsfile') ?? globalFiles)]
      : undefined
  const keyAlias = one('hostkeyalias')
  return {
    address,
    ...(port !== undefined && {port}),
    ...(user !== undefined && {user}),
    identityFiles: identityFiles.filter(file => file !== 'none').map(fill),
    ...(/^(yes|true)$/i.test(one('identitiesonly') ?? '') && {identitiesOnly: true}),
    ...(agent !== undefined && agent !== 'SSH_AUTH_SOCK' && {agent: agentSocket(agent, fill)}),
    jumps: jump === undefined || jump === 'none' ? [] : jump.split(',').map(fill),
    ...(knownHosts && {knownHosts: knownHosts.filter(path => existsSync(path) || path === knownHosts[0])}),
    ...(strict === 'accept-new' && {acceptNew: true}),
    ...(keyAlias !== undefined && {keyAlias}),
    ...(timeout && {connectTimeoutMs: timeout * 1000}),
    ...(alive && {keepaliveMs: alive * 1000 * Number(one('serveralivecountmax') ?? 3)}),
  }
}

const agentSocket = (agent: string, fill: (text: string) => string): string =>
  agent.startsWith('$') ? (process.env[agent.replace(/^\$\{?|\}$/g, '')] ?? 'none') : fill(agent)

const defaultUserFiles = (): string[] => ['known_hosts', 'known_hosts2'].map(name => join(homedir(), '.ssh', name))
const globalFiles = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']

/** Files of known host keys where nothing names any. */
export const defaultKnownHosts = (): string[] => {
  const files = [...defaultUserFiles(), ...globalFiles]
  return files.filter((path, index) => index === 0 || existsSync(path))
}

/** ssh's own notation of time: `90`, `1m30s`. */
const seconds = (text: string | undefined): number | undefined => {
  if (text === undefined || !/^(\d+[smhdw]?)+$/i.test(text)) return undefined
  const units: Readonly<Record<string, number>> = {s: 1, m: 60, h: 3600, d: 86_400, w: 604_800}
  return [...text.matchAll(/(\d+)([smhdw]?)/gi)].reduce(
    (sum, [, amount, unit = '']) => sum + Number(amount) * (units[unit.toLowerCase()] ?? 1),
    0,
  )
}
