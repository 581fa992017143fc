/** A kernel parameter of the baseline. `control` is the number in CIS Debian Linux 12 Benchmark 1.1.0, where it has one. */
export type Parameter = {
  readonly key: string
  readonly value: string
  readonly control?: string
  /** What CIS, or this baseline, asks for: equal to `value` unless there is a `reason`. */
  readonly recommended?: string
  readonly reason?: string
}

type Shape = {
  readonly devices: readonly string[]
  /** Devices that do not lead outside. */
  readonly inside: readonly string[]
  readonly uplinks: number
  readonly conntrackMax: number
}

const asCis = (control: string, key: string, value: string): Parameter => ({key, value, control, recommended: value})
const ours = (key: string, value: string): Parameter => ({key, value, recommended: value})
const not = (control: string, key: string, recommended: string, value: string, reason: string): Parameter => ({
  key,
  value,
  control,
  recommended,
  reason,
})

/** Forwarding comes first: setting it resets other keys of all devices (the kernel's ip-sysctl, ip_forward). */
export const parametersOf = (shape: Shape): readonly Parameter[] => [
  not('3.3.1', 'net.ipv4.ip_forward', '0', '1', 'a gateway forwards; the firewall decides what'),
  not('3.3.1', 'net.ipv6.conf.all.forwarding', '0', '1', 'a gateway forwards; the firewall decides what'),
  ...everywhere,
  ...(shape.uplinks > 1 ? ['all', 'default'] : []).map(name =>
    not(
      '3.3.7',
      `net.ipv4.conf.${name}.rp_filter`,
      '1',
      '2',
      `with ${shape.uplinks} uplinks an answer may come back on another one; the firewall refuses inside addresses from outside`,
    ),
  ),
  ...(shape.uplinks > 1 ? [] : ['all', 'default']).map(name => asCis('3.3.7', `net.ipv4.conf.${name}.rp_filter`, '1')),
  ...['all', 'default'].map(name =>
    not(
      '3.3.9',
      `net.ipv4.conf.${name}.log_martians`,
      '1',
      '0',
      'on the outside it is noise without end; it is on for the other links',
    ),
  ),
  ...shape.devices.toSorted().flatMap(device => perDevice(device.replaceAll('.', '/'))),
  ...shape.inside.toSorted().map(device => ours(`net.ipv4.conf.${device.replaceAll('.', '/')}.log_martians`, '1')),
  ours('net.netfilter.nf_conntrack_max', String(shape.conntrackMax)),
  ours('net.netfilter.nf_conntrack_buckets', String(Math.floor(shape.conntrackMax / 4))),
]

const everywhere: readonly Parameter[] = [
  ...['all', 'default'].flatMap(name => [
    asCis('3.3.2', `net.ipv4.conf.${name}.send_redirects`, '0'),
    asCis('3.3.5', `net.ipv4.conf.${name}.accept_redirects`, '0'),
    asCis('3.3.5', `net.ipv6.conf.${name}.accept_redirects`, '0'),
    asCis('3.3.6', `net.ipv4.conf.${name}.secure_redirects`, '0'),
    asCis('3.3.8', `net.ipv4.conf.${name}.accept_source_route`, '0'),
    asCis('3.3.8', `net.ipv6.conf.${name}.accept_source_route`, '0'),
    asCis('3.3.11', `net.ipv6.conf.${name}.accept_ra`, '0'),
  ]),
  asCis('3.3.3', 'net.ipv4.icmp_ignore_bogus_error_responses', '1'),
  asCis('3.3.4', 'net.ipv4.icmp_echo_ignore_broadcasts', '1'),
  asCis('3.3.10', 'net.ipv4.tcp_syncookies', '1'),
  // arp(7): each interface answers for its own addresses only, as two gateways in one segment need.
  ours('net.ipv4.conf.all.arp_ignore', '1'),
  ours('net.ipv4.conf.all.arp_announce', '2'),
  // IPv6 addresses survive a cable that is pulled.
  ours('net.ipv6.conf.all.keep_addr_on_down', '1'),
  ours('net.ipv4.tcp_rfc1337', '1'),
  asCis('1.5.1', 'kernel.randomize_va_space', '2'),
  asCis('1.5.2', 'kernel.yama.ptrace_scope', '1'),
  asCis('1.5.3', 'fs.suid_dumpable', '0'),
  ours('fs.protected_hardlinks', '1'),
  ours('fs.protected_symlinks', '1'),
  ours('fs.protected_fifos', '1'),
  ours('fs.protected_regular', '2'),
  ours('kernel.dmesg_restrict', '1'),
  ours('kernel.kptr_restrict', '1'),
  // A gateway that has oopsed shall fail over and come back, not linger.
  ours('kernel.panic_on_oops', '1'),
  ours('kernel.panic', '10'),
]

/**
 * What `all` does not reach: redirects are sent and heeded when either says so, and IPv6 looks at the device alone
 * (include/linux/inetdevice.h, net/ipv6/ndisc.c).
 */
const perDevice = (device: string): Parameter[] => [
  asCis('3.3.2', `net.ipv4.conf.${device}.send_redirects`, '0'),
  asCis('3.3.6', `net.ipv4.conf.${device}.secure_redirects`, '0'),
  asCis('3.3.5', `net.ipv6.conf.${device}.accept_redirects`, '0'),
  asCis('3.3.11', `net.ipv6.conf.${device}.accept_ra`, '0'),
]
