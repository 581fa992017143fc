import {readFile} from 'node:fs/promises'
import {fileHostKey} from './file-host-key.ts'
import {
  fingerprintOf,
  hostKeyAlgorithms,
  isNamed,
  judge,
  type KnownHost,
  keyTypeOf,
  knownName,
  parseKnownHosts,
  type Verdict,
} from './known-hosts.ts'
import type {Means} from './means.ts'
import {type Target, TransportError} from './transport.ts'

/** How the key of one host is judged. */
export type HostKeyCheck = {
  readonly algorithms: string[]
  /** undefined: it is the host. */
  judge(blob: Buffer): Promise<TransportError | undefined>
}

/** Reads what is known of a host: its pinned keys or the known_hosts files. Throws TransportError on an unreadable pin. */
export const hostKeyCheck = async (target: Target, note: Means['note']): Promise<HostKeyCheck> => {
  const {knownHosts} = target
  const entries = await trustedKeys(target)
  return {
    algorithms: hostKeyAlgorithms(entries, ...filedAs(target)),
    judge: async blob => {
      const verdict = judge(entries, ...filedAs(target), blob)
      const file = knownHosts[0]
      if (verdict.is !== 'unknown' || verdict.entries.length > 0 || !target.acceptNew || file === undefined)
        return refusalOf(target, verdict, blob)
      const name = knownName(...filedAs(target))
      try {
        await fileHostKey(file, name, blob)
      } catch (error) {
        const reason = `the new host key of ${name} cannot be filed in ${file}: ${(error as Error).message}`
        return new TransportError('host-key', target.host, reason)
      }
      note(`${target.host}: the new host key ${keyTypeOf(blob)} ${fingerprintOf(blob)} of ${name} is filed in ${file}`)
      return undefined
    },
  }
}

/** The keys that are pinned, else those of all hosts in the known_hosts files. */
const trustedKeys = async (target: Target): Promise<KnownHost[]> =>
  target.hostKeys?.map(key => pinned(target, key)) ?? readKnownHosts(target.knownHosts)

/** Fingerprints that are on file for a host, with their places. */
export const filedFingerprints = async (target: Target): Promise<string[]> => {
  const name = knownName(...filedAs(target))
  const own = (await trustedKeys(target)).filter(entry => entry.marker === undefined && isNamed(entry, name))
  return own.map(shownEntry)
}

const shownEntry = ({type, key, at}: KnownHost): string =>
  `${type} ${fingerprintOf(Buffer.from(key, 'base64'))} (${at})`

/** Address and port under which the key of a host is filed. */
export const filedAs = ({address, port, keyAlias}: Target): [address: string, port: number] =>
  keyAlias === undefined ? [address, port] : [keyAlias, 22]

const readKnownHosts = async (files: readonly string[]): Promise<KnownHost[]> => {
  const texts = await Promise.all(
    files.map(async file =>
      parseKnownHosts(
        await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return ''
          throw error
        }),
        file,
      ),
    ),
  )
  return texts.flat()
}

const pinned = (target: Target, line: string): KnownHost => {
  const [type = '', key = ''] = line.trim().split(/\s+/)
  if (key === '' || Buffer.from(key, 'base64').length < 32)
    throw new TransportError('host-key', target.host, `the pinned host key is no public key: ${line.slice(0, 60)}`)
  return {marker: undefined, names: knownName(...filedAs(target)).replace(/[*?]/g, ''), type, key, at: 'the inventory'}
}

const refusalOf = (target: Target, verdict: Verdict, blob: Buffer): TransportError | undefined => {
  const {host, knownHosts, hostKeys} = target
  const type = keyTypeOf(blob)
  const shown = `${type} ${fingerprintOf(blob)}`
  const name = knownName(...filedAs(target))
  const refuse = (message: string) => new TransportError('host-key', host, message)
  switch (verdict.is) {
    case 'known':
      return undefined
    case 'revoked':
      return refuse(`${name} shows the key ${shown}, which is revoked in ${verdict.at}`)
    case 'authority':
      return refuse(
        `${name} is vouched for by a certificate authority only (${verdict.at}), and this transport cannot check host ` +
          `certificates; it shows the key ${shown}: file that key itself`,
      )
    case 'changed': {
      return refuse(
        `the host key of ${name} has changed, or somebody stands in between: expected ${verdict.entries.map(shownEntry).join(' or ')}, got ` +
          `${shown}. If the host was installed anew, ` +
          (hostKeys === undefined
            ? `remove the old line: ssh-keygen -R '${name}'`
            : 'correct the key in the inventory'),
      )
    }
    case 'unknown': {
      if (hostKeys !== undefined)
        return refuse(
          `${name} shows the key ${shown}, but the inventory pins ${verdict.entries.map(({type}) => type).join(', ') || 'another type'}`,
        )
      const file = knownHosts.at(0)
      const other =
        verdict.entries.length > 0 ? ` (only ${verdict.entries.map(entry => entry.type).join(', ')} is filed)` : ''
      return refuse(
        `the host key of ${name} is not known${other}: ${shown}, looked for in ${knownHosts.join(', ') || 'no file'}. ` +
          'Compare it with `ssh-keygen -lf /etc/ssh/ssh_host_' +
          `${type.replace(/^ssh-|-sha2.*$/g, '')}_key.pub\` on the host's console, then accept it with --accept-new, or: ` +
          `echo '${name} ${type} ${blob.toString('base64')}' >> ${file ?? '~/.ssh/known_hosts'}`,
      )
    }
  }
}
