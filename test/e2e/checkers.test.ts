// What the roles render, judged by the daemons' own checkers on a Debian host: a template may be as intended and still be
// wrong. In a lab of its own, beside whatever lab is up.
import {dirname, join} from 'node:path'
import test from 'ava'
import {down, labExec, loadTopology, type Result, up} from '../../lab/index.ts'
import {factsOf, office, otherRoles} from '../../roles/vrrp/test/fixtures.ts'
import {load} from '../../src/playbook/load.ts'
import {root} from '../support/gatewright.ts'
import '../../src/resolve.ts'

const {keepalivedConf} = await import('../../roles/vrrp/templates/keepalived-conf.ts')
const {vrrpView} = await import('../../roles/vrrp/view.ts')

const lab = loadTopology(join(root, 'test/fixtures/lab/checkers.yml'))
const on = (script: string, input?: string): Promise<Result> =>
  labExec(lab, 'gw1', script, {...(input !== undefined && {input}), timeoutMs: 120_000})
const must = async (script: string, input?: string): Promise<string> => {
  const {code, stdout, stderr} = await on(script, input)
  if (code !== 0) throw new Error(`${script}\nended with ${code}: ${stdout}${stderr}`)
  return stdout
}

test.before(async t => {
  t.timeout(600_000)
  await up(lab)
  await must(
    'DEBIAN_FRONTEND=noninteractive apt-get install -y -qq keepalived conntrackd nftables && systemctl stop keepalived conntrackd',
  )
})
test.after.always(() => down(lab))

type File = {readonly path: string; readonly content: string; readonly mode?: string}
type Written = {
  readonly files: readonly File[]
  readonly tables: readonly string[]
  readonly addresses: ReadonlyMap<string, string[]>
}

/** Host -> what the role vrrp writes there, by the playbook of the project and an inventory, and addresses by device. */
const rendered = async (
  inventory: string,
  extraVars: readonly string[] = [],
): Promise<ReadonlyMap<string, Written>> => {
  const options = {playbooks: [join(root, 'playbooks/site.yml')], projectDirectory: root, extraVars}
  const {plays, hosts, offers} = await load({...options, inventories: [join(root, inventory)]})
  const entry = plays[0]?.entries.find(each => each.entry === 'role' && each.call.role.name === 'vrrp')
  if (entry?.entry !== 'role') throw new Error(`${inventory}: no role`)
  const {role, vars, peers} = entry.call
  return new Map(
    (plays[0]?.hosts ?? []).map(name => {
      const host = hosts.get(name)?.host
      if (!host) throw new Error(`no host ${name}`)
      const links = Object.fromEntries(Object.values(host.links).map(({device}) => [device, {}]))
      const resources = role.resources({
        vars: vars.get(name),
        facts: {links, virtualisation: {container: false}},
        host,
        peers: peers.get(name) ?? [],
        offers: offers.get(name) ?? [],
      })
      const written: Written = {
        files: resources.flatMap(({kind, desired}) => (kind.name === 'file' ? [desired as File] : [])),
        tables: resources.flatMap(({kind, desired}) =>
          kind.name === 'nft-table' ? [`table ${desired.family} ${desired.name} {\n${desired.rules}}\n`] : [],
        ),
        addresses: new Map(Object.values(host.links).map(({device, addresses}) => [device, [...addresses]])),
      }
      return [name, written]
    }),
  )
}

const fileOf = (written: Written | undefined, path: string): string => {
  const found = written?.files.find(file => file.path === path)
  if (!found) throw new Error(`no ${path}`)
  return found.content
}
const configuration = (written: Written | undefined): string => fileOf(written, '/etc/keepalived/keepalived.conf')

/** The devices of a host, with its addresses, in a network namespace of their own. */
const devices = async ({addresses}: Written): Promise<void> => {
  const lines = [...addresses].map(
    ([device, all], index) =>
      `ip link add ${device} type veth peer name other${index}; ip link set ${device} up; ip link set other${index} up; ${all.map(address => `ip address add ${address} dev ${device} nodad`).join('; ')}`,
  )
  await must(
    `ip netns delete judge 2>/dev/null; ip netns add judge && ip netns exec judge sh -ec ${JSON.stringify(lines.join('; '))}`,
  )
}
const judge = (text: string): Promise<Result> =>
  on('cat >/tmp/judged.conf && ip netns exec judge keepalived --config-test --use-file /tmp/judged.conf', text)

