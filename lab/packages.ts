import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {checkout} from './names.ts'

/** What every lab host has before any role comes: a small Debian server, and no Python. */
export const basePackages = words(`
  systemd systemd-sysv dbus openssh-server sudo ca-certificates less netbase kmod iproute2 iputils-ping
  iputils-arping procps nftables tcpdump
`)

/**
 * Held ready besides what the roles name: for upstream, for measurements, and for trying things by hand. Also what roles
 * are likely to name soon, as each new name costs a build of the image.
 */
const extraPackages = words(`
  keepalived conntrackd conntrack frr frr-pythontools wireguard-tools wireguard-go openvpn chrony fping
  iperf3 prometheus-node-exporter rsyslog auditd socat curl openssl prometheus prometheus-alertmanager
  prometheus-blackbox-exporter unattended-upgrades needrestart libpam-pwquality apparmor apparmor-utils
  openresolv ethtool traceroute logrotate easy-rsa lsm zabbix-agent2 prometheus-frr-exporter
  prometheus-node-exporter-collectors hping3
`)

/**
 * Packages that the hosts' local apt repository offers: those of all roles, the lab's own, and the topology's. A role
 * that cannot be loaded (somebody is just writing it) is named in the log and left out, it does not stop the lab.
 */
export async function repositoryPackages(
  ofTopology: readonly string[],
  log: (line: string) => void,
): Promise<string[]> {
  const wanted = new Set([...extraPackages, ...ofTopology, ...(await rolePackages(log))])
  // What every host has already is no reason for another image.
  for (const name of basePackages) wanted.delete(name)
  return [...wanted].toSorted()
}

/** What roles install by themselves. */
export async function rolePackages(log: (line: string) => void): Promise<string[]> {
  await registerResolver()
  const directory = join(checkout, 'roles')
  if (!existsSync(directory)) return []
  const packages: string[] = []
  for (const name of readdirSync(directory).toSorted()) {
    const file = ['role.ts', 'role.js'].map(base => join(directory, name, base)).find(path => existsSync(path))
    if (file) packages.push(...(await packagesOf(name, file, log)))
  }
  return packages
}

async function packagesOf(name: string, file: string, log: (line: string) => void): Promise<readonly string[]> {
  try {
    const module: {default?: {packages?: readonly string[]}} = await import(pathToFileURL(file).href)
    return module.default?.packages ?? []
  } catch (error) {
    log(`the role ${name} cannot be loaded, so its packages are left out of the image: ${String(error)}`)
    return []
  }
}

/** Roles import from 'gatewright', a name that only the engine's resolver knows. */
async function registerResolver(): Promise<void> {
  const file = ['resolve.ts', 'resolve.js'].map(base => join(checkout, 'src', base)).find(path => existsSync(path))
  if (file) await import(pathToFileURL(file).href)
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}
