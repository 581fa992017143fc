import {$} from '../shell/command.ts'
import type {Fact} from './fact.ts'
import {assignmentsOf, linesOf} from './lines.ts'

/** os-release(5): `debian`, `12`, `bookworm`. */
export const os: Fact<{readonly id: string; readonly version: string; readonly codename: string}> = {
  name: 'os',
  command: $`cat /etc/os-release 2>/dev/null || cat /usr/lib/os-release`,
  parse(answer) {
    const read = assignmentsOf('os', answer)
    return {
      id: read.get('ID') ?? 'linux',
      version: read.get('VERSION_ID') ?? '',
      codename: read.get('VERSION_CODENAME') ?? '',
    }
  },
}

/** uname(1): `6.1.0-37-amd64`, `x86_64`. */
export const kernel: Fact<{readonly release: string; readonly machine: string}> = {
  name: 'kernel',
  command: $`uname -r && uname -m`,
  parse(answer) {
    const [release = '', machine = ''] = linesOf('kernel', answer)
    return {release, machine}
  },
}

export const hostname: Fact<string> = {
  name: 'hostname',
  command: $`uname -n`,
  parse: answer => linesOf('hostname', answer)[0] ?? '',
}

/** Another one after every boot. */
export const bootId: Fact<string> = {
  name: 'boot id',
  command: $`cat /proc/sys/kernel/random/boot_id`,
  parse: answer => linesOf('boot id', answer)[0] ?? '',
}

/** systemd-detect-virt(1): `none`, `kvm`, `systemd-nspawn`; undefined where it is not installed. */
export const virtualisation: Fact<{readonly type: string | undefined; readonly container: boolean}> = {
  name: 'virtualisation',
  command: $`command -v systemd-detect-virt >/dev/null || exit 0; systemd-detect-virt; systemd-detect-virt -q --container && echo container; exit 0`,
  parse(answer) {
    const [type, container] = linesOf('virtualisation', answer)
    return {type, container: container !== undefined}
  },
}
