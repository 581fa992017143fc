import type {Readable} from 'node:stream'
import {filedAs, filedFingerprints} from './host-key.ts'
import {readKeyFile} from './key-files.ts'
import {knownName} from './known-hosts.ts'
import type {Means} from './means.ts'
import {type Target, TransportError, type TransportFault} from './transport.ts'

const mostLines = 200

/** What a master says on stderr. */
export type Words = {
  /** What it says to its user. */
  said(): string
  /** How far the connection came. */
  stage(): string
  /** The key that the host has shown, as `type SHA256:…`. */
  hostKey(): string | undefined
  /** Whether it has filed that key as a new one. */
  hasFiledKey(): boolean
}

export const wordsOf = (stderr: Readable): Words => {
  const lines: string[] = []
  let rest = ''
  const trace: {stage: string; hostKey?: string; filed: boolean} = {stage: 'while connecting', filed: false}
  stderr.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split(/\r?\n/)
    rest = parts.pop() ?? ''
    for (const line of parts) {
      const debug = /^debug\d: (.*)/.exec(line)?.[1]
      if (line.startsWith('Warning: Permanently added')) trace.filed = true
      else if (debug === undefined) lines.push(line)
      else if (/^Connection established|^Executing proxy/.test(debug))
        trace.stage = 'connected, but no complete key exchange'
      else if (/^SSH2_MSG_SERVICE_ACCEPT|^Authentications that can continue/.test(debug))
        trace.stage = 'while logging in'
      else {
        const key = /^Server host key: (\S+ SHA256:\S+)/.exec(debug)?.[1]
        if (key !== undefined) trace.hostKey = key
      }
    }
    lines.splice(0, lines.length - mostLines)
  })
  return {
    said: () =>
      [...lines, rest]
        .filter(line => !/^(|[@\s]*|Authenticated to .*|Transferred: .*|Bytes per second: .*|debug\d: .*)$/.test(line))
        .slice(-6)
        .join(' / '),
    stage: () => trace.stage,
    hostKey: () => trace.hostKey,
    hasFiledKey: () => trace.filed,
  }
}

const causes: readonly [RegExp, TransportFault, code?: string][] = [
  [/Host key verification failed|HOST IDENTIFICATION HAS CHANGED|REVOKED HOST KEY/, 'host-key'],
  [/Permission denied \(|Too many authentication failures/, 'login-refused'],
  [/Connection refused/, 'unreachable', 'ECONNREFUSED'],
  [/Connection reset|Connection closed by (remote|.* port)/, 'unreachable', 'ECONNRESET'],
  [/timed out|Timeout/, 'timeout'],
]

/** Why a master ended before it had logged in. */
export const explainOpenssh = async (
  target: Target,
  words: Words,
  missing: Error | undefined,
): Promise<TransportError> => {
  const {host, address, port, user} = target
  const at = `${host} (${address} port ${port})`
  if (missing !== undefined) {
    const program = target.openssh?.executable ?? 'ssh'
    const message = `the program ${program} cannot be started (${missing.message}): install OpenSSH's client, or use the transport ssh2`
    return new TransportError('unreachable', host, message, {cause: missing})
  }
  const said = words.said()
  const [, fault, code] = causes.find(([pattern]) => pattern.test(said)) ?? [undefined, 'unreachable' as const]
  const cause = Object.assign(new Error(said), code !== undefined && {code})
  const refuse = (message: string) => new TransportError(fault, host, message, {cause})
  if (fault === 'login-refused') {
    const tried = [...target.keyFiles, ...(target.password === undefined ? [] : ['the password'])]
    const named = tried.length > 0 ? ` with ${tried.join(', ')}` : ''
    return refuse(`${at} does not let ${user} log in${named}: ${[said, ...(await keyTroubles(target))].join('; ')}`)
  }
  if (fault === 'host-key') return refuse(await explainHostKey(target, words))
  return refuse(`cannot connect to ${at}: ${said}`)
}

/** What is known to be wrong with the keys that are named. */
const keyTroubles = async ({keyFiles, passphrase}: Target): Promise<string[]> => {
  const {default: ssh2} = await import('ssh2')
  const keys = await Promise.all(keyFiles.map(file => readKeyFile(file, passphrase, ssh2.utils.parseKey)))
  return keys.flatMap(({trouble = [], isEncrypted, isMissing}) => (isEncrypted || isMissing ? trouble : []))
}

const explainHostKey = async (target: Target, words: Words): Promise<string> => {
  const name = knownName(...filedAs(target))
  const key = words.hostKey() ?? 'a key of an unknown kind'
  const said = words.said()
  if (/revoked/i.test(said)) return `${name} shows the key ${key}, which is revoked: ${said}`
  const filed = await filedFingerprints(target)
  if (/has changed/i.test(said))
    return (
      `the host key of ${name} has changed, or somebody stands in between: expected ${filed.join(' or ')}, got ${key}. If ` +
      `the host was installed anew, ` +
      (target.hostKeys ? 'correct the key in the inventory' : `remove the old line: ssh-keygen -R '${name}'`)
    )
  return (
    `the host key of ${name} is not known: ${key}, looked for in ${target.knownHosts.join(', ') || 'no file'}. Compare ` +
    `it on the host's console, then accept it with --accept-new (${said})`
  )
}

/** Says which key a master has filed. */
export const noteNewKey = (target: Target, words: Words, note: Means['note']): void => {
  const key = words.hostKey()
  if (words.hasFiledKey() && key !== undefined)
    note(
      `${target.host}: the new host key ${key} of ${knownName(...filedAs(target))} is filed in ${target.knownHosts[0]}`,
    )
}
