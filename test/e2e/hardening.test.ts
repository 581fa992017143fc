// The packet filter on real gateways, by real packets: what is let in from a provider's side is what is declared, and nothing
// else; a reload loses no VRRP advertisement; SSH works over management alone.
import {dirname, join} from 'node:path'
import test from 'ava'
import {labExec, type Topology} from '../../lab/index.ts'
import {ber1, ber2, berlinVars, peerOf} from '../../roles/hardening/test/fixtures.ts'
import {contains} from '../../src/addresses.ts'
import type {Flow} from '../../src/offer.ts'
import {load} from '../../src/playbook/load.ts'
import {eventsOf, gatewright, root} from '../support/gatewright.ts'
import {sweep} from '../support/port-sweep.ts'
import {full, inventory, labUp, onHost} from '../support/site.ts'
import '../../src/resolve.ts'

const {default: role} = await import('../../roles/hardening/role.ts')

const site = join(root, 'test/fixtures/hardening/site.yml')
const pair = ['gw1', 'gw2'] as const
const outside = {
  '192.0.2.1': 'wan-a',
  '2001:db8:a::1': 'wan-a',
  '198.51.100.1': 'wan-b',
  '2001:db8:b::1': 'wan-b',
} as const

/** Besides what the roles ask for: a port that is open to all, a range on one uplink only, and one for one family only. */
const extra = JSON.stringify({
  hardening_allow: [
    {protocol: 'tcp', ports: [8443], purpose: 'portal'},
    {protocol: 'udp', ports: ['5000-5009'], link: 'wan-a', purpose: 'voice'},
    {protocol: 'tcp', ports: [8444], from: ['2001:db8::/32'], purpose: 'IPv6 only'},
  ],
})
const play = (...args: string[]) => gatewright('play', site, '-i', inventory, '--json', '-e', extra, ...args)

let lab: Topology
let flows: ReadonlyMap<string, readonly (Omit<Flow, 'offer' | 'port'> & {first: number; last: number})[]>
test.before(async t => {
  t.timeout(600_000)
  lab = await labUp()
  const {offers} = await load({
    playbooks: [site],
    inventories: [inventory],
    projectDirectory: dirname(site),
    extraVars: [extra],
  })
  flows = new Map(
    pair.map(host => [
      host,
      [
        ...(offers.get(host) ?? []).flatMap(offer =>
          offer.offer === 'flow' ? [{...offer, first: offer.port ?? 0, last: offer.port ?? 65_535}] : [],
        ),
        {protocol: 'tcp', first: 8443, last: 8443, from: [], purpose: 'portal'},
        {protocol: 'udp', first: 5000, last: 5009, from: [], link: 'wan-a', purpose: 'voice'},
        {protocol: 'tcp', first: 8444, last: 8444, from: ['2001:db8::/32'], purpose: 'IPv6 only'},
      ],
    ]),
  )
})
test.after.always(async () => {
  for (const host of pair) await labExec(lab, host, 'systemctl stop "sweep-*"; nft delete table inet sweep')
})

/** What the declared flows say of one port, in the words of the flows: nothing of the ruleset is used. */
const isDeclared = (host: string, protocol: string, port: number, from: string, to: string): boolean =>
  (flows.get(host) ?? []).some(
    flow =>
      flow.protocol === protocol &&
      flow.first <= port &&
      port <= flow.last &&
      (flow.link === undefined || flow.link === outside[from as keyof typeof outside]) &&
      (flow.from.length === 0 || flow.from.some(prefix => contains(withLength(prefix), from))) &&
      (!flow.to || flow.to.length === 0 || flow.to.some(prefix => contains(withLength(prefix), to))),
  )
const withLength = (prefix: string): string =>
  prefix.includes('/') ? prefix : `${prefix}/${prefix.includes(':') ? 128 : 32}`

