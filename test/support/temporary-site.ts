import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {root} from './gatewright.ts'

export type TemporarySite = {
  readonly directory: string
  readonly inventory: string
  playbook(text: string): Promise<string>
  remove(): Promise<void>
}

/**
 * An inventory of one lab host, reached through any port of 127.0.0.1 with the host's key pinned, and a place for
 * playbooks. `lines` are further variables of the host.
 */
export const temporarySite = async (
  host: string,
  port: number,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<TemporarySite> => {
  const directory = await mkdtemp(join(tmpdir(), 'gatewright-test-'))
  const hostKey = (await readFile(join(root, '.lab/host-keys', host, 'ssh_host_ed25519_key.pub'), 'utf8')).trim()
  const inventory = join(directory, 'hosts.yml')
  const all = {
    ansible_host: '127.0.0.1',
    ansible_port: port,
    ansible_user: 'operator',
    ansible_ssh_private_key_file: join(root, '.lab/id_ed25519'),
    gatewright_host_key: hostKey.split(' ').slice(0, 2).join(' '),
    ...variables,
  }
  await writeFile(inventory, JSON.stringify({all: {hosts: {[host]: all}}}, null, 1))
  let count = 0
  return {
    directory,
    inventory,
    async playbook(text) {
      const file = join(directory, `playbook-${++count}.yml`)
      await writeFile(file, text)
      return file
    },
    remove: () => rm(directory, {recursive: true}),
  }
}
