import {bare} from '../subnet.ts'
import {beatSeconds} from '../templates/follow-script.ts'
import {keepalivedConf} from '../templates/keepalived-conf.ts'
import {vrrpView} from '../view.ts'
import {neededDevices} from './devices.ts'
import {tracks} from './observe.ts'
import {again, type Context, replay, type Step} from './seen.ts'

const flows = ['no-failover'] as const

export const daemonSteps: readonly Step[] = [
  {
    id: 'vrrp-link',
    flows,
    stage: 'link',
    asks: 'are the links up that it speaks on and watches',
    look({vars, host, facts}) {
      const devices = neededDevices(vars, host)
      return {
        saw: `${devices.join(', ')}: up, with carrier`,
        wrong: devices.flatMap(device => {
          const is = facts.links[device]
          if (is?.up && is.carrier) return []
          const saw = is === undefined ? `there is no ${device}` : `${device} ${is.up ? 'has no carrier' : 'is down'}`
          return [
            {
              saw,
              means:
                'a gateway without this link does not hear its peer, or gives the addresses away and does not take them',
              repair: is?.up
                ? `plug in the cable of ${device} on ${host.name}, then gatewright diagnose no-failover`
                : `gatewright exec ${host.name} --become -- ip link set ${device} up`,
            },
          ]
        }),
      }
    },
  },
  {
    id: 'vrrp-settings',
    flows,
    stage: 'settings',
    asks: 'is its configuration that of the playbook: VRID, priority, version, interval, peers',
    look({vars, host, facts, members, offers}) {
      const {conf} = facts
      const wrong = (saw: string, means: string) => ({
        saw: 'as the playbook says',
        wrong: [{saw, means, repair: replay(host.name)}],
      })
      if (conf === undefined)
        return wrong(
          'there is no /etc/keepalived/keepalived.conf',
          'this gateway was never provisioned: nobody is there to take over',
        )
      const wanted = keepalivedConf(vrrpView(vars, facts, host, members, offers))
      const [is, should] = [onlyIn(conf, wanted), onlyIn(wanted, conf)]
      return is.length + should.length === 0
        ? {saw: 'as the playbook says', wrong: []}
        : wrong(
            `keepalived.conf has ${quoted(is)} where the playbook says ${quoted(should)}`,
            'the two gateways do not take each other for a pair: they answer to different numbers, or refuse what the other says',
          )
    },
  },
  {
    id: 'vrrp-daemon',
    flows,
    stage: 'service',
    asks: 'does keepalived run',
    unless: ['vrrp-settings'],
    look({host, facts: {daemons}}) {
      const {units, processes, denied} = daemons
      const active = units['keepalived'] ?? 'unknown'
      const still = processes.filter(state => state.startsWith('T'))
      const deny = denied === undefined ? '' : `; AppArmor: ${denied}`
      return {
        saw: `active, ${processes.length} processes`,
        wrong: [
          ...(active === 'active'
            ? []
            : [
                {
                  saw: `keepalived is ${active}${deny}`,
                  means: denied === undefined ? 'nobody here can take the addresses' : 'AppArmor refuses what it needs',
                  repair: denied === undefined ? again(host.name, 'keepalived') : replay(host.name),
                },
              ]),
          ...(active === 'active' && still.length > 0
            ? [
                {
                  saw: `${still.length} of ${processes.length} processes of keepalived stand still (${still.join(' ')})`,
                  means: 'somebody has stopped it: it neither speaks nor listens, and keeps the addresses that it has',
                  repair: again(host.name, 'keepalived'),
                },
              ]
            : []),
        ],
      }
    },
  },
  {
    id: 'vrrp-apparmor',
    flows,
    stage: 'service',
    asks: 'does AppArmor let keepalived do its work',
    unless: ['vrrp-daemon'],
    look: ({host, facts: {daemons}}) => ({
      saw: 'nothing refused within the last hour',
      wrong:
        daemons.denied === undefined
          ? []
          : [
              {
                saw: daemons.denied,
                means: 'a profile of AppArmor refuses what a script or a file of keepalived needs',
                repair: `gatewright exec ${host.name} --become -- aa-complain keepalived`,
              },
            ],
    }),
  },
  {
    id: 'vrrp-follow',
    flows,
    stage: 'service',
    asks: 'is its state followed',
    unless: ['vrrp-daemon', 'vrrp-settings'],
    look({host, facts: {daemons}}) {
      const active = daemons.units['gatewright-vrrp'] ?? 'unknown'
      const isOld = daemons.age > 3 * beatSeconds
      return {
        saw: `active, state ${daemons.state ?? 'unknown'}`,
        wrong:
          active === 'active' && daemons.state !== undefined && !isOld
            ? []
            : [
                {
                  saw: `gatewright-vrrp is ${active}${isOld ? `, the state is ${daemons.age} s old` : ''}`,
                  means: 'what follows the state (connections, tunnels, routes) does not move with the addresses',
                  repair: again(host.name, 'gatewright-vrrp'),
                },
              ],
      }
    },
  },
  {
    id: 'vrrp-connections',
    flows,
    stage: 'service',
    asks: 'does conntrackd run',
    look({vars, host, facts: {daemons}}) {
      if (!vars.conntrack) return undefined
      const active = daemons.units['conntrackd'] ?? 'unknown'
      return {
        saw: 'active',
        wrong:
          active === 'active'
            ? []
            : [
                {
                  saw: `conntrackd is ${active}`,
                  means:
                    'connections would not survive a switch, so that this gateway gives the addresses away and does not take them',
                  repair: again(host.name, 'conntrackd'),
                },
              ],
      }
    },
  },
  {
    id: 'vrrp-maintenance',
    flows,
    stage: 'order',
    asks: 'is it in service',
    look: ({host, facts: {daemons}}) => ({
      saw: 'no maintenance',
      wrong:
        tracks.maintenance in daemons.tracks
          ? [
              {
                saw: `${tracks.maintenance} is ${daemons.tracks[tracks.maintenance]}`,
                means: 'somebody has taken this gateway out of service: it takes no address until that is ended',
                repair: `gatewright task ${host.name} vrrp.maintenance -e state=off --become`,
              },
            ]
          : [],
    }),
  },
  {
    id: 'vrrp-tracks',
    flows,
    stage: 'agreement',
    asks: 'does a watched file keep it from being master',
    unless: ['vrrp-maintenance', 'vrrp-connections', 'vrrp-daemon', 'vrrp-follow'],
    look({host, facts: {daemons}}) {
      const found = [tracks.conntrack, tracks.split].filter(file => file in daemons.tracks)
      return {
        saw: `state ${daemons.state ?? 'unknown'}`,
        wrong: found.map(file =>
          file === tracks.conntrack
            ? {
                saw: `${file} is ${daemons.tracks[file]}`,
                means: 'conntrackd does not have the connections of the peer',
                repair: again(host.name, 'conntrackd'),
              }
            : {
                saw: `${file} is ${daemons.tracks[file]}`,
                means: 'there were two masters, and this one has given up until the gateways hear each other',
                repair: `gatewright task ${host.name} vrrp.verify --become`,
              },
        ),
      }
    },
  },
  {
    id: 'vrrp-address',
    flows,
    stage: 'agreement',
    asks: 'does the master have the virtual addresses',
    look(context) {
      const {vars, host, facts} = context
      if (facts.daemons.state !== 'MASTER') return undefined
      const own = new Set(facts.addresses.map(({address}) => bare(address)))
      const missing = vars.addresses.map(({address}) => bare(address)).filter(address => !own.has(address))
      return {
        saw: vars.addresses.map(({address}) => bare(address)).join(', '),
        wrong:
          missing.length === 0
            ? []
            : [
                {
                  saw: `it is master and does not have ${missing.join(', ')}`,
                  means: 'something has removed the address behind the back of keepalived, and nobody answers for it',
                  repair: again(host.name, 'keepalived'),
                },
              ],
      }
    },
  },
  {
    id: 'vrrp-masters',
    flows,
    stage: 'agreement',
    asks: 'is exactly one of them master',
    look: context => masters(context),
  },
  {
    id: 'vrrp-nat',
    flows: ['single-arm'],
    stage: 'filter',
    asks: 'are addresses translated on the way out',
    look({vars, host, facts}) {
      const chains = facts.packetFilter
      if (vars.nat.length === 0 || chains === undefined) return undefined
      const own = chains.filter(({table}) => table === 'gatewright_nat')
      return {
        saw: 'the table inet gatewright_nat',
        wrong: own.some(({rules}) => rules.length > 0)
          ? []
          : [
              {
                saw: 'the table inet gatewright_nat is missing or empty',
                means: 'packets leave with private addresses, and no reply finds its way back',
                repair: replay(host.name),
              },
            ],
      }
    },
  },
]