/** Every port; or all declared ones with their neighbours, and 2000 that are spread by a fixed rule. */
const ports = (): number[] => {
  if (full) return Array.from({length: 65_535}, (_, index) => index + 1)
  const declared = [...flows.values()].flat().flatMap(({first, last}) => (last - first < 100 ? [first, last] : []))
  const near = declared.flatMap(port => [port - 1, port, port + 1])
  const spread = Array.from({length: 2000}, (_, index) => 1 + ((index * 40_503) % 65_535))
  return [...new Set([...near, 22, 53, 80, 443, 8080, ...spread])].filter(port => port > 0 && port < 65_536)
}

test.serial('both gateways are provisioned, and a second run changes nothing', async t => {
  t.timeout(600_000)
  const first = await play()
  t.is(first.code, 0, first.stderr)
  const second = await play()
  t.is(second.code, 0, second.stderr)
  t.deepEqual(
    eventsOf(second.events, 'summary')[0]?.hosts.map(({status, counts}) => [status, counts.changed]),
    [
      ['ok', 0],
      ['ok', 0],
    ],
  )
  await onHost(lab, 'gw1', 'DEBIAN_FRONTEND=noninteractive apt-get install -y -qq rsyslog auditd >/dev/null', 120_000)
  // Programs that answer: one behind a declared port, one behind a port that nobody declared.
  for (const host of pair)
    await onHost(
      lab,
      host,
      `for p in 8443 8444 8080; do systemd-run -q --collect --unit=sweep-$p systemd-socket-activate --listen=$p sleep infinity; done
       for p in 8443 8444 8080; do timeout 10 sh -c 'until ss -Hlnt "sport = :'$p'" | grep -q .; do sleep 0.1; done'; done`,
    )
})

/** What the role writes in another estate: VLANs, three uplinks, IPv6, operators, certificates, a log server. */
const elsewhere = (): Map<string, string> => {
  const [own, other] = [peerOf(ber1, berlinVars), peerOf(ber2, berlinVars)]
  const offers = role.offers({vars: berlinVars, host: own, peers: [other], others: []})
  const facts = {virtualisation: {type: 'kvm', container: false}} as never
  const resources = role.resources({vars: berlinVars, host: own, peers: [other], facts, offers})
  return new Map(
    resources.flatMap(({kind, desired}): [string, string][] => {
      if (kind.name === 'file') return [[desired.path, desired.content]]
      if (kind.name === 'fileset')
        return desired.files.map(({path, content}: {path: string; content: string}) => [path, content])
      if (kind.name === 'nft-table') return [['nft', `table inet judged {\n${desired.rules}}\n`]]
      return kind.name === 'sysctl' ? [[desired.key, `${desired.key} = ${desired.value}\n`]] : []
    }),
  )
}
const checkers: readonly [path: string, check: string, spoil: (text: string) => string][] = [
  ['nft', 'nft -c -f /tmp/judged', text => text.replace('ct state invalid', 'ct state invalit')],
  [
    '/etc/ssh/sshd_config.d/00-gatewright.conf',
    '{ cat /tmp/judged; grep -v ^Include /etc/ssh/sshd_config; } >/tmp/judged.all && sshd -t -f /tmp/judged.all',
    text => text.replace('curve25519-sha256,', 'curve25518-sha256,'),
  ],
  ['/etc/sudoers.d/10-gatewright', 'visudo -c -q -f /tmp/judged', text => text.replace('NOPASSWD:', 'NOPASWD:')],
  ['/etc/chrony/chrony.conf', 'chronyd -p -f /tmp/judged', text => text.replace('minpoll', 'minpol')],
  ['/etc/needrestart/conf.d/50-gatewright.conf', 'perl -c /tmp/judged', text => text.replace("'l'", "'l")],
  [
    '/etc/apt/apt.conf.d/52gatewright-unattended-upgrades',
    `{ echo 'Dir::Etc::parts "/none";'; cat /tmp/judged; } >/tmp/judged.all && APT_CONFIG=/tmp/judged.all apt-config dump | grep -qxF 'Unattended-Upgrade::Package-Blacklist:: "^keepalived";'`,
    text => text.replace('Package-Blacklist {', 'Package-Blacklisd {'),
  ],
  ['/etc/rsyslog.d/00-gatewright.conf', 'rsyslogd -N1 -f /tmp/judged', text => text.replace('omfwd', 'omfwdd')],
  // In a container both are refused by the kernel, after they have been read.
  [
    '/etc/audit/auditd.conf',
    'mv /tmp/judged.d/judged.conf /tmp/judged.d/auditd.conf; timeout 10 auditd -f -c /tmp/judged.d; test $? = 1',
    text => text.replace('INCREMENTAL_ASYNC', 'SOMETIMES'),
  ],
  [
    '/etc/audit/rules.d/50-gatewright.rules',
    `! grep -v '^#' /tmp/judged | while read -r rule; do auditctl $rule 2>&1; done | grep -v 'Operation not permitted'`,
    text => text.replace('adjtimex,', 'adjtimexx,'),
  ],
  [
    '/etc/modprobe.d/gatewright-hardening.conf',
    'test "$(modprobe -C /tmp/judged.d -n --show-depends sctp)" = "install /bin/false "',
    text => text.replace('install sctp', 'install sctq'),
  ],
  [
    '/etc/systemd/system/apt-daily-upgrade.timer.d/gatewright.conf',
    'systemd-analyze calendar "$(sed -n \'s/^OnCalendar=\\(..*\\)/\\1/p\' /tmp/judged)"',
    text => text.replace('22:30', '25:30'),
  ],
]
for (const [path, check, spoil] of checkers)
  test.serial(`the checker of ${path} accepts what is written in another estate, and refuses it spoiled`, async t => {
    const text = elsewhere().get(path) ?? t.fail(`no ${path}`)
    const judge = (input: string) =>
      labExec(
        lab,
        'gw1',
        `rm -rf /tmp/judged*; mkdir /tmp/judged.d; cat >/tmp/judged; cp /tmp/judged /tmp/judged.d/judged.conf; ${check}`,
        {input, timeoutMs: 60_000},
      )
    const {code, stdout, stderr} = await judge(text)
    t.is(code, 0, stdout + stderr)
    t.not(spoil(text), text)
    t.not((await judge(spoil(text))).code, 0)
  })