for (const [title, inventory, extraVars, words] of [
  ['the lab', 'inventory/lab', [], ['interface sync', 'dont_track_primary', '192.0.2.10/24 dev wan-a']],
  ['VLAN devices; one pair is grouped and preempts', 'inventory/example', [], ['interface sync.99']],
  [
    'VLAN devices without realtime scheduling, at the ends of what the schema allows',
    'inventory/example',
    [
      '{vrrp_realtime_priority: 0, vrrp_advert_interval: 0.02, vrrp_down_timer_adverts: 100, vrrp_garp_refresh: 0}',
      '{vrrp_garp_repeat: 60, vrrp_router_id: 255}',
    ],
    ['interface sync.99', 'advert_int 0.02', 'virtual_router_id 255'],
  ],
] as const)
  test.serial(`keepalived accepts the configuration of every gateway: ${title}`, async t => {
    const files = await rendered(inventory, extraVars)
    t.true(files.size >= 2)
    for (const word of words) t.true(configuration([...files.values()][0]).includes(word), word)
    for (const [host, written] of files) {
      const text = configuration(written)
      await devices(written)
      const {code, stdout, stderr} = await judge(text)
      t.is(code, 0, `${host}: ${stdout}${stderr}`)
      t.is(stdout + stderr, '', `${host}: not even a warning`)
      // It has no dry run: what it refuses ends it at once, and else it goes on until it is stopped (124).
      const conntrackd = fileOf(written, '/etc/conntrackd/conntrackd.conf')
      const ran = await on(
        'cat >/tmp/conntrackd.conf && ip netns exec judge timeout 1 conntrackd -C /tmp/conntrackd.conf',
        conntrackd,
      )
      t.is(ran.code, 124, `${host}: ${ran.stdout}${ran.stderr}`)
      for (const table of written.tables)
        await must('cat >/tmp/table.nft && ip netns exec judge nft -c -f /tmp/table.nft', table)
    }
    if (inventory === 'inventory/example') {
      t.false(configuration(files.get('lej-gw1')).includes('nopreempt'))
      t.true(configuration(files.get('lej-gw1')).includes('vrrp_sync_group'))
    }
  })

test.serial('keepalived accepts VLANs on a bond, three uplinks, IPv6 alone, and the tracks of other roles', async t => {
  const pair = office()
  const view = vrrpView(pair.vars, factsOf(pair), pair.host, [pair.peer], otherRoles)
  const addresses = new Map(Object.values(pair.host.links).map(({device, addresses}) => [device, [...addresses]]))
  await devices({files: [], tables: [], addresses})
  const {code, stdout, stderr} = await judge(keepalivedConf(view))
  t.deepEqual([code, stdout, stderr], [0, '', ''])
})

for (const [title, from, to] of [
  ['an unknown keyword', 'dont_track_primary', 'dont_trakc_primary'],
  ['a router identifier out of range', 'virtual_router_id 110', 'virtual_router_id 300'],
  ['a brace that is missing', /\}\n$/, ''],
] as const)
  test.serial(`keepalived refuses ${title}: a broken file would not be put in place`, async t => {
    const written = (await rendered('inventory/lab')).get('gw1')
    const text = configuration(written)
    if (written) await devices(written)
    const broken = text.replace(from, to)
    t.not(broken, text)
    const {code, stdout, stderr} = await judge(broken)
    t.not(code, 0, `${stdout}${stderr}`)
    t.not(stdout + stderr, '')
  })

test.serial('systemd accepts keepalived.service with the drop-in, and would tell of a wrong one', async t => {
  const written = (await rendered('inventory/lab')).get('gw1')
  const dropIn = written?.files.find(({path}) => path.includes('keepalived.service.d/'))
  if (!dropIn) return t.fail('no drop-in')
  for (const {path, content, mode = '0644'} of written?.files ?? [])
    if (/\/gatewright-\S+\.service$|\/lib\/gatewright\//.test(path))
      await must(`mkdir -p ${dirname(path)} && cat >${path} && chmod ${mode} ${path}`, content)
  const verify = async (content: string): Promise<Result> => {
    await must(`mkdir -p /etc/systemd/system/keepalived.service.d && cat >${dropIn.path}`, content)
    return on('systemd-analyze verify --man=no keepalived.service')
  }
  const {code, stdout, stderr} = await verify(dropIn.content)
  t.deepEqual([code, stdout, stderr], [0, '', ''])
  t.is((await must('systemctl daemon-reload && systemctl show -p Restart --value keepalived')).trim(), 'always')
  const wrong = await verify(dropIn.content.replace('Restart=always', 'Restart=sometimes'))
  t.regex(wrong.stderr, /gatewright\.conf:\d+: .*sometimes/)
})