const masters = ({host, facts, peers}: Context) => {
  const [first] = [host.name, ...peers.map(({name}) => name)].toSorted()
  if (first !== host.name || peers.length === 0) return undefined
  const states = [
    {name: host.name, state: facts.daemons.state},
    ...peers.map(peer => ({name: peer.name, state: peer.facts.daemons.state})),
  ]
  const found = states.filter(({state}) => state === 'MASTER')
  const saw = states.map(({name, state}) => `${name} ${state ?? 'unknown'}`).join(', ')
  return {
    saw,
    wrong:
      found.length === 1
        ? []
        : [
            {
              saw,
              means: found.length === 0 ? 'nobody has the addresses' : 'both claim the addresses',
              repair: `gatewright task ${states.map(({name}) => name).join(',')} vrrp.verify --become`,
            },
          ],
  }
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
const onlyIn = (text: string, other: string): string[] => {
  const known = new Set(linesOf(other))
  return linesOf(text).filter(line => !known.has(line))
}
/** The first few; a file that is another one altogether is told by them well enough. */
const quoted = (lines: readonly string[]): string =>
  lines.length === 0
    ? 'nothing'
    : `${lines
        .slice(0, 3)
        .map(line => `'${line}'`)
        .join(', ')}${lines.length > 3 ? ` and ${lines.length - 3} more` : ''}`
