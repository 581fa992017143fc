import {chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import {ensureDebianPackages} from '../../lab/debian-packages.ts'
import {loadTopology, providersConf} from '../../lab/index.ts'
import {macAddress} from '../../lab/names.ts'
import {must, run} from '../../lab/run.ts'
import {managementAddress} from '../../lab/topology.ts'
import {root} from '../support/gatewright.ts'

const dump = join(root, 'test/fixtures/lab/dump-vagrantfile.rb')
const providers = ['libvirt', 'virtualbox']
const scratch = mkdtempSync(join(tmpdir(), 'gatewright-vagrant-'))

const environmentFor = (provider: string): Record<string, string> => ({
  PATH: `${join(scratch, 'bin')}:${process.env['PATH'] ?? ''}`,
  VAGRANT_HOME: join(scratch, 'home'),
  VAGRANT_DOTFILE_PATH: join(scratch, 'dot'),
  VAGRANT_CHECKPOINT_DISABLE: '1',
  VAGRANT_DEFAULT_PROVIDER: provider,
})

/** `vagrant validate` of the Vagrantfile, after a change of its text. */
const validate = (provider: string, change: (text: string) => string = text => text) => {
  const directory = mkdtempSync(join(scratch, 'checkout-'))
  for (const name of ['lab', 'bin', '.lab']) symlinkSync(join(root, name), join(directory, name))
  writeFileSync(join(directory, 'Vagrantfile'), change(readFileSync(join(root, 'Vagrantfile'), 'utf8')))
  return run(['vagrant', 'validate'], {env: {...environmentFor(provider), VAGRANT_CWD: directory}})
}

interface Machine {
  box: string
  hostname: string
  provider: string
  networks: [string, Record<string, unknown>][]
  environment: Record<string, string>
  files: string[]
}

const daemons = async (): Promise<string[]> =>
  (await run(['ps', '-e', '-o', 'comm='])).stdout.split('\n').filter(name => /^(libvirtd|virtlogd|dnsmasq)/.test(name))
const daemonsBefore = daemons()

test.before('Debian has Vagrant and its libvirt provider; their installation starts nothing', async t => {
  t.timeout(300_000)
  await daemonsBefore
  await ensureDebianPackages(
    {vagrant: 'vagrant', ruby: 'ruby', '/usr/share/doc/vagrant-libvirt': 'vagrant-libvirt'},
    t.log,
  )
  await must(['sh', join(root, 'bin/with-node'), 'lab/main.ts', 'keys'])
  // Debian has no VirtualBox. A VBoxManage that knows its version and no more lets Vagrant check the provider's options.
  mkdirSync(join(scratch, 'bin'))
  writeFileSync(join(scratch, 'bin/VBoxManage'), '#!/bin/sh\n[ "$1" = --version ] && echo 7.0.20r163906\nexit 0\n')
  chmodSync(join(scratch, 'bin/VBoxManage'), 0o755)
})

test.after.always(() => rmSync(scratch, {recursive: true, force: true}))

for (const provider of providers) {
  test.serial(`vagrant validates the Vagrantfile for ${provider}`, async t => {
    const {code, stdout, stderr} = await validate(provider)
    t.is(code, 0, stderr)
    t.regex(stdout, /Vagrantfile validated successfully/)
  })

  test.serial(`an option that ${provider} does not know would be noticed`, async t => {
    const {code, stderr} = await validate(provider, text => text.replaceAll('.memory = 512', '.memoryz = 512'))
    t.not(code, 0)
    t.regex(stderr, /memoryz/)
  })

  test.serial(`the machines for ${provider} are the hosts of the topology file`, async t => {
    const topology = loadTopology()
    const env = environmentFor(provider)
    const machines: Record<string, Machine> = JSON.parse(await must(['ruby', dump, root, provider], {env}))
    t.deepEqual(Object.keys(machines), Object.keys(topology.hosts))
    for (const [name, host] of Object.entries(topology.hosts)) {
      const machine = machines[name]
      if (!machine) throw new Error(`no machine ${name}`)
      t.like(machine, {box: 'debian/bookworm64', hostname: name, provider})
      t.true(
        machine.files.every(file => existsSync(file)),
        'the files that it uploads exist',
      )

      const ports = machine.networks.flatMap(([type, {id, guest, host: here, host_ip: on}]) =>
        type === 'forwarded_port' && id !== 'ssh' ? [`${String(on)}:${String(here)} ${String(guest)}`] : [],
      )
      const every = Object.values(topology.hosts).map(({ssh}) => `127.0.0.1:${ssh} ${ssh}`)
      t.deepEqual(ports, name === 'client' ? every : [], 'SSH of all hosts comes in over one that is no gateway')
      const cards = machine.networks.filter(([type]) => type === 'private_network')
      const links = Object.entries(host.links)
      t.is(cards.length, links.length)
      for (const [index, [link, {segment, addresses}]] of links.entries()) {
        const network = `${topology.name}-${segment}`
        t.like(cards[index]?.[1], {
          ip: addresses[0]?.split('/')[0],
          mac: macAddress(topology, name, link).replaceAll(':', ''),
          virtualbox__intnet: network,
          libvirt__network_name: network,
          libvirt__forward_mode: 'veryisolated',
        })
      }
      const lines = links.map(([link, {addresses}]) => [macAddress(topology, name, link), link, ...addresses].join(' '))
      t.deepEqual(machine.environment, {
        LINKS: lines.join('\n'),
        LOOPBACK: host.loopback.join(' '),
        ROUTES: host.routes.map(({to, via}) => `${to} via ${via}`).join('\n'),
        DOORS:
          name === 'client'
            ? Object.entries(topology.hosts)
                .map(([each, {ssh}]) => `${ssh} ${managementAddress(topology, each)}:22`)
                .join('\n')
            : '',
        FORWARDING: host.forwarding ? '1' : '',
        PACKAGES: host.packages.join(' '),
        PROVIDERS: host.bgp ? `${providersConf(topology, name)}\n` : '',
      })
    }
  })
}

test.serial('no libvirt daemon was started', async t => {
  t.deepEqual(await daemons(), await daemonsBefore)
})
