/** A key of sysctl(8) taken apart. */
export type SysctlKey = {
  /** Below /proc/sys: `net/ipv4/conf/lan.20/rp_filter`. */
  readonly path: string
  /** The network device that it is about; its key comes and goes with it. */
  readonly device?: string
  /** The kernel module that brings it, when it is one that is not always there. */
  readonly module?: string
}

/**
 * The first separator decides (sysctl.d(5)): after a dot, dots separate and a slash stands for a dot in a name
 * (`net.ipv4.conf.lan/20.rp_filter`); after a slash, slashes separate and dots are dots.
 */
export const parseKey = (key: string): SysctlKey => {
  const dotted = key.search(/[./]/) === key.indexOf('.')
  const path = dotted ? key.replaceAll(/[./]/g, mark => (mark === '.' ? '/' : '.')) : key
  const device = /^net\/(?:ipv4|ipv6)\/(?:conf|neigh)\/([^/]+)\//.exec(path)?.[1]
  const module = modules.find(([prefix]) => path.startsWith(prefix))?.[1]
  return {
    path,
    ...(device !== undefined && device !== 'all' && device !== 'default' && {device}),
    ...(module !== undefined && {module}),
  }
}

const modules: readonly [prefix: string, module: string][] = [
  ['net/netfilter/nf_conntrack', 'nf_conntrack'],
  ['net/nf_conntrack_max', 'nf_conntrack'],
  ['net/bridge/', 'br_netfilter'],
]

/**
 * The file that keeps it over a reboot. Forwarding comes first: setting it resets other keys of all devices (the kernel's
 * ip-sysctl documentation, ip_forward).
 */
export const persistentFile = (key: string): string => {
  const {path} = parseKey(key)
  const order =
    path === 'net/ipv4/ip_forward' || /^net\/ipv6\/conf\/(all|default)\/forwarding$/.test(path) ? '89' : '90'
  return `/etc/sysctl.d/${order}-gatewright-${path.replaceAll('/', '-')}.conf`
}

/** With slashes, the one form without ambiguity, where a device has a dot in its name. */
export const persistentLine = (key: string, value: string): string => {
  const {path} = parseKey(key)
  return `${path.includes('.') ? path : path.replaceAll('/', '.')} = ${value}\n`
}
