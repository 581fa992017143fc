/** A seeded generator of numbers in [0, 1): mulberry32, so that a seed names one state for good. */
export const random = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

export type Mutation = {readonly name: string; readonly script: string}

const conf = '/etc/keepalived/keepalived.conf'
const dropIns = '/etc/systemd/system/keepalived.service.d'

/** What hands, crashes and other tools leave on a gateway. Each works on a fresh and on a provisioned host. */
export const mutations: readonly Mutation[] = [
  {name: 'package removed', script: 'apt-get remove -y keepalived'},
  {name: 'package purged', script: 'apt-get purge -y keepalived'},
  {
    name: 'package unpacked, not configured',
    script:
      'cd /root && apt-get remove -y keepalived; apt-get install -y --download-only --no-install-recommends keepalived; dpkg --unpack $(find / -xdev -name "keepalived_*.deb" | head -n 1)',
  },
  {name: 'package installed by hand', script: 'apt-get install -y --no-install-recommends keepalived'},
  {name: 'configuration readable by all', script: `[ ! -e ${conf} ] || chmod 0644 ${conf}`},
  {name: 'configuration owned by daemon', script: `[ ! -e ${conf} ] || chown daemon:daemon ${conf}`},
  {name: 'configuration edited, not loaded', script: `mkdir -p /etc/keepalived; echo '# a hand was here' >> ${conf}`},
  {
    name: 'configuration edited and loaded',
    script: `mkdir -p /etc/keepalived; echo '# loaded by hand' >> ${conf}; systemctl reload keepalived || :`,
  },
  {name: 'configuration cut in half', script: `[ ! -e ${conf} ] || truncate -s 100 ${conf}`},
  {name: 'configuration gone', script: `rm -f ${conf}`},
  {
    name: 'configuration is a link',
    script: `mkdir -p /etc/keepalived; rm -f ${conf}; echo '# elsewhere' > /root/k.conf; ln -s /root/k.conf ${conf}`,
  },
  {name: 'configuration touched', script: `[ ! -e ${conf} ] || { sleep 0.1; touch ${conf}; }`},
  {name: 'unit stopped', script: 'systemctl stop keepalived || :'},
  {name: 'unit disabled', script: 'systemctl disable keepalived || :'},
  {name: 'unit masked', script: 'systemctl mask --now keepalived || :'},
  {
    name: 'drop-in of another hand left, not loaded',
    script: `mkdir -p ${dropIns}; printf '[Service]\\nNice=5\\n' > ${dropIns}/zz-left.conf`,
  },
  {
    name: 'our drop-in edited',
    script: `mkdir -p ${dropIns}; printf '[Service]\\nRestart=no\\n' > ${dropIns}/gatewright.conf; systemctl daemon-reload`,
  },
  {name: 'drop-ins gone, not loaded', script: `rm -rf ${dropIns}`},
  {name: 'drop-in folder closed', script: `mkdir -p ${dropIns}; chmod 0700 ${dropIns}`},
  {name: 'sysctl set back', script: 'sysctl -w net.ipv4.conf.all.arp_ignore=0'},
  {name: 'sysctl file gone', script: 'rm -f /etc/sysctl.d/*gatewright*arp_announce*'},
  {
    name: 'sysctl file edited',
    script: 'for f in /etc/sysctl.d/*gatewright*arp_ignore*; do [ ! -e "$f" ] || echo "# x" > "$f"; done',
  },
  {name: 'daemon killed', script: 'kill -KILL $(pidof keepalived) 2>/dev/null || :'},
  {
    name: "another tool's policy-rc.d",
    script: "printf '#!/bin/sh\\nexit 104\\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d",
  },
]

export type PartialState = {readonly seed: number; readonly fresh: boolean; readonly applied: readonly Mutation[]}

/** The state that a seed stands for: a fresh or a provisioned host and two to four mutations in the seed's order. */
export const partialState = (seed: number): PartialState => {
  const next = random(seed)
  const count = 2 + Math.floor(next() * 3)
  const shuffled = mutations.map(mutation => ({mutation, order: next()})).toSorted((a, b) => a.order - b.order)
  return {seed, fresh: next() < 0.25, applied: shuffled.slice(0, count).map(({mutation}) => mutation)}
}
