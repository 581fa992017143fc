import {bare} from '../subnet.ts'
import {tracks} from './observe.ts'
import {again, type Context, replay, type Step} from './seen.ts'

const flows = ['no-failover'] as const

/** What a person has ordered, and what has become of the pair. */
export const stateSteps: readonly Step[] = [
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
