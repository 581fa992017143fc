import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Topology} from '../../lab/index.ts'
import {type Finished, gatewright, root, start} from './gatewright.ts'
import {inventory, onHost} from './site.ts'

/** Keys in the vault and variables that look them up, as a site has them; the hosts are those of the standard lab. */
export type WireguardSite = {
  /** Makes a key, or what the flags say, and gives back what `NAME.pub` holds. */
  key(name: string, ...flags: string[]): Promise<string>
  /** The expression that looks a private key or secret up. */
  lookup(file: string): string
  /** Variables of a host or group, instead of those that it had. */
  vars(place: 'gw1' | 'gw2' | 'gateways', values: Readonly<Record<string, unknown>>): Promise<void>
  play(playbook: 'site' | 'pair', ...args: string[]): Promise<Finished>
  task(hosts: string, name: string, ...args: string[]): Promise<Finished>
  /** The text of a private key, for what is configured by hand and for looking where it should not be. */
  reveal(file: string): Promise<string>
  remove(): Promise<void>
}

const project = join(root, 'test/fixtures/wireguard')

export const wireguardSite = async (): Promise<WireguardSite> => {
  const directory = await mkdtemp(join(tmpdir(), 'gatewright-wireguard-'))
  const password = join(directory, 'password')
  await writeFile(password, 'the password of the vault\n')
  await writeFile(join(directory, 'hosts.yml'), 'all: {children: {gateways: {hosts: {gw1: {}, gw2: {}}}}}\n')
  const pki = join(directory, 'pki')
  const vault = ['--vault-password-file', password]
  const common = ['-i', inventory, '-i', join(directory, 'hosts.yml'), '--json', ...vault]
  const ok = async (...args: string[]): Promise<Finished> => {
    const done = await gatewright(...args)
    if (done.code !== 0) throw new Error(`gatewright ${args.join(' ')} ended with ${done.code}: ${done.stderr}`)
    return done
  }
  return {
    async key(name, ...flags) {
      await ok('pki', 'wireguard-key', name, '--directory', pki, ...vault, ...flags)
      const file = `${name}${flags.includes('--next') ? '.next' : ''}.pub`
      return flags.includes('--psk') ? '' : (await readFile(join(pki, 'wireguard', file), 'utf8')).trim()
    },
    lookup: file => `{{ lookup('file', '${join(pki, 'wireguard', file)}') }}`,
    async vars(place, values) {
      const folder = join(directory, place === 'gateways' ? 'group_vars' : 'host_vars')
      await mkdir(folder, {recursive: true})
      await writeFile(join(folder, `${place}.yml`), JSON.stringify(values, null, 1))
    },
    play: (playbook, ...args) => gatewright('play', join(project, 'playbooks', `${playbook}.yml`), ...common, ...args),
    task: (hosts, name, ...args) =>
      start(['task', hosts, name, ...common, '--become', ...args], undefined, project).finished,
    reveal: async file => (await ok('vault', 'view', join(pki, 'wireguard', file), ...vault)).stdout.trim(),
    remove: () => rm(directory, {recursive: true}),
  }
}

/** A device on upstream, which is scenery: made by hand, with wg-quick. */
export const byHand = (lab: Topology, device: string, conf: string): Promise<string> =>
  onHost(
    lab,
    'upstream',
    `umask 077; mkdir -p /etc/wireguard; cat >/etc/wireguard/${device}.conf <<'END'
${conf}END
systemctl restart wg-quick@${device}`,
  )
