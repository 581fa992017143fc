import {existsSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {must, run} from './run.ts'

const policyFile = '/usr/sbin/policy-rc.d'

/** Debian packages behind the programs (or files) that building and running a lab needs on this machine. */
export const labPrograms: Readonly<Record<string, string>> = {
  'systemd-nspawn': 'systemd-container',
  mmdebstrap: 'mmdebstrap',
  '/usr/share/keyrings/debian-archive-keyring.gpg': 'debian-archive-keyring',
  'apt-ftparchive': 'apt-utils',
  ip: 'iproute2',
  tc: 'iproute2',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  flock: 'util-linux',
  sysctl: 'procps',
  'ssh-keygen': 'openssh-client',
}

/**
 * Installs the packages whose program (a name on PATH, or an absolute file) is missing. Nothing is started by it: this
 * machine is not to become a server of anything.
 * @throws Error with apt's own words
 */
export async function ensureDebianPackages(
  programs: Readonly<Record<string, string>>,
  log: (line: string) => void,
): Promise<void> {
  const missing = [
    ...new Set(Object.entries(programs).flatMap(([program, name]) => (isPresent(program) ? [] : [name]))),
  ]
  if (missing.length === 0) return
  log(`installing ${missing.join(', ')}`)
  const env = {DEBIAN_FRONTEND: 'noninteractive'}
  const install = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...missing]
  await withoutServices(async () => {
    // Package lists may be absent, or so old that the mirror has moved on.
    if ((await run(install, {env})).code === 0) return
    await must(['apt-get', 'update', '-qq'], {env})
    await must(install, {env})
  })
}

function isPresent(program: string): boolean {
  if (program.startsWith('/')) return existsSync(program)
  const directories = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`.split(':')
  return directories.some(directory => directory !== '' && existsSync(`${directory}/${program}`))
}

/** Runs something under a policy that forbids packages to start services; the machine's own policy comes back. */
export async function withoutServices<T>(action: () => Promise<T>): Promise<T> {
  const kept = `${policyFile}.gatewright-lab`
  if (existsSync(policyFile) && !existsSync(kept)) renameSync(policyFile, kept)
  writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', {mode: 0o755})
  try {
    return await action()
  } finally {
    if (existsSync(kept)) renameSync(kept, policyFile)
    else rmSync(policyFile, {force: true})
  }
}
