import type {Fleet} from '../playbook/model.ts'
import type {Connect} from '../transport/transport.ts'
import {askSecret} from './ask-secret.ts'
import type {Io} from './io.ts'

/** How the hosts of a fleet are connected: asks for the passphrases of its keys first, each once. */
export const connectFor = async (fleet: Fleet, io: Io, note: (text: string) => void): Promise<Connect> => {
  if (io.connect) return io.connect
  const {connecting} = await import('../transport/connect.ts')
  const {lockedKeys} = await import('../transport/locked-keys.ts')
  const passphrases = new Map<string, string>()
  const used = new Set(fleet.plays.flatMap(({hosts}) => hosts))
  const targets = [...fleet.hosts.values()].filter(({name}) => used.has(name)).map(({target}) => target)
  if ((io.stdin ?? process.stdin).isTTY)
    for (const file of await lockedKeys(targets)) {
      const passphrase = await askSecret(`Passphrase of the key ${file}: `, io)
      if (passphrase !== '') passphrases.set(file, passphrase)
    }
  return connecting({note, passphrases})
}