test.serial('systemd and the kernel know every key that is written', async t => {
  const quiet = async (script: string): Promise<void> => {
    const {code, stdout, stderr} = await labExec(lab, 'gw1', script, {timeoutMs: 60_000})
    t.deepEqual([code, stdout + stderr], [0, ''], script)
  }
  await quiet(
    'systemd-analyze verify --man=no ssh.service apt-daily.timer apt-daily-upgrade.timer gatewright-nft.service',
  )
  await quiet("journalctl --boot -u systemd-journald -o cat | grep -E 'Unknown|Failed to parse' || :")
  await quiet("sysctl --dry-run --system 2>&1 >/dev/null | grep -iE 'cannot stat|malformed|unknown' || :")
  t.regex(await onHost(lab, 'gw1', 'sshd -T'), /^allowgroups ssh-login$/m)
  t.is(await onHost(lab, 'gw1', 'systemctl show -p Restart,RestartUSec --value ssh'), 'on-failure\n2s\n')
})

const targets: readonly [from: keyof typeof outside, to: string, holders: readonly string[]][] = [
  ['192.0.2.1', '192.0.2.2', ['gw1']],
  ['192.0.2.1', '192.0.2.3', ['gw2']],
  ['192.0.2.1', '192.0.2.10', pair],
  ['2001:db8:a::1', '2001:db8:a::2', ['gw1']],
  ['2001:db8:a::1', '2001:db8:a::3', ['gw2']],
  ['2001:db8:a::1', '2001:db8:a::10', pair],
  ['198.51.100.1', '198.51.100.2', ['gw1']],
  ['198.51.100.1', '198.51.100.10', pair],
  ['2001:db8:b::1', '2001:db8:b::3', ['gw2']],
  ['2001:db8:b::1', '2001:db8:b::10', pair],
]
for (const [from, to, holders] of targets)
  test.serial(`from ${from} to ${to}, what passes the filter is what is declared`, async t => {
    t.timeout(600_000)
    const sent = ports()
    const {tcp, udp, answered} = await sweep(lab, 'upstream', from, to, holders, sent)
    const declared = (protocol: string): number[] =>
      sent.filter(port => holders.some(host => isDeclared(host, protocol, port, from, to))).toSorted((a, b) => a - b)
    t.deepEqual(tcp, declared('tcp'))
    t.deepEqual(udp, declared('udp'))
    t.deepEqual(
      answered.filter(port => !tcp.includes(port)),
      [],
      'nothing else answers',
    )
    t.true(answered.includes(8443), 'what is declared and listens does answer')
    t.false(answered.includes(8080), 'what listens and is not declared does not')
    t.is(answered.includes(8444), to.includes(':'))
    t.log(`${sent.length} TCP and UDP ports each; TCP ${tcp.join(' ')}, UDP ${udp.join(' ')}`)
  })

