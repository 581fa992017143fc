import {chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {secretsDirectory} from './names.ts'
import {must} from './run.ts'
import type {Topology} from './topology.ts'

/** Private key that opens the accounts operator and root of every lab host. */
export const operatorKey = join(secretsDirectory, 'id_ed25519')
export const knownHostsFile = join(secretsDirectory, 'known_hosts')
export const hostKey = (host: string) => join(secretsDirectory, 'host-keys', host, 'ssh_host_ed25519_key')

/** Makes the operator's and the hosts' keys where they are absent, and lists the hosts in known_hosts by their port. */
export async function makeKeys(topology: Topology): Promise<void> {
  mkdirSync(secretsDirectory, {recursive: true, mode: 0o700})
  await makeKey(operatorKey, 'operator@gatewright-lab')
  for (const host of Object.keys(topology.hosts)) {
    mkdirSync(join(hostKey(host), '..'), {recursive: true, mode: 0o700})
    await makeKey(hostKey(host), `root@${host}`)
  }
  writeKnownHosts(topology)
}

async function makeKey(file: string, comment: string): Promise<void> {
  if (!existsSync(file)) await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file])
  chmodSync(file, 0o600)
}

/** Other labs of this checkout keep their lines: an entry is found by its port. */
function writeKnownHosts(topology: Topology): void {
  const hosts = Object.entries(topology.hosts)
  const ours = new Set(hosts.map(([, {ssh}]) => `[127.0.0.1]:${ssh}`))
  const others = existsSync(knownHostsFile) ? readFileSync(knownHostsFile, 'utf8').split('\n').filter(Boolean) : []
  const lines = [
    ...others.filter(line => !ours.has(line.split(' ')[0] ?? '')),
    ...hosts.map(([host, {ssh}]) => `[127.0.0.1]:${ssh} ${publicKey(hostKey(host))}`),
  ]
  const text = `${lines.join('\n')}\n`
  if (existsSync(knownHostsFile) && readFileSync(knownHostsFile, 'utf8') === text) return
  // Replaced in one go: somebody's ssh may be reading it.
  writeFileSync(`${knownHostsFile}.${process.pid}`, text)
  renameSync(`${knownHostsFile}.${process.pid}`, knownHostsFile)
}

/** Type and base64 of a public key, without its comment. */
function publicKey(file: string): string {
  return readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ').trim()
}
