import {ansibleNetwork} from './ansible-network.ts'
import type {AnsibleSources} from './ansible-sources.ts'

type Values = Record<string, unknown>

/** Ansible's names of distributions whose facts were compared with Ansible's own. */
const debianLike: Readonly<Record<string, string>> = {debian: 'Debian', ubuntu: 'Ubuntu'}

const distribution = (os: readonly string[], debianVersion: string | undefined): Values => {
  const read = new Map(
    os.map(line => [
      line.slice(0, line.indexOf('=')),
      line.slice(line.indexOf('=') + 1).replace(/^(["'])(.*)\1$/, '$2'),
    ]),
  )
  const name = debianLike[read.get('ID') ?? '']
  if (name === undefined) return {}
  const version = read.get('VERSION_ID') ?? ''
  const minor = /^\d+\.(\d+)/.exec(debianVersion ?? '')?.[1]
  return {
    distribution: name,
    distribution_version: version,
    distribution_major_version: version.split('.')[0],
    distribution_release: read.get('VERSION_CODENAME') ?? '',
    ...(name === 'Debian' && minor !== undefined && {distribution_minor_version: minor}),
    distribution_file_variety: 'Debian',
    os_family: 'Debian',
  }
}

/** The name that Python's getfqdn() finds in /etc/hosts; where it is not there, a name server would decide. */
const names = (node: string, [line]: readonly string[]): Values => {
  const [, ...known] = line?.trim().split(/\s+/) ?? []
  const fqdn =
    known.length === 0 ? (node.includes('.') ? node : undefined) : (known.find(name => name.includes('.')) ?? node)
  return {
    nodename: node,
    hostname: node.split('.')[0],
    ...(fqdn !== undefined && {fqdn, domain: fqdn.split('.').slice(1).join('.')}),
  }
}

/** As setup counts: sockets by physical id, cores by `cpu cores`, threads by siblings. */
const processors = (lines: readonly string[], machine: string): Values => {
  const sockets = new Map<string, number>()
  const cores = new Map<string, number>()
  const listed: string[] = []
  const count = {processor: 0, vendor_id: 0, 'model name': 0}
  let [socket, core] = ['0', '0']
  let all = 0
  for (const line of lines) {
    const key = line.slice(0, line.indexOf(':')).trim()
    const value = line.slice(line.indexOf(':') + 1).trim()
    if (['model name', 'Processor', 'vendor_id', 'cpu', 'Vendor', 'processor'].includes(key)) {
      listed.push(value)
      all++
      if (key in count) count[key as keyof typeof count]++
    } else if (key === 'physical id') {
      socket = value
      if (!sockets.has(socket)) sockets.set(socket, 1)
    } else if (key === 'core id') {
      core = value
      if (!sockets.has(core)) cores.set(core, 1)
    } else if (key === 'cpu cores') sockets.set(socket, Number(value))
    else if (key === 'siblings') cores.set(core, Number(value))
  }
  if (count.vendor_id > 0 && count.vendor_id === count['model name']) all = count.vendor_id
  if (/^(armv|aarch|ppc)/.test(machine)) all = count.processor
  const [perSocket = 0] = sockets.values()
  const processorCores = perSocket || 1
  const [siblings = 1] = cores.values()
  const threads = Math.floor(siblings / processorCores)
  const processorCount = sockets.size || all
  return {
    processor: listed,
    processor_count: processorCount,
    processor_cores: processorCores,
    processor_threads_per_core: threads,
    processor_vcpus: threads * processorCount * processorCores,
  }
}

const account = ([name, uid, realUid, realGid, line]: readonly string[]): Values => {
  const [, , , gid, gecos, home, shell] = line?.split(':') ?? []
  return {
    user_id: name,
    user_uid: Number(uid),
    effective_user_id: Number(uid),
    real_user_id: Number(realUid),
    real_group_id: Number(realGid),
    ...(line !== undefined && {user_gid: Number(gid), user_gecos: gecos, user_dir: home, user_shell: shell}),
  }
}

const inits: Readonly<Record<string, string>> = {
  procd: 'openwrt_init',
  'runit-init': 'runit',
  svscan: 'svc',
  'openrc-init': 'openrc',
}

const serviceManager = (of: (section: string) => readonly string[]): string => {
  const [first] = of('init')
  if (first !== undefined && first !== 'init' && !first.endsWith('sh')) return inits[first] ?? first
  if (of('managed').includes('systemd')) return 'systemd'
  const offline = of('offline')
  if (offline.some(line => line.split('/').at(-1) === 'systemd')) return 'systemd'
  return offline.includes('sysvinit') ? 'sysvinit' : 'service'
}

const resolver = (lines: readonly string[]): Values => {
  const dns: Record<string, any> = {}
  for (const line of lines) {
    if (/^[#;]/.test(line)) continue
    const [key, ...values] = line.trim().split(/\s+/)
    if (key === 'nameserver') dns['nameservers'] = [...((dns['nameservers'] as string[] | undefined) ?? []), ...values]
    else if (key === 'domain' && values[0] !== undefined) dns['domain'] = values[0]
    else if (key === 'search' || key === 'sortlist') dns[key] = values
    else if (key === 'options')
      dns['options'] = Object.fromEntries(
        values.map(option => [option.split(':')[0], option.split(':').slice(1).join(':') || true]),
      )
  }
  return {dns}
}

const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)))

/** Sizes and options are left out: they change from one run to the next. */
const mounts = (lines: readonly string[]): Values => ({
  mounts: lines
    .map(line => line.split(/\s+/).map(unescaped))
    .filter(([device = '', , fstype]) => (/^[/\\]/.test(device) || device.includes(':/')) && fstype !== 'none')
    .map(([device, mount, fstype]) => ({mount, device, fstype})),
})

const mebibytes = (lines: readonly string[], name: string): number =>
  Math.floor(Number(/(\d+) kB/.exec(lines.find(line => line.startsWith(name)) ?? '')?.[1] ?? 0) / 1024)

/** Facts of a host under Ansible's names. Each is what Ansible's setup module says of the same host, or is not there. */
export const ansibleFacts = (sources: AnsibleSources): Readonly<Record<string, unknown>> => {
  const of = (section: string): readonly string[] => sources[section] ?? []
  const [system = '', release = '', version = '', machine = '', node = ''] = of('uname')
  const bits = of('bits')[0]
  return {
    system,
    kernel: release,
    kernel_version: version,
    machine,
    architecture: machine,
    ...(bits !== undefined && {userspace_bits: bits}),
    ...(machine === 'x86_64' && {userspace_architecture: bits === '32' ? 'i386' : 'x86_64'}),
    ...names(node, of('names')),
    ...distribution(of('os'), of('debian')[0]),
    ...ansibleNetwork(of('devices').join('\n'), of('four')[0], of('six')[0]),
    memtotal_mb: mebibytes(of('memory'), 'MemTotal'),
    swaptotal_mb: mebibytes(of('memory'), 'SwapTotal'),
    ...processors(of('processors'), machine),
    ...account(of('account')),
    service_mgr: serviceManager(of),
    ...(of('apt').length > 0 && {pkg_mgr: 'apt'}),
    apparmor: {status: of('security').includes('apparmor') ? 'enabled' : 'disabled'},
    ...(!of('security').includes('selinux') && {selinux: {status: 'disabled'}}),
    fips: of('fips')[0] === '1',
    ...resolver(of('resolver')),
    ...mounts(of('mounts')),
    ...(of('machine-id')[0] !== undefined && {machine_id: of('machine-id')[0]}),
  }
}
