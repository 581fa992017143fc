import {existsSync} from 'node:fs'
import {userInfo} from 'node:os'
import {split} from 'shlex'
import type {Diagnostic, Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {spotOf} from '../diagnostics/positions.ts'
import {displayPath, expandPath} from '../playbook/paths.ts'
import type {BecomeMethod} from '../transport/become.ts'
import type {Target} from '../transport/transport.ts'
import {type JumpHost, jumpHost, notAJump} from './jump-hosts.ts'
import {argumentLines, givenArguments, withoutJump} from './ssh-arguments.ts'
import {type ConfigFiles, defaultConfigFiles} from './ssh-config.ts'
import type {ConfigLine} from './ssh-config-lines.ts'
import {defaultKnownHosts, opensshSettings, type SshSettings, ssh2Settings} from './ssh-settings.ts'

const defaultTimeoutSeconds = 10
const defaultKeepaliveMs = 15_000

/** `ansible_become: "yes"` and the like. */
export const isYes = (value: unknown): boolean => value === true || /^(true|yes)$/i.test(String(value))

export const pathsOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : [value].flat().map(path => expandPath(path))

/** How hosts are reached, from flags: for hosts whose variables do not say it. */
export type AccessOptions = {
  /** Stronger than the variable. */
  readonly transport?: 'ssh2' | 'openssh'
  /** A file of ssh_config instead of the usual ones, or `none`. */
  readonly sshConfig?: string
  readonly password?: string
  readonly becomePassword?: string
  readonly acceptNew?: boolean
}

type Values = Readonly<Record<string, any>>

export type TargetContext = {
  readonly access: AccessOptions
  /** The checked connection variables of another host of the inventory. */
  readonly valuesOf: (host: string) => Values | undefined
  readonly findings: Findings
}

type Question = {
  readonly host: string
  readonly values: Values
  /** The login user, where flags or plays name one. */
  readonly user: string | undefined
  /** Hosts whose way leads through this one. */
  readonly behind: readonly string[]
  readonly hop?: JumpHost
}

/** How a host is reached, from its checked connection variables and ssh_config. */
export const targetOf = (host: string, values: Values, user: string | undefined, context: TargetContext): Target =>
  resolve({host, values, user, behind: []}, context)

const resolve = (question: Question, context: TargetContext): Target => {
  const {host, values, hop} = question
  const {access} = context
  const transport = transportOf(values, access)
  const name = hop?.host ?? values['ansible_host'] ?? host
  const given = givenArguments(values, variable => spotOf(values, variable)?.value ?? nowhere)
  const executable = transport === 'openssh' ? values['ansible_ssh_executable'] : undefined
  const config = access.sshConfig ?? values['gatewright_ssh_config']
  const configFile = config === undefined || config === 'none' ? config : expandPath(config)
  const port = hop ? hop.port : values['ansible_port']
  const user = question.user ?? (hop ? hop.user : values['ansible_user'])
  const sshWords = hop ? [] : given.flatMap(({words}) => words)
  const {settings, problems} =
    transport === 'local'
      ? nothingAsked(name)
      : ask({name, port, user, transport, configFile, executable, sshWords}, hop ? [] : given)
  if (transport === 'ssh2' && !hop && values['ansible_ssh_executable'] !== undefined)
    problems.push({
      rule: 'not-supported',
      what: "'ansible_ssh_executable' names a program that the transport ssh2 does not use",
      fix: 'set gatewright_transport: openssh (or --transport openssh)',
      at: spotOf(values, 'ansible_ssh_executable')?.key ?? nowhere,
    })
  if (configFile !== undefined && configFile !== 'none' && !existsSync(configFile)) {
    const at = access.sshConfig === undefined ? spotOf(values, 'gatewright_ssh_config')?.value : undefined
    problems.push({
      rule: 'missing-ssh-config',
      what: `the ssh_config file ${displayPath(configFile)} does not exist`,
      fix: "correct the path (relative paths begin where you are), or write 'none'",
      ...(at && {at}),
    })
  }
  for (const problem of problems) context.findings.add({...problem, host})
  const keyFiles = pathsOf(values['ansible_ssh_private_key_file'])
  // A hop shows keys of its own; what the inventory says of the host behind it is only a fallback.
  const files =
    hop && settings.identityFiles.length > 0 ? settings.identityFiles : [...keyFiles, ...settings.identityFiles]
  const own = hop ? undefined : values['gatewright_known_hosts']
  const knownHosts = own ?? settings.knownHosts ?? values['gatewright_known_hosts']
  const timeout = values['ansible_ssh_timeout']
  const password = values['ansible_password'] ?? access.password
  const acceptNew = values['gatewright_accept_new']
  const jumps = jumpsOf(question, settings, context)
  const become = becomeOf(values, access)
  return {
    host,
    ...(transport !== 'ssh2' && {transport}),
    address: settings.address,
    port: Number(port ?? settings.port ?? 22),
    user: user ?? settings.user ?? userInfo().username,
    keyFiles: [...new Set(files)],
    ...(values['ansible_ssh_private_key_passphrase'] !== undefined && {
      passphrase: String(values['ansible_ssh_private_key_passphrase']),
    }),
    ...(settings.agent !== undefined && {agent: settings.agent}),
    ...(settings.identitiesOnly && {identitiesOnly: true}),
    ...(password !== undefined && !hop && {password: String(password)}),
    knownHosts: knownHosts === undefined ? defaultKnownHosts() : pathsOf(knownHosts),
    ...(settings.keyAlias !== undefined && {keyAlias: settings.keyAlias}),
    ...(values['gatewright_host_key'] !== undefined && !hop && {hostKeys: [values['gatewright_host_key']].flat()}),
    ...((acceptNew === undefined ? access.acceptNew || settings.acceptNew : isYes(acceptNew)) && {acceptNew: true}),
    ...(jumps.length > 0 && {jumps}),
    connectTimeoutMs:
      timeout === undefined ? (settings.connectTimeoutMs ?? defaultTimeoutSeconds * 1000) : Number(timeout) * 1000,
    keepaliveMs: settings.keepaliveMs ?? defaultKeepaliveMs,
    ...(become && !hop && {become}),
    ...(values['gatewright_confirm_seconds'] !== undefined &&
      !hop && {confirmSeconds: Number(values['gatewright_confirm_seconds'])}),
    ...(transport === 'openssh' && {
      openssh: {
        ...(executable !== undefined && {executable}),
        ...(configFile !== undefined && {config: configFile}),
        ...(name !== settings.address && {name}),
        arguments: withoutJump(sshWords),
      },
    }),
  }
}

const nowhere: Position = {file: 'the inventory', line: 0, column: 0}

const transportOf = (values: Values, {transport}: AccessOptions): NonNullable<Target['transport']> =>
  values['ansible_connection'] === 'local' ? 'local' : (transport ?? values['gatewright_transport'] ?? 'ssh2')

type Answer = {settings: SshSettings; problems: Diagnostic[]}

const nothingAsked = (name: string): Answer => ({
  settings: {address: name, identityFiles: [], jumps: []},
  problems: [],
})

const ask = (
  question: {
    readonly name: string
    readonly port: number | string | undefined
    readonly user: string | undefined
    readonly transport: 'ssh2' | 'openssh'
    readonly configFile: string | undefined
    readonly executable: string | undefined
    readonly sshWords: readonly string[]
  },
  given: ReturnType<typeof givenArguments>,
): Answer => {
  const {name, port, user, configFile} = question
  if (question.transport === 'openssh') {
    const options = [
      ...(configFile === undefined ? [] : ['-F', configFile]),
      ...(port === undefined ? [] : ['-p', String(port)]),
      ...(user === undefined ? [] : ['-l', user]),
    ]
    const {settings, problems} = opensshSettings(name, question.executable ?? 'ssh', [...options, ...question.sshWords])
    return {settings, problems: [...problems]}
  }
  const files: ConfigFiles =
    configFile === undefined ? defaultConfigFiles() : configFile === 'none' ? [] : [{file: configFile, isUsers: true}]
  const {lines, problems} = argumentLines(given)
  const first: ConfigLine[] = [
    ...(port === undefined ? [] : [{keyword: 'port', words: [String(port)], at: nowhere}]),
    ...(user === undefined ? [] : [{keyword: 'user', words: [user], at: nowhere}]),
  ]
  const read = ssh2Settings({name, files, given: [...first, ...lines]})
  return {settings: read.settings, problems: [...problems, ...read.problems]}
}

/** The hosts on the way: of the variable, else of ssh_config. */
const jumpsOf = (question: Question, settings: SshSettings, context: TargetContext): Target[] => {
  const {host, values, hop, behind} = question
  const variable = hop ? undefined : values['gatewright_jump']
  const texts: readonly string[] =
    variable === undefined ? settings.jumps : [variable].flat().flatMap(text => String(text).split(','))
  const at = variable === undefined ? undefined : spotOf(values, 'gatewright_jump')?.value
  return texts.flatMap((text, index): Target[] => {
    const way = [...behind, host]
    const refuse = (problem: Pick<Diagnostic, 'rule' | 'what' | 'fix'>): Target[] => {
      context.findings.add({...problem, host, ...(at && {at})})
      return []
    }
    const spec = jumpHost(text)
    if (spec === undefined) return refuse(notAJump(text))
    if (way.includes(spec.host))
      return refuse({
        rule: 'jump-host',
        what: `the way to ${host} leads through itself: ${[...way, spec.host].join(', ')}`,
      })
    const own = variable === undefined ? undefined : context.valuesOf(spec.host)
    const next: Question =
      own === undefined
        ? {host: spec.host, values: viaValues(values), user: undefined, behind: way, hop: spec}
        : {
            host: spec.host,
            values: spec.port === undefined ? own : {...own, ansible_port: spec.port},
            user: spec.user,
            behind: way,
          }
    const {jumps = [], ...target} = resolve(next, context)
    // As with ssh's -J: only the first hop is reached by the way of its own.
    return index === 0 ? [...jumps, target] : [target]
  })
}

/** Of the variables of a host, those that hold for jump hosts that the inventory does not know. */
const viaValues = (values: Values): Values =>
  Object.fromEntries(
    [
      'ansible_ssh_private_key_file',
      'ansible_ssh_private_key_passphrase',
      'ansible_ssh_timeout',
      'ansible_ssh_executable',
    ]
      .concat(['gatewright_known_hosts', 'gatewright_accept_new', 'gatewright_ssh_config', 'gatewright_transport'])
      .filter(name => values[name] !== undefined)
      .map(name => [name, values[name]]),
  )

const becomeOf = (values: Values, access: AccessOptions): BecomeMethod | undefined => {
  const password = values['ansible_become_password'] ?? access.becomePassword
  const flags = becomeFlags(values['ansible_become_flags'])
  const become = {
    ...(values['ansible_become_method'] !== undefined && {method: values['ansible_become_method']}),
    ...(password !== undefined && {password: String(password)}),
    ...(values['ansible_become_exe'] !== undefined && {executable: String(values['ansible_become_exe'])}),
    ...(flags.length > 0 && {flags}),
  }
  return Object.keys(become).length > 0 ? become : undefined
}

/** Ansible writes `-H -S -n`: how sudo asks is settled here. */
const becomeFlags = (text: string | undefined): string[] =>
  text === undefined
    ? []
    : split(text).flatMap(word => {
        const kept = /^-[A-Za-z]+$/.test(word) ? word.replace(/[Sn]/g, '') : word
        return kept === '-' && word !== '-' ? [] : [kept]
      })
