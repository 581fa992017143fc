import {readKeyFile} from './key-files.ts'
import {askAgent} from './ssh-agent.ts'
import type {Target} from './transport.ts'

/** Key files that are named, encrypted, in no agent, and come without a passphrase. */
export const lockedKeys = async (targets: readonly Target[]): Promise<readonly string[]> => {
  const all = targets.flatMap(target => [target, ...(target.jumps ?? [])]).filter(each => each.transport !== 'local')
  if (all.every(({keyFiles}) => keyFiles.length === 0)) return []
  const {default: ssh2} = await import('ssh2')
  const locked = new Set<string>()
  for (const {keyFiles, passphrase, agent = process.env['SSH_AUTH_SOCK'] ?? 'none'} of all)
    for (const file of passphrase === undefined ? keyFiles : []) {
      const {isEncrypted, publicBlob} = await readKeyFile(file, undefined, ssh2.utils.parseKey)
      if (!isEncrypted || locked.has(file)) continue
      const held = agent === 'none' || agent === '' ? [] : (await askAgent(agent, ssh2)).keys
      if (!publicBlob || !held.some(key => key.getPublicSSH().equals(publicBlob))) locked.add(file)
    }
  return [...locked]
}