test.serial('nobody outside is taken for somebody inside, and management does not answer there', async t => {
  await onHost(
    lab,
    'upstream',
    'ip route replace 10.10.254.2/32 via 192.0.2.2; ip route replace 10.10.0.2/32 via 192.0.2.2',
  )
  try {
    const swept = [
      await sweep(lab, 'upstream', '10.10.0.100', '192.0.2.2', ['gw1'], [22, 5000, 8443]),
      await sweep(lab, 'upstream', '10.10.254.1', '10.10.254.2', ['gw1'], [22, 5000, 8443]),
      await sweep(lab, 'upstream', '192.0.2.1', '10.10.254.2', ['gw1'], [22, 5000, 8443]),
    ]
    t.deepEqual(swept, [nothing, nothing, nothing])
    const open = await sweep(lab, 'upstream', '192.0.2.1', '10.10.0.2', ['gw1'], [22, 5000, 8443])
    t.deepEqual([open.tcp, open.udp], [[8443], [5000]], 'the control: these packets do arrive')
  } finally {
    await onHost(lab, 'upstream', 'ip route delete 10.10.254.2/32; ip route delete 10.10.0.2/32')
  }
})
const nothing = {tcp: [], udp: [], answered: []}

test.serial('SSH answers on management, and on no other link', async t => {
  const {answered} = await sweep(lab, 'control', '10.10.254.1', '10.10.254.2', ['gw1'], [22, 80])
  t.deepEqual(answered, [22])
  const inside = await sweep(lab, 'client', '10.10.0.100', '10.10.0.2', ['gw1'], [22, 8080, 8443])
  t.deepEqual(inside.answered, [8443])
  for (const host of pair) t.is((await gatewright('exec', host, '-i', inventory, '--become', 'id -u')).code, 0)
})

/** Advertisements that arrive at the gateway which is not master, and those that pass its filter. */
const counting = `table inet adverts
delete table inet adverts
table inet adverts {
  counter arrived {}
  counter passed {}
  chain arrived { type filter hook prerouting priority -310; policy accept; meta l4proto 112 counter name arrived; }
  chain passed { type filter hook input priority 10; policy accept; meta l4proto 112 counter name passed; }
}
`
const adverts = async (host: string): Promise<{arrived: number; passed: number}> => {
  const text = await onHost(lab, host, 'nft list counters table inet adverts')
  const of = (name: string): number => Number(new RegExp(`counter ${name} {\\s+packets (\\d+)`).exec(text)?.[1])
  return {arrived: of('arrived'), passed: of('passed')}
}
/** One that is between the two counters just now is not lost. */
const lost = async (host: string): Promise<number> => {
  let least = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < 20 && least > 0; attempt++) {
    const {arrived, passed} = await adverts(host)
    least = Math.min(least, arrived - passed)
  }
  return least
}
const reload = 'nft -f /etc/gatewright/nft/gatewright_filter.nft'

