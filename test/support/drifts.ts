/** Something that a hand, a crash or another tool does to a gateway, and what an audit has to say of it. */
export type Drift = {
  readonly name: string
  /** Run as root on gw1. */
  readonly script: string
  /** Controls that fail there; `gw2: ID` on the other gateway. All others do not. */
  readonly fails: readonly string[]
  /** Where `gatewright play` cannot mend it: what a person does. */
  readonly undo?: string
}

const edit = (file: string, line: string): string => `echo '${line}' >> ${file}`
const set = (key: string, value: string): string => `sysctl -qw ${key}=${value}`
/** Something that listens, by what every Debian has. */
const listen = (address: string): string =>
  `systemd-run -q --unit=stranger systemd-socket-activate -l ${address} /bin/cat; until ss -Hlnt | grep -q '${address.replace(/.*:/, '')} '; do sleep 0.1; done`
const stop = 'systemctl stop stranger; systemctl reset-failed stranger 2>/dev/null || :'

export const drifts: readonly Drift[] = [
  {name: 'a file that everybody may write', script: 'chmod 0666 /etc/group', fails: ['file-permissions']},
  {
    name: 'rules flushed by hand',
    script: 'nft flush chain inet gatewright_filter spoofed',
    fails: ['packet-filter', 'same-rules', 'gw2: same-rules'],
  },
  {name: 'an extra listener', script: listen('0.0.0.0:4444'), fails: ['listeners'], undo: stop},
  {
    name: 'a log shortened',
    script:
      'journalctl -q --rotate; mkdir /root/kept-journal; mv /var/log/journal/*/*@*.journal /root/kept-journal/; sleep 1',
    fails: ['log-history'],
    undo: 'mv /root/kept-journal/* /var/log/journal/*/; rmdir /root/kept-journal',
  },
  {
    name: 'a daemon that runs with an older configuration',
    script:
      'cp -p /etc/chrony/chrony.conf /root/kept-chrony; echo "# by hand" >> /etc/chrony/chrony.conf; systemctl restart chrony; sleep 1.5; cat /root/kept-chrony > /etc/chrony/chrony.conf; rm /root/kept-chrony; until chronyc -c tracking | grep -q Normal; do sleep 0.5; done',
    fails: ['running-configuration'],
  },
  {
    name: 'a route added by hand',
    script: 'ip route add 198.18.0.0/15 via 10.10.254.1',
    fails: ['routes'],
    undo: 'ip route del 198.18.0.0/15',
  },
  {
    name: 'a table of rules of somebody else',
    script: 'nft add table inet stranger',
    fails: ['foreign-rules'],
    undo: 'nft delete table inet stranger',
  },
  {name: 'translation flushed', script: 'nft flush table inet gatewright_nat', fails: ['translation']},
  {name: 'rules that are not loaded at boot', script: 'systemctl -q disable gatewright-nft', fails: ['packet-filter']},
  {
    name: 'SSH answered on the LAN',
    script: listen('10.10.0.2:22'),
    fails: ['management-plane'],
    undo: stop,
  },
  {
    name: 'passwords let in by a file that is read first',
    script: edit('/etc/ssh/sshd_config.d/00-a.conf', 'PasswordAuthentication yes'),
    fails: ['sshd'],
    undo: 'rm /etc/ssh/sshd_config.d/00-a.conf',
  },
  {
    name: 'the configuration of sshd edited',
    script: edit('/etc/ssh/sshd_config.d/00-gatewright.conf', '# x'),
    fails: ['sshd'],
  },
  {
    name: 'a second root',
    script: edit('/etc/passwd', 'toor:x:0:0::/root:/bin/sh'),
    fails: ['accounts'],
    undo: "sed -i '/^toor:/d' /etc/passwd",
  },
  {
    name: 'an account without a password',
    script: edit('/etc/shadow', 'guest::19000:0:99999:7:::'),
    fails: ['accounts'],
    undo: "sed -i '/^guest:/d' /etc/shadow",
  },
  {name: 'redirects believed', script: set('net.ipv4.conf.all.accept_redirects', '1'), fails: ['kernel-network']},
  {name: 'no SYN cookies', script: set('net.ipv4.tcp_syncookies', '0'), fails: ['kernel-network']},
  {name: 'a strict reverse path', script: set('net.ipv4.conf.wan-a.rp_filter', '1'), fails: ['forwarding']},
  {name: 'ARP answered everywhere', script: set('net.ipv4.conf.all.arp_ignore', '0'), fails: ['arp']},
  {name: 'no clock daemon', script: 'systemctl stop chrony', fails: ['time']},
  {
    name: 'the journal kept for less',
    script: 'rm /etc/systemd/journald.conf.d/50-gatewright.conf',
    fails: ['log-settings'],
  },
  {
    name: 'updates of everything',
    script: 'rm /etc/apt/apt.conf.d/52gatewright-unattended-upgrades',
    fails: ['updates'],
  },
  {name: 'modules let in again', script: 'rm /etc/modprobe.d/gatewright-hardening.conf', fails: ['needless-services']},
  {
    name: 'a file of configuration that everybody may write',
    script: 'touch /etc/stranger.conf; chmod 0666 /etc/stranger.conf',
    fails: ['file-permissions'],
    undo: 'rm /etc/stranger.conf',
  },
  {name: 'keepalived.conf edited', script: edit('/etc/keepalived/keepalived.conf', '# x'), fails: ['vrrp']},
  {name: 'frr.conf edited', script: edit('/etc/frr/frr.conf', '! x'), fails: ['bgp']},
  {
    name: 'announcements not started at boot',
    script: 'systemctl -q disable gatewright-bgp-announce',
    fails: ['bgp-announcements'],
  },
  {name: 'the tracker of uplinks closed', script: 'chmod 0600 /etc/gatewright/mwan/tracker', fails: ['uplinks']},
  {name: 'conntrackd.conf edited', script: edit('/etc/conntrackd/conntrackd.conf', '# x'), fails: ['state-sync']},
  {
    name: 'an exception that nobody has recorded',
    script: edit('/etc/gatewright/hardening/exceptions.json', ' '),
    fails: ['everything-else'],
  },
]
