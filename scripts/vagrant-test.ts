// The lab as virtual machines, from nothing: Debian packages, box, `vagrant up` of the Vagrantfile as it is, site.yml, drills,
// and what only a kernel of one's own can do. libvirt and QEMU (without KVM) run in a network namespace; the machine's own
// configuration and network stay as they are. Exits non-zero at the first claim that does not hold. --keep leaves it up.

import {existsSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {ensureDebianPackages, labPrograms} from '../lab/debian-packages.ts'
import {loadTopology} from '../lab/index.ts'
import {messageOf} from '../lab/message-of.ts'
import type {Event} from '../src/events.ts'
import {ensureBox} from './vagrant/box.ts'
import {inside, interrupt, isInterrupted, mustInside} from './vagrant/inside.ts'
import {startLibvirt, stopLibvirt} from './vagrant/libvirt.ts'
import {Phases} from './vagrant/phases.ts'
import {logDirectory, namespace, stateDirectory} from './vagrant/places.ts'

const debianPackages: Readonly<Record<string, string>> = {
  ...labPrograms,
  vagrant: 'vagrant',
  '/usr/share/doc/vagrant-libvirt': 'vagrant-libvirt',
  ruby: 'ruby',
  libvirtd: 'libvirt-daemon',
  '/etc/libvirt/qemu.conf': 'libvirt-daemon-system',
  '/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so': 'libvirt-daemon-driver-qemu',
  virsh: 'libvirt-clients',
  dnsmasq: 'dnsmasq-base',
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
  iptables: 'iptables',
  nft: 'nftables',
  '/usr/share/seabios': 'seabios',
  '/usr/lib/ipxe/qemu': 'ipxe-qemu',
  'mkfs.ext4': 'e2fsprogs',
  extlinux: 'extlinux',
  '/usr/lib/syslinux/modules/bios': 'syslinux-common',
  ssh: 'openssh-client',
}

/** An address beyond the lab, as Debian's mirrors are: the namespace itself has it. */
const beyond = '198.18.0.1'
const scenarios = ['planned-switch', 'lan-cable', 'crash']
const fixtures = 'test/fixtures/vagrant'
const pki = join(stateDirectory, 'pki')
const password = join(stateDirectory, 'vault-password')

const log = (line: string): void => console.log(`   ${line}`)

class ClaimError extends Error {}
const claim = (holds: boolean, what: string): void => {
  if (!holds) throw new ClaimError(what)
}

const gatewright = (
  name: string,
  [command = '', ...rest]: readonly string[],
  show = true,
): Promise<readonly string[]> =>
  mustInside(name, ['sh', 'bin/gatewright', command, '-i', 'inventory/lab', '-e', '@lab/vagrant/slow.yml', ...rest], {
    show,
  })
const withFixtures = ['-i', `${fixtures}/inventory`, '-e', `pki=${pki}`, '--vault-password-file', password]

type Summary = Extract<Event, {event: 'summary'}>

/** That a run, told as events, changed nothing, and that no host was asked for what it cannot have. */
const claimConverged = (what: string, lines: readonly string[]): void => {
  const events = lines.filter(line => line.startsWith('{')).map((line): Event => JSON.parse(line))
  const summary = events.find((event): event is Summary => event.event === 'summary')
  claim(summary !== undefined, `${what}: the run has no summary`)
  for (const {host, counts} of summary?.hosts ?? []) {
    const seen = Object.entries(counts).filter(([, count]) => count > 0)
    log(`${host}: ${seen.map(([verdict, count]) => `${count} ${verdict}`).join(', ')}`)
    for (const [verdict, count] of seen)
      claim(verdict === 'ok' || verdict === 'skipped', `${what}: ${count} ${verdict} on ${host}, expected none`)
  }
}

const installPackages = (): Promise<void> => ensureDebianPackages(debianPackages, log)

const bringUp = async (): Promise<void> => {
  const box = await ensureBox(topology, log)
  await mustInside('box-add', ['vagrant', 'box', 'add', '--name', 'debian/bookworm64', box])
  await mustInside('up', ['vagrant', 'up', '--parallel'])
}

/** What Debian's mirrors are for a gateway: something beyond the lab, behind the providers. */
const reachBeyond = async (): Promise<void> => {
  await mustInside('beyond', ['ip', 'address', 'replace', `${beyond}/32`, 'dev', 'lo'])
  await gatewright('ping-beyond', ['exec', 'gateways', '--', 'ping', '-c', '3', '-W', '10', beyond])
}

const provisionAgain = async (): Promise<void> => {
  const lines = await gatewright('site-again', ['play', 'playbooks/site.yml', '--json'], false)
  claimConverged('a second run', lines)
}

const drill = (scenario: string): Promise<unknown> =>
  gatewright(`drill-${scenario}`, ['drill', '--scenario', scenario, '--report', logDirectory])

const convergeFullKernel = async (): Promise<void> => {
  writeFileSync(password, 'the password of the vault\n')
  for (const key of ['gw1-wg0', 'gw2-wg0', 'upstream-wg1', 'upstream-wg2'])
    await mustInside(
      'keys',
      ['sh', 'bin/gatewright', 'pki', 'wireguard-key', key, '--directory', pki, '--vault-password-file', password],
      {show: false},
    )
  await gatewright('full-kernel', ['play', `${fixtures}/playbooks/full-kernel.yml`, ...withFixtures])
  const again = ['check', `${fixtures}/playbooks/full-kernel.yml`, '--json', ...withFixtures]
  claimConverged('check of what was converged', await gatewright('full-kernel-again', again, false))
}

const verifyFullKernel = (): Promise<unknown> =>
  gatewright('verify', ['play', `${fixtures}/playbooks/verify.yml`, '-v', ...withFixtures])

/** In this order; `--from` leaves out what is before, where an earlier run has left the lab up. */
const steps: readonly {readonly name: string; readonly title: string; readonly run: () => Promise<unknown>}[] = [
  {name: 'packages', title: 'Debian packages of this machine', run: installPackages},
  {name: 'box', title: 'The box', run: () => ensureBox(topology, log)},
  {name: 'libvirt', title: 'libvirt in a network namespace', run: startLibvirt},
  {name: 'up', title: 'vagrant up', run: bringUp},
  {
    name: 'site',
    title: 'playbooks/site.yml on two fresh gateways',
    run: () => gatewright('site', ['play', 'playbooks/site.yml']),
  },
  {name: 'again', title: 'The same again changes nothing', run: provisionAgain},
  {name: 'beyond', title: 'Both gateways reach what is beyond the providers', run: reachBeyond},
  ...scenarios.map(scenario => ({name: scenario, title: `Drill: ${scenario}`, run: () => drill(scenario)})),
  {name: 'kernel', title: 'What containers cannot have: converged', run: convergeFullKernel},
  {name: 'verify', title: 'What containers cannot have: asked of the kernel', run: verifyFullKernel},
]

const cleanUp = async (): Promise<void> => {
  // What is not destroyed by Vagrant is ended with the namespace.
  if (existsSync(stateDirectory))
    await inside('destroy', ['vagrant', 'destroy', '-f'], {isCleaning: true}).catch(error =>
      log(`vagrant destroy: ${messageOf(error)}`),
    )
  await stopLibvirt()
}

const {values} = parseArgs({options: {keep: {type: 'boolean'}, from: {type: 'string'}}})
const first = values.from === undefined ? 0 : steps.findIndex(({name}) => name === values.from)
const topology = loadTopology()
const phases = new Phases()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt)
try {
  if (first < 0) throw new ClaimError(`--from ${values.from}: it is one of ${steps.map(({name}) => name).join(', ')}`)
  if (first === 0) await stopLibvirt()
  for (const {title, run} of steps.slice(first)) {
    if (isInterrupted()) throw new ClaimError('interrupted')
    await phases.run(title, run)
  }
} catch (error) {
  console.error(
    `\nThe test of the Vagrant lab failed: ${error instanceof ClaimError ? error.message : messageOf(error)}`,
  )
  console.error(`What everything said is in ${logDirectory}.`)
  process.exitCode = isInterrupted() ? 130 : 3
} finally {
  if (values.keep) console.log(`\nThe lab is left up: ip netns exec ${namespace} ssh -i .lab/id_ed25519 ... 127.0.0.1`)
  else await phases.run('Everything is removed', cleanUp)
  console.log(`\n${phases.table()}`)
}
