import {beatSeconds} from '../templates/follow-script.ts'
import {again, replay, type Step} from './seen.ts'

const flows = ['no-failover'] as const

/** The processes that make a gateway take over. */
export const daemonSteps: readonly Step[] = [
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
]
