import {$, type Fact} from 'gatewright'

/** Whether the kernel has WireGuard: loaded, built in, or a module that modprobe(8) would find. */
export const kernelHasWireguard: Fact<boolean> = {
  name: 'kernel has wireguard',
  command: $`[ -e /sys/module/wireguard ] || modprobe --dry-run --quiet wireguard 2>/dev/null`,
  parse: ({code}) => code === 0,
}
