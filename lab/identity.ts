import {chmodSync, chownSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {identityDirectory} from './disk.ts'
import {hostKey, operatorKey} from './keys.ts'
import {machineId} from './names.ts'
import {frrDaemons, providersConf} from './providers.ts'
import {managementAddress, type Topology} from './topology.ts'

// useradd in image/build.sh; 37 is Debian's group operator.
const operator = {uid: 1000, gid: 37}

/** Writes the layer that tells one host from the others: name, machine id, host key, and who may log in. */
export function writeIdentity(topology: Topology, host: string): void {
  const root = identityDirectory(topology, host)
  rmSync(root, {recursive: true, force: true})
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), {recursive: true})
    writeFileSync(join(root, path), text)
  }
  put('etc/hostname', `${host}\n`)
  put('etc/machine-id', `${machineId(topology, host)}\n`)
  put('etc/hosts', hostsFile(topology, host))
  if (topology.hosts[host]?.bgp) {
    put('etc/frr/frr.conf', providersConf(topology, host))
    put('etc/frr/daemons', frrDaemons)
    mkdirSync(join(root, 'etc/systemd/system/multi-user.target.wants'), {recursive: true})
    symlinkSync('/lib/systemd/system/frr.service', join(root, 'etc/systemd/system/multi-user.target.wants/frr.service'))
  }
  for (const suffix of ['', '.pub']) {
    put(`etc/ssh/ssh_host_ed25519_key${suffix}`, '')
    copyFileSync(`${hostKey(host)}${suffix}`, join(root, `etc/ssh/ssh_host_ed25519_key${suffix}`))
  }
  chmodSync(join(root, 'etc/ssh/ssh_host_ed25519_key'), 0o600)
  for (const [home, mode] of [
    ['root', 0o700],
    ['home/operator', 0o700],
  ] as const) {
    put(`${home}/.ssh/authorized_keys`, '')
    copyFileSync(`${operatorKey}.pub`, join(root, home, '.ssh/authorized_keys'))
    for (const directory of [home, `${home}/.ssh`]) chmodSync(join(root, directory), mode)
  }
  // sudo would write it at the first login, and every check that nothing was written would find it.
  put('home/operator/.sudo_as_admin_successful', '')
  for (const path of [
    'home/operator',
    'home/operator/.ssh',
    'home/operator/.ssh/authorized_keys',
    'home/operator/.sudo_as_admin_successful',
  ])
    chownSync(join(root, path), operator.uid, operator.gid)
}

/** All names resolve without DNS, which a lab host does not have. */
function hostsFile(topology: Topology, self: string): string {
  const peers = Object.keys(topology.hosts).filter(host => host !== self)
  const others = peers.map(host => `${managementAddress(topology, host)}\t${host}`)
  return `127.0.0.1\tlocalhost\n127.0.1.1\t${self}\n::1\tlocalhost ip6-localhost ip6-loopback\n${others.join('\n')}\n`
}