test.serial(
  'fifty reloads of the filter lose no VRRP advertisement; a rule that is there for a moment does',
  async t => {
    const has = async (host: string): Promise<boolean> =>
      (await onHost(lab, host, 'ip -oneline address show to 192.0.2.10')) !== ''
    const standby = (await has('gw1')) ? 'gw2' : 'gw1'
    await onHost(lab, standby, `nft -f - <<'END'\n${counting}END`)
    try {
      await onHost(lab, standby, `for n in $(seq 50); do ${reload} || exit; sleep 0.05; done`)
      const {arrived} = await adverts(standby)
      t.true(arrived >= 10, `${arrived} advertisements`)
      t.is(await lost(standby), 0)
      t.log(`${arrived} advertisements during 50 reloads, none lost`)
      const before = (await adverts(standby)).arrived
      await onHost(lab, standby, 'nft insert rule inet gatewright_filter input meta l4proto 112 drop')
      while ((await adverts(standby)).arrived === before) await onHost(lab, standby, 'sleep 0.05')
      await onHost(lab, standby, reload)
      t.true((await lost(standby)) > 0)
    } finally {
      await onHost(lab, standby, 'nft delete table inet adverts')
    }
  },
)

test.serial('a change of the firewall on the live pair is confirmed and moves nothing', async t => {
  t.timeout(200_000)
  const holders = async (): Promise<string[]> =>
    Promise.all(pair.map(host => onHost(lab, host, 'ip -oneline address show to 192.0.2.10')))
  const before = await holders()
  const run = await play('-e', '{hardening_echo_rate: 2000}')
  t.is(run.code, 0, run.stderr)
  t.deepEqual(
    pair.map(host =>
      eventsOf(run.events, 'item-end', host)
        .filter(({item}) => item.verdict === 'changed')
        .map(({item}) => item.id),
    ),
    [['nft-table gatewright_filter'], ['nft-table gatewright_filter']],
  )
  t.deepEqual(await holders(), before)
})

test.serial(
  'hardening.verify finds what listens and is not declared; hardening.admit opens SSH for a while',
  async t => {
    const task = (name: string, ...args: string[]) =>
      gatewright('task', 'gw1', `hardening.${name}`, '-i', inventory, '--become', '--json', ...args)
    const found = await task('verify')
    t.is(found.code, 3)
    t.regex(JSON.stringify(found.events), /tcp \*:8080|tcp \[::\]:8080/)
    await onHost(lab, 'gw1', 'systemctl stop sweep-8080')
    const fine = await task('verify')
    t.is(fine.code, 0, JSON.stringify(eventsOf(fine.events, 'item-end', 'gw1')[0]?.item))

    const closed = await sweep(lab, 'upstream', '192.0.2.1', '192.0.2.2', ['gw1'], [22])
    t.deepEqual(closed.tcp, [])
    t.is((await task('admit', '-e', 'address=192.0.2.1', '-e', 'minutes=1')).code, 0)
    const open = await sweep(lab, 'upstream', '192.0.2.1', '192.0.2.2', ['gw1'], [22])
    t.deepEqual(open.tcp, [22])
    t.is((await task('admit', '-e', 'address=example.net')).code, 3)
    await onHost(lab, 'gw1', 'nft flush set inet gatewright_filter admitted_ip')
    t.is((await play('--check', '-e', '{hardening_echo_rate: 2000}')).code, 0, 'what sets hold is no difference')
  },
)

test.serial(
  'what would shut out the connection or the account in use is refused before anything is touched',
  async t => {
    for (const [wrong, rule] of [
      ['{hardening_management_from: [203.0.113.0/24]}', /you come from 10\.10\.254\.1/],
      ['{hardening_ssh_groups: [nobody-else]}', /you are logged in as operator/],
      ['{hardening_log_rate: 1000000}', /the logs of 190 days/],
    ] as const) {
      const {code, stdout, stderr} = await play('-e', wrong)
      t.is(code, 6, stderr)
      t.regex(stdout + stderr, rule)
    }
  },
)
