import {filedAs} from './host-key.ts'
import {knownName} from './known-hosts.ts'
import type {Target} from './transport.ts'

/** The files of one master, in a short private directory: the path of a socket may have some 100 bytes only. */
export type MasterFiles = {readonly socket: string; readonly pins: string}

/** Lines of a known_hosts file for pinned keys. */
export const pinnedLines = (target: Target): string => {
  const name = knownName(...filedAs(target))
  return (target.hostKeys ?? []).map(key => `${name} ${key}\n`).join('')
}

export type MasterOptions = MasterFiles & {
  /** Whether it may ask for passwords and passphrases. */
  readonly mayAsk: boolean
  /** Whether new host keys are filed under hashed names. */
  readonly hashed: boolean
  /** Command whose input and output are the connection, for hosts behind a jump host. */
  readonly proxyCommand: string | undefined
}

/** The words that start a master. ssh takes the first value that it sees for an option, so what must hold comes first. */
export const masterArguments = (target: Target, options: MasterOptions): string[] => {
  const {address, port, user, keyFiles, knownHosts, hostKeys, openssh = {}} = target
  const interval = Math.max(1, Math.round(target.keepaliveMs / 3000))
  const settings: Record<string, string | number | undefined> = {
    ControlPersist: 'no',
    // Its lines say how far the connection came, and which key the host has shown.
    LogLevel: 'DEBUG1',
    BatchMode: options.mayAsk ? 'no' : 'yes',
    NumberOfPasswordPrompts: 1,
    StrictHostKeyChecking: target.acceptNew ? 'accept-new' : 'yes',
    HashKnownHosts: options.hashed ? 'yes' : 'no',
    UpdateHostKeys: 'no',
    ConnectTimeout: Math.max(1, Math.ceil(target.connectTimeoutMs / 1000)),
    ServerAliveInterval: interval,
    ServerAliveCountMax: 2,
    ClearAllForwardings: 'yes',
    UserKnownHostsFile: files(hostKeys === undefined ? knownHosts : [options.pins]),
    GlobalKnownHostsFile: 'none',
    HostKeyAlias: target.keyAlias,
    HostName: openssh.name === undefined ? undefined : address,
    Port: port,
    User: user,
    IdentitiesOnly: target.identitiesOnly ? 'yes' : undefined,
    IdentityAgent: target.agent,
    ProxyCommand: options.proxyCommand,
  }
  return [
    ...(openssh.config === undefined ? [] : ['-F', openssh.config]),
    '-N',
    '-M',
    '-S',
    options.socket,
    ...Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : ['-o', `${name}=${value}`])),
    ...keyFiles.flatMap(file => ['-o', `IdentityFile=${word(file)}`]),
    ...(openssh.arguments ?? []),
    '--',
    openssh.name ?? address,
  ]
}

/** The words that run `rest` over a master; never over a connection of their own. */
export const overMaster = (socket: string, rest: readonly string[]): string[] => [
  '-F',
  'none',
  '-S',
  socket,
  ...['ControlMaster=no', 'ProxyCommand=false', 'LogLevel=ERROR', 'BatchMode=yes'].flatMap(option => ['-o', option]),
  ...rest,
]

/** The command of the shell that connects to `%h` and `%p` through a master. */
export const proxyThrough = (executable: string, socket: string): string =>
  [executable, ...overMaster(socket, ['-W', '[%h]:%p', '--', 'hop'])].map(shellWord).join(' ')

const files = (paths: readonly string[]): string => (paths.length === 0 ? 'none' : paths.map(word).join(' '))
/** Paths may hold spaces, and percent signs that are none of ssh's tokens. */
const word = (path: string): string => `"${path.replaceAll('%', '%%')}"`
const shellWord = (text: string): string =>
  /^[\w/.\-:=%[\]]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
