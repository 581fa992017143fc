import {$} from '../shell/command.ts'
import type {Fact} from './fact.ts'
import {linesOf} from './lines.ts'

/** What Ansible's names of facts are made of, and our own facts do not tell: section -> its lines. */
export type AnsibleSources = Readonly<Record<string, readonly string[]>>

/** Read where Ansible's setup module reads it. Nothing of it asks a name server or changes with the time. */
export const ansibleSources: Fact<AnsibleSources> = {
  name: 'ansible',
  command: $`
s() { printf '\\036%s\\n' "$1"; }
s uname; uname -s; uname -r; uname -v; uname -m; uname -n
s bits; getconf LONG_BIT 2>/dev/null
s debian; cat /etc/debian_version 2>/dev/null
s os; cat /etc/os-release 2>/dev/null || cat /usr/lib/os-release 2>/dev/null
s names; n=$(uname -n); a=$(getent -s hosts:files ahosts "$n" 2>/dev/null | sed -n '1s/ .*//p'); [ -n "$a" ] && getent -s hosts:files hosts "$a"
s four; ip -4 route get 8.8.8.8 2>/dev/null | head -n 1
s six; ip -6 route get 2404:6800:400a:800::1012 2>/dev/null | head -n 1
s devices; ip -j -d addr show 2>/dev/null
s memory; grep -E '^(MemTotal|SwapTotal):' /proc/meminfo
s processors; grep -E '^(processor|vendor_id|model name|physical id|core id|cpu cores|siblings|Processor|cpu|Vendor)[[:space:]]*:' /proc/cpuinfo
s account; id -un; id -u; id -ru; id -rg; getent passwd "$(id -un)"
s init; cat /proc/1/comm 2>/dev/null
s managed; command -v systemctl >/dev/null && for d in /run/systemd/system/ /dev/.run/systemd/ /dev/.systemd/; do [ -e "$d" ] && echo systemd; done
s offline; readlink /sbin/init; [ -e /etc/init.d/ ] && echo sysvinit
s apt; [ -x /usr/bin/apt-get ] && echo apt
s security; [ -e /sys/kernel/security/apparmor ] && echo apparmor; [ -e /sys/fs/selinux/enforce ] && echo selinux
s fips; cat /proc/sys/crypto/fips_enabled 2>/dev/null
s resolver; cat /etc/resolv.conf 2>/dev/null
s machine-id; cat /var/lib/dbus/machine-id 2>/dev/null || cat /etc/machine-id 2>/dev/null
s mounts; cat /etc/mtab 2>/dev/null || cat /proc/mounts
exit 0`,
  parse(answer) {
    const sections: Record<string, string[]> = {}
    let lines: string[] = []
    for (const line of linesOf('ansible', answer)) {
      if (line.startsWith('\u001e')) sections[line.slice(1)] = lines = []
      else lines.push(line)
    }
    return sections
  },
}
