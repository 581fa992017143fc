import {readFile} from 'node:fs/promises'
import {
  fingerprintOf,
  hostKeyAlgorithms,
  judge,
  type KnownHost,
  keyTypeOf,
  knownName,
  parseKnownHosts,
} from './known-hosts.ts'
import {type Target, TransportError} from './transport.ts'

/** How the key of one host is judged. */
export type HostKeyCheck = {
  readonly algorithms: string[]
  /** undefined: it is the host. */
  refusal(blob: Buffer): TransportError | undefined
}

/** Reads what is known of a host: its pinned key or the known_hosts files. Throws TransportError on an unreadable pin. */
export const hostKeyCheck = async (target: Target): Promise<HostKeyCheck> => {
  const {address, port, hostKey} = target
  const entries = hostKey === undefined ? await readKnownHosts(target.knownHosts) : [pinned(target, hostKey)]
  return {
    algorithms: hostKeyAlgorithms(entries, address, port),
    refusal: blob => refusalOf(target, entries, blob),
  }
}

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

const pinned = ({host, address, port}: Target, line: string): KnownHost => {
  const [type = '', key = ''] = line.trim().split(/\s+/)
  if (key === '' || Buffer.from(key, 'base64').length < 32)
    throw new TransportError('host-key', host, `the pinned host key is no public key: ${line.slice(0, 60)}`)
  return {marker: undefined, names: knownName(address, port).replace(/[*?]/g, ''), type, key, at: 'the inventory'}
}

const refusalOf = (target: Target, entries: readonly KnownHost[], blob: Buffer): TransportError | undefined => {
  const {host, address, port, knownHosts, hostKey} = target
  const verdict = judge(entries, address, port, blob)
  const type = keyTypeOf(blob)
  const shown = `${type} ${fingerprintOf(blob)}`
  const name = knownName(address, port)
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
      const known = verdict.entries.map(entry => `${fingerprintOf(Buffer.from(entry.key, 'base64'))} (${entry.at})`)
      return refuse(
        `the host key of ${name} has changed, or somebody stands in between: expected ${type} ${known.join(' or ')}, got ` +
          `${shown}. If the host was installed anew, ` +
          (hostKey === undefined ? `remove the old line: ssh-keygen -R '${name}'` : 'correct the key in the inventory'),
      )
    }
    case 'unknown': {
      if (hostKey !== undefined)
        return refuse(
          `${name} shows the key ${shown}, but the inventory pins ${verdict.entries[0]?.type ?? 'another type'}`,
        )
      const file = knownHosts.at(0)
      const other =
        verdict.entries.length > 0 ? ` (only ${verdict.entries.map(entry => entry.type).join(', ')} is filed)` : ''
      return refuse(
        `the host key of ${name} is not known${other}: ${shown}, looked for in ${knownHosts.join(', ') || 'no file'}. ` +
          'Compare it with `ssh-keygen -lf /etc/ssh/ssh_host_' +
          `${type.replace(/^ssh-|-sha2.*$/g, '')}_key.pub\` on the host's console, then accept it: ` +
          `echo '${name} ${type} ${blob.toString('base64')}' >> ${file ?? '~/.ssh/known_hosts'}`,
      )
    }
  }
}
